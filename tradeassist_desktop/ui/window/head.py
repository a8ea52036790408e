"""What stands above the docks: the menu bar, and lines that come and go."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenuBar, QSizePolicy, QVBoxLayout, QWidget

from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.notice import UndoBar
from tradeassist_desktop.ui.widgets.replay_bar import ReplayBar


class Head(QWidget):
    """Menu bar, what kind of run this is, the replay's controls, and what can be taken back.

    Args:
        undo: Stands beside the menus.
    """

    def __init__(self, *, context: PanelContext, undo: UndoBar, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        # Not menuBar(): that would put a bar of its own in this widget's place.
        self.menu_bar = QMenuBar(self)
        self.menu_bar.setObjectName("menuBar")
        self.menu_bar.setNativeMenuBar(False)
        # Its place is kept while it is hidden: lines that come and go would squeeze the docks each time,
        # and Qt gives what comes free to those at the bottom alone.
        policy = undo.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        undo.setSizePolicy(policy)
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.menu_bar)
        row.addWidget(undo, 1)
        column.addLayout(row)
        if context.desk.is_dev:
            banner = QLabel("Development run: endpoints may be redirected (--dev).", self)
            banner.setTextFormat(Qt.TextFormat.PlainText)
            banner.setObjectName("devBanner")
            column.addWidget(banner)
        self.replay_bar: ReplayBar | None = None
        if context.desk.replay is not None:
            self.replay_bar = ReplayBar(replay=context.desk.replay, context=context, parent=self)
            column.addWidget(self.replay_bar)
