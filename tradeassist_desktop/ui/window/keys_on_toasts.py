"""The keyboard in the toasts: how it gets there, and the window's keys while it is."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow

from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.toasts import ToastStack
from tradeassist_desktop.ui.window.commands import Commands


class KeysOnToasts(QObject):
    """Has keys that work everywhere in the window do so on its toasts, which are a window of their own.

    Args:
        go_there: The command that gives the keyboard to the toasts.
    """

    def __init__(
        self,
        *,
        context: PanelContext,
        commands: Commands,
        go_there: QAction,
        toasts: ToastStack,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._commands = commands
        self._toasts = toasts
        self._window = window
        go_there.triggered.connect(self._go)
        toasts.keys_unused.connect(self._do)

    def _go(self) -> None:
        if self._toasts.window.isVisible():
            self._toasts.take_keyboard()
        else:
            self._context.navigator.noticed.emit("There is no toast to go to.")

    def _do(self, keys: QKeySequence) -> None:
        command = self._commands.of_keys_everywhere(keys)
        if command is None:
            return
        # Before it is done: a sheet that it opens returns the keyboard, in the end, to what had it.
        self._toasts.give_back_keyboard()
        reason = self._context.rights.refuse_keys(keys, self._window.focusWidget())
        if reason:
            self._context.navigator.noticed.emit(reason)
        self._commands.run(command)  # nothing, where there is a reason
