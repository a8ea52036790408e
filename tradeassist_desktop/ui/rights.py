"""What can be clicked follows who is at the desk; the services ask again, whatever is clicked."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, SignalInstance
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.access import Act, Denied, may_in_words
from tradeassist_desktop.ui.tips import plain_tip

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

_OWN_TIP: Final = "tipOfItsOwn"


class Rights(QObject):
    """Shows as disabled what who is at the desk may not do, with the role that may.

    Args:
        desk: Whose rights and lock they are.
        changed: Emitted when somebody else is at the desk.
    """

    def __init__(self, *, desk: "Desk", changed: SignalInstance, parent: QObject) -> None:
        super().__init__(parent)
        self._gate = desk.access
        self._lock = desk.lock
        self._wishes: dict[int, tuple[QWidget | QAction, Act, bool]] = {}
        self._reasons: dict[int, Callable[[], str]] = {}
        changed.connect(self._follow)

    def may(self, act: Act) -> bool:
        """Return whether who is at the desk may do it."""
        return self._gate.may(act)

    @property
    def hides_alert_text(self) -> bool:
        """Whether alerts are told without their text."""
        return self._lock is not None and self._lock.app_lock.hides_alert_text

    def enable(self, thing: QWidget | QAction, act: Act, is_wanted: bool = True) -> None:
        """Enable a thing if it is wanted and allowed; its enabling is left to this from now on.

        Args:
            thing: A button, an action, or a widget with all that is in it.
            is_wanted: Whether there is something to do with it.
        """
        key = id(thing)
        if key not in self._wishes:
            thing.destroyed.connect(partial(self._wishes.pop, key, None))
        self._wishes[key] = thing, act, is_wanted
        self._show(thing, act, is_wanted)

    def explain(self, thing: QWidget | QAction, reason: Callable[[], str]) -> None:
        """Have a thing say why there is nothing to do with it now, as a sentence; empty where there is."""
        key = id(thing)
        if key not in self._reasons:
            thing.destroyed.connect(partial(self._reasons.pop, key, None))
        self._reasons[key] = reason

    def reason(self, thing: QWidget | QAction) -> str:
        """Return why a thing does nothing now, for who is at the desk; empty where that is not known."""
        act = self.act_of(thing)
        if act is not None and not self.may(act):
            return why_not(act)
        reason = self._reasons.get(id(thing))
        return "" if reason is None else reason()

    def act_of(self, thing: QWidget | QAction) -> Act | None:
        """Return what has to be allowed for a thing to be enabled; ``None`` where nothing has."""
        _, act, _ = self._wishes.get(id(thing), (thing, None, True))
        return act

    def refuse(self, act: Act) -> str:
        """Return why who is at the desk may not do what they wanted to; empty where they may.

        That it was wanted is written down, as whatever a service refuses is.
        """
        try:
            self._gate.require(act)
        except Denied:
            return why_not(act)
        return ""

    def refuse_keys(self, keys: QKeySequence, pressed_in: QObject | None) -> str:
        """Return why keys do nothing in a widget, as ``refuse`` does; empty where nothing is refused."""
        for thing, act, _ in tuple(self._wishes.values()):
            if not isinstance(thing, QAction) or self.may(act) or keys not in thing.shortcuts():
                continue
            is_everywhere = thing.shortcutContext() is Qt.ShortcutContext.WindowShortcut
            if is_everywhere or pressed_in in thing.associatedObjects():
                return self.refuse(act)
        return ""

    def _follow(self) -> None:
        for thing, act, is_wanted in tuple(self._wishes.values()):
            self._show(thing, act, is_wanted)

    def _show(self, thing: QWidget | QAction, act: Act, is_wanted: bool) -> None:
        is_allowed = self.may(act)
        thing.setEnabled(is_wanted and is_allowed)
        own_tip = thing.property(_OWN_TIP)
        if not is_allowed and own_tip is None:
            thing.setProperty(_OWN_TIP, thing.toolTip())
            thing.setToolTip(plain_tip(why_not(act)))
        elif is_allowed and own_tip is not None:
            thing.setProperty("toolTip", own_tip)  # which was made plain when it was set
            thing.setProperty(_OWN_TIP, None)


def set_tip(thing: QWidget | QAction, words: str) -> None:
    """Give a thing its own tooltip, which waits while another one says who may use it."""
    if thing.property(_OWN_TIP) is None:
        thing.setToolTip(plain_tip(words))
    else:
        thing.setProperty(_OWN_TIP, plain_tip(words))


def why_not(act: Act) -> str:
    """Return who may do it, as a sentence: ``Only an admin may change settings.``"""
    who = may_in_words(act)
    return f"{who[:1].upper()}{who[1:]} may {act.value}."
