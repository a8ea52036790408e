"""Charts: one or several side by side, on tabs; they follow the watchlist or keep their symbols."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, QSettings, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QStackedWidget, QTabBar, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.preview import PreviewMark
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui.chart.grid import Grid
from tradeassist_desktop.ui.chart.pages import MOST_PAGES, Page, PaneState, from_text, to_text
from tradeassist_desktop.ui.chart.pane import ChartPane
from tradeassist_desktop.ui.chart.pane_menu import PaneMenu
from tradeassist_desktop.ui.chart.pictures import ask_for_file, copy_picture, picture_name, save_picture
from tradeassist_desktop.ui.panels.base import LISTED_ONLY, Panel, PanelContext

_NO_ROOM: Final = "There is room for no more charts here: open a new tab."
_KEY: Final = "chart/pages"
_KEYS: Final = (
    ("Pan", "Left"),
    ("Zoom in", "+"),
    ("Zoom out", "-"),
    ("Go to the first bar", "Home"),
    ("Go to the newest bar", "End"),
    ("Choose the next level; Up and Down move it, Enter keeps it, Esc does not", "L"),
)


class ChartPanel(Panel):
    """Pages of charts, remembered over a restart."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._grids: list[Grid] = []
        self._rule_uid: str | None = None
        self._previews: tuple[PreviewMark, ...] = ()
        self._is_restoring = True
        self._is_first = False
        self._actions = self._make_actions()
        self._menu = PaneMenu(context=context, arranging=self._arranging)
        self._tabs = QTabBar(self)
        self._tabs.setObjectName("chartTabs")
        self._tabs.setAccessibleName("Charts")
        self._tabs.setExpanding(False)
        self._tabs.setDocumentMode(True)
        self._tabs.currentChanged.connect(self._show_page)
        self.toast_ground = self._stack = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tabs)
        column.addWidget(self._stack, 1)
        self._restore()
        self._connect()

    # --- what the window asks of it

    def take_focus(self) -> None:
        """Go to the chart in front, whether or not it has bars."""
        self._active.take_focus()

    @property
    def panes(self) -> tuple[ChartPane, ...]:
        """The charts in front, row by row."""
        return tuple(self._grid.panes)

    def save_active(self, file: Path) -> None:
        """Write a picture of the active chart."""
        save_picture(self._active, file)
        self.context.navigator.noticed.emit(f"Picture of the chart written to {file}")

    # --- what happens elsewhere

    def _connect(self) -> None:
        context = self.context
        context.navigator.symbol_chosen.connect(self._choose_symbol)
        context.navigator.moment_chosen.connect(self._choose_moment)
        context.navigator.rule_chosen.connect(self._choose_rule)
        context.navigator.rule_selected.connect(self._choose_rule)
        context.navigator.preview_changed.connect(self._take_previews)
        context.bridge.alerts_raised.connect(lambda _: self._each(ChartPane.read_alerts))
        context.bridge.rules_changed.connect(self._on_rules)
        context.bridge.access_changed.connect(lambda: self._each(ChartPane.read_levels))
        context.pulse.chart.connect(lambda: self._each(ChartPane.beat))
        context.pulse.states.connect(lambda: self._each(ChartPane.look))
        context.theme.changed.connect(self._renew)

    # A method, not a lambda: the theme outlives the panel, whose end is to end this.
    def _renew(self) -> None:
        self._each(ChartPane.renew)

    def _each(self, act: Callable[[ChartPane], None]) -> None:
        for grid in self._grids:
            for pane in grid.panes:
                act(pane)

    def _choose_symbol(self, symbol: str) -> None:
        self._each(lambda pane: pane.show_symbol(symbol) if pane.state.is_linked else None)

    def _choose_moment(self, symbol: str, event_ns: int) -> None:
        panes = self._grid.panes
        showing = [pane for pane in panes if pane.state.symbol == symbol]
        linked = [pane for pane in (self._active, *panes) if pane.state.is_linked]
        for pane in showing or linked[:1] or [self._active]:
            pane.show_moment(symbol, event_ns)

    def _choose_rule(self, uid: str) -> None:
        self._rule_uid = uid
        rule = self.context.desk.rules.get(uid)
        self._each(lambda pane: pane.show_rule(rule))

    def _on_rules(self, uids: tuple[str, ...]) -> None:
        self._each(ChartPane.read_levels)
        if self._rule_uid in uids:
            self._choose_rule(self._rule_uid)

    def _take_previews(self, marks: tuple[PreviewMark, ...]) -> None:
        self._previews = tuple(marks)
        self._each(lambda pane: pane.show_previews(self._previews))

    # --- pages

    @property
    def _grid(self) -> Grid:
        return self._grids[max(0, self._tabs.currentIndex())]

    @property
    def _active(self) -> ChartPane:
        return self._grid.active_pane

    def _restore(self) -> None:
        store = QSettings(str(self.context.state_file), QSettings.Format.IniFormat)
        kept = store.value(_KEY)
        pages, chosen = from_text(kept) if isinstance(kept, str) else ((Page(),), 0)
        watched = self.context.desk.watchlist.symbols
        first = self.context.navigator.symbol or next(iter(watched), "")
        self._is_first = not kept
        for page in pages:
            self._add_page(_standing(page, watched, first))
        self._is_first = False
        self._tabs.setCurrentIndex(chosen)
        self._is_restoring = False
        self._name_pages()
        linked = [pane.state.symbol for pane in self._grid.panes if pane.state.is_linked]
        if linked and linked[0] != self.context.navigator.symbol:
            self.context.navigator.symbol_chosen.emit(linked[0])  # the watchlist goes on from there, too

    def _add_page(self, page: Page) -> None:
        grid = Grid(page=page, build=self._build, parent=self._stack)
        self._grids.append(grid)
        self._stack.addWidget(grid)
        number = self._tabs.addTab(page.title)
        closing = QToolButton(self._tabs)
        closing.setIcon(self.context.theme.icon("close", self.context.theme.tokens.text_3, 10))
        closing.setIconSize(QSize(10, 10))
        closing.setAccessibleName("Close this tab")
        closing.setToolTip("Close this tab")
        closing.clicked.connect(lambda: self._close_page(self._grids.index(grid)))
        self._tabs.setTabButton(number, QTabBar.ButtonPosition.RightSide, closing)
        self._tabs.setCurrentIndex(len(self._grids) - 1)

    def _build(self, state: PaneState) -> ChartPane:
        pane = ChartPane(context=self.context, state=state, is_first=self._is_first, parent=self._stack)
        pane.changed.connect(self._keep)
        pane.menu_wanted.connect(partial(self._open_menu, pane))
        pane.more_wanted.connect(lambda: self._menu.fill_more(pane.header.menu))
        rule = None if self._rule_uid is None else self.context.desk.rules.get(self._rule_uid)
        pane.show_rule(rule)
        pane.show_previews(self._previews)
        return pane

    def _show_page(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        self._keep()

    def _close_page(self, number: int) -> None:
        if len(self._grids) == 1:
            return
        gone = self._grids.pop(number)
        self._stack.removeWidget(gone)
        self._tabs.removeTab(number)
        self._stack.setCurrentIndex(self._tabs.currentIndex())
        gone.deleteLater()
        self._keep()

    def _keep(self) -> None:
        if self._is_restoring:
            return
        self._name_pages()
        self._arranging()  # whose keys work beside the menu
        store = QSettings(str(self.context.state_file), QSettings.Format.IniFormat)
        store.setValue(_KEY, to_text(tuple(grid.page for grid in self._grids), self._tabs.currentIndex()))

    def _name_pages(self) -> None:
        self._tabs.setVisible(len(self._grids) > 1)
        for number, grid in enumerate(self._grids):
            # An ampersand would be taken for the mark of a key.
            self._tabs.setTabText(number, grid.page.title.replace("&", "&&"))

    # --- what the trader does

    def _make_actions(self) -> dict[str, QAction]:
        made = {}
        # None with Ctrl and Alt: window managers take those, to go from one workspace to the next.
        for name, words, keys, act in (
            ("right", "Split to the right", "Ctrl+Shift+Right", partial(self._split, below=False)),
            ("below", "Split below", "Ctrl+Shift+Down", partial(self._split, below=True)),
            ("close", "Close this chart", "Ctrl+Shift+W", self._close_active),
            ("tab", "New chart tab", "Ctrl+Shift+T", self._add_tab),
            ("copy", "Copy picture", "Ctrl+Shift+C", self._copy),
            ("save", "Save picture…", "Ctrl+Shift+S", self._save),
        ):
            action = QAction(words, self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(act)
            self.addAction(action)
            made[name] = action
        for words, keys in _KEYS:
            listed = QAction(words, self)  # done by the canvas
            listed.setShortcut(QKeySequence(keys))
            listed.setProperty(LISTED_ONLY, True)
        explain = self.context.rights.explain
        for name, below in (("right", False), ("below", True)):
            explain(made[name], partial(self._why_not_split, below=below))
        explain(made["close"], self._why_not_close)
        explain(made["tab"], self._why_no_tab)
        return made

    def _why_not_split(self, *, below: bool) -> str:
        return _NO_ROOM if self._grid.page.split(self._grid.active, below=below) is None else ""

    def _why_not_close(self) -> str:
        is_only_one = len(self._grid.page.panes) == len(self._grids) == 1
        return "It is the only chart." if is_only_one else ""

    def _why_no_tab(self) -> str:
        return "" if len(self._grids) < MOST_PAGES else "There is room for no more tabs."

    def _arranging(self) -> list[QAction | None]:
        actions = self._actions
        for name in ("right", "below", "close", "tab"):
            actions[name].setEnabled(not self.context.rights.reason(actions[name]))
        names = ("right", "below", "close", None, "tab", None, "copy", "save")
        return [None if name is None else actions[name] for name in names]

    def _open_menu(self, pane: ChartPane, price: float | None, level: PriceLevel | None, at: QPoint) -> None:
        self._grid.activate(pane)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._menu.fill_at(menu, pane, price, level)
        menu.popup(at)

    def _split(self, *, below: bool) -> None:
        if self._grid.split(below=below):
            self._keep()
            self.take_focus()
        else:
            self.context.navigator.noticed.emit(_NO_ROOM)

    def _close_active(self) -> None:
        if len(self._grid.panes) > 1:
            self._grid.close_active()
            self._keep()
        else:
            self._close_page(self._tabs.currentIndex())

    def _add_tab(self) -> None:
        if len(self._grids) < MOST_PAGES:
            self._add_page(Page(((self._active.state,),)))
            self._keep()
            self.take_focus()

    def _copy(self) -> None:
        copy_picture(self._active.grab())
        self.context.navigator.noticed.emit("Picture of the chart copied")

    def _save(self) -> None:
        state = self._active.state
        name = picture_name(state.symbol, state.timeframe, self.context.desk.clock.now_ns())
        call = self.context.tasks.call
        ask_for_file(name, lambda file: call(partial(self.save_active, file)), self)


def _standing(page: Page, watched: tuple[str, ...], first: str) -> Page:
    """Return a kept page of which linked panes show what is watched now, and none shows nothing."""
    for number, pane in enumerate(page.panes):
        is_there = bool(pane.symbol) and (pane.symbol in watched or not pane.is_linked)
        symbol = pane.symbol if is_there else first
        page = page.with_pane(number, PaneState(symbol, pane.timeframe, pane.is_linked))
    return page
