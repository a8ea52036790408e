"""The panes of one page, in rows, with handles between them."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from tradeassist_desktop.ui.chart.pages import Page, PaneState
from tradeassist_desktop.ui.chart.pane import ChartPane


class Grid(QWidget):
    """Keeps the panes that stay when the page is arranged anew.

    Args:
        build: Makes a pane.
    """

    pane_built = Signal(object)
    """A ``ChartPane`` has been made."""

    def __init__(self, *, page: Page, build: Callable[[PaneState], ChartPane], parent: QWidget) -> None:
        super().__init__(parent)
        self._build = build
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._frame: QSplitter | None = None
        self.panes: list[ChartPane] = []
        self.active = 0
        self._rows = tuple(len(row) for row in page.rows)
        for state in page.panes:
            self._add(len(self.panes), state)
        self._arrange()

    @property
    def page(self) -> Page:
        """The page as it is now."""
        states = iter([pane.state for pane in self.panes])
        return Page(tuple(tuple(next(states) for _ in range(count)) for count in self._rows))

    @property
    def active_pane(self) -> ChartPane:
        """The pane that keys and choices are for."""
        return self.panes[self.active]

    def activate(self, pane: ChartPane) -> None:
        """Have keys and choices go to a pane."""
        if pane in self.panes:
            self.active = self.panes.index(pane)
            self._mark()

    def split(self, *, below: bool) -> bool:
        """Put a pane beside or below the active one; return whether there was room."""
        before = self.page
        after = before.split(self.active, below=below)
        if after is None:
            return False
        number = _added(before, after, self.active)
        self._rows = tuple(len(row) for row in after.rows)
        self._add(number, after.panes[number])
        self.active = number
        self._arrange()
        return True

    def close_active(self) -> None:
        """Take the active pane away; the last one stays."""
        if len(self.panes) == 1:
            return
        after = self.page.without(self.active)
        gone = self.panes.pop(self.active)
        self._rows = tuple(len(row) for row in after.rows)
        self.active = min(self.active, len(self.panes) - 1)
        self._arrange()
        gone.hide()
        gone.deleteLater()
        self.active_pane.take_focus()

    def _add(self, number: int, state: PaneState) -> None:
        pane = self._build(state)
        pane.activated.connect(lambda: self.activate(pane))
        self.panes.insert(number, pane)
        self.pane_built.emit(pane)

    def _arrange(self) -> None:
        frame = QSplitter(Qt.Orientation.Vertical, self)
        frame.setHandleWidth(3)
        frame.setChildrenCollapsible(False)
        panes = iter(self.panes)
        for count in self._rows:
            row = QSplitter(Qt.Orientation.Horizontal, frame)
            row.setHandleWidth(3)
            row.setChildrenCollapsible(False)
            for _ in range(count):
                row.addWidget(next(panes))
            row.setSizes([1000] * count)
            frame.addWidget(row)
        frame.setSizes([1000] * len(self._rows))
        before, self._frame = self._frame, frame
        self._column.addWidget(frame)
        if before is not None:
            self._column.removeWidget(before)
            before.deleteLater()
        for pane in self.panes:
            pane.show()
        self._mark()

    def _mark(self) -> None:
        for number, pane in enumerate(self.panes):
            pane.show_active(number == self.active, is_alone=len(self.panes) == 1)


def _added(before: Page, after: Page, number: int) -> int:
    """Return the place of the pane that was added: the only one whose row has grown, or is new."""
    rows_before, rows_after = [len(row) for row in before.rows], [len(row) for row in after.rows]
    begun = 0
    for row, count in enumerate(rows_after):
        if row >= len(rows_before) or count > rows_before[row]:
            is_beside = row < len(rows_before) and begun <= number < begun + rows_before[row]
            return number + 1 if is_beside else begun + count - 1
        begun += count
    raise AssertionError("one row has grown")
