"""One chart with its header: a symbol's bars, and what rules and alerts have to do with them."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from tradeassist_desktop.domain.instruments import check_symbol
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.preview import PreviewMark
from tradeassist_desktop.domain.rules import PriceLevel, Rule
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.canvas import ChartCanvas
from tradeassist_desktop.ui.chart.filling import Filling
from tradeassist_desktop.ui.chart.header import PaneHeader
from tradeassist_desktop.ui.chart.level_changes import LevelChanges
from tradeassist_desktop.ui.chart.marks import alert_marks
from tradeassist_desktop.ui.chart.pages import PaneState
from tradeassist_desktop.ui.chart.pane_note import PaneNote
from tradeassist_desktop.ui.chart.rule_studies import RuleStudies
from tradeassist_desktop.ui.freshness import is_stale
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.sight import is_in_sight

_QUICK_TIMEFRAME: Final = "1s"
_FEW_BARS: Final = 10
_PATIENCE_MS: Final = 2_000


class ChartPane(QWidget):
    """Loads when it is first seen.

    Args:
        is_first: Of a desk that has shown no chart yet: where it knows no past, seconds are shown.
    """

    changed = Signal()
    """It shows something else, or is linked, or no longer."""
    activated = Signal()
    menu_wanted = Signal(object, object, object)
    """See ``ChartCanvas``."""
    more_wanted = Signal()
    """The header's menu is about to be shown: fill it."""

    def __init__(
        self,
        *,
        context: PanelContext,
        state: PaneState,
        is_first: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._state = state
        self._is_first = is_first
        self._hoped_for: PaneState | None = None
        # A timer of its own: a single shot that the pane does not live to see would hold it for ever.
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._show_seconds)
        self._is_shown = False
        self._wanted_ns: int | None = None
        self._updates_seen = -1
        self._rule: Rule | None = None
        self._changes = LevelChanges(context=context)
        self.canvas = ChartCanvas(theme=context.theme, why_fixed=self._changes.why_fixed)
        self._filling = Filling(context=context, canvas=self.canvas, parent=self)
        self._studies = RuleStudies(market=context.desk.market)
        self._lay_out()
        self.canvas.level_moved.connect(self._move_level)
        self.canvas.level_fixed.connect(self._refuse_level)
        self.canvas.refused.connect(context.navigator.noticed)
        self.canvas.level_opened.connect(context.navigator.rule_edit_wanted)
        self.canvas.alert_clicked.connect(self._alert_clicked)
        self.canvas.menu_wanted.connect(self.menu_wanted)
        self.canvas.touched.connect(self.activated)
        self.canvas.following_changed.connect(self.header.show_following)
        self._filling.loaded.connect(self._on_loaded)
        self._filling.closed.connect(self._on_closed)
        context.rule_changes.settled.connect(self.read_levels)
        context.rule_changes.settled.connect(self.canvas.settle_levels)
        self.header.show_link(is_linked=state.is_linked)
        self.header.timeframes.show_timeframe(state.timeframe)

    # --- what it shows

    @property
    def state(self) -> PaneState:
        """What it shows."""
        return self._state

    def show_state(self, state: PaneState) -> None:
        """Show something else."""
        if state == self._state:
            return
        is_other = (state.symbol, state.timeframe) != (self._state.symbol, self._state.timeframe)
        self._state = state
        self.header.show_link(is_linked=state.is_linked)
        self.header.timeframes.show_timeframe(state.timeframe)
        if is_other:
            self._load()
        self.changed.emit()

    def show_symbol(self, symbol: str) -> None:
        """Show another symbol."""
        self.show_state(replace(self._state, symbol=symbol))

    def show_moment(self, symbol: str, event_ns: int) -> None:
        """Show a symbol at an instant."""
        self._wanted_ns = event_ns
        if symbol != self._state.symbol:
            self.show_symbol(symbol)
        elif not self._filling.is_loading:
            self._go_to_wanted()

    def show_rule(self, rule: Rule | None) -> None:
        """Draw what a rule reads, or nothing."""
        if rule != self._rule:
            self._rule = rule
            self._start_studies()

    def show_previews(self, marks: tuple[PreviewMark, ...]) -> None:
        """Mark where a rule that is being written would have fired."""
        self.canvas.show_previews(tuple(mark for mark in marks if mark.symbol == self._state.symbol))

    def show_active(self, is_active: bool, *, is_alone: bool) -> None:
        """Show by a line above it whether the keys of the panel are for this pane, if there are others."""
        self._edge.setVisible(not is_alone)
        # The others keep its room: side by side their strips stand level.
        self._edge.setProperty("isActive", is_active)
        self._edge.style().polish(self._edge)

    def take_focus(self) -> None:
        """Go to the canvas, or to the note in its place: that hands the keyboard on as bars come."""
        (self.canvas if self._stack.currentWidget() is self.canvas else self._note).setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Load what is to be seen now."""
        super().showEvent(event)
        if not self._is_shown:
            self._is_shown = True
            self._load()

    # --- the market

    def beat(self) -> None:
        """Show what has happened since the last beat."""
        symbol, timeframe = self._state.symbol, self._state.timeframe
        if not symbol or self._filling.is_loading or not is_in_sight(self):
            return
        self._filling.beat()
        market = self._context.desk.market
        updates = market.updates(symbol)
        if updates == self._updates_seen:
            return
        self._updates_seen = updates
        quote = market.quote(symbol)
        last = quote.last if quote is not None else None
        forming = market.forming_bar(symbol, timeframe)
        lines = self._studies.lines(self.canvas.starts_ns, self.canvas.bars_count)
        self.canvas.update_now(forming, last, lines)
        self.header.show_quote(symbol, market.instrument(symbol), quote)
        self._show_freshness()
        self._say_what_is_missing()

    def look(self) -> None:
        """Read what changes more slowly: levels, other timeframes that the rule reads, why nothing comes."""
        if is_in_sight(self) and not self._filling.is_loading:
            self.read_levels()
            if self._state.symbol:
                self._show_freshness()
                self._say_what_is_missing()
            if self._studies.is_behind:
                self._context.tasks.start(self._catch_up(), shown_in=self)

    def read_levels(self) -> None:
        """Show the lines of rules as they are now."""
        if self._state.symbol and not self._filling.is_loading:
            self.canvas.show_levels(self._context.desk.rules.levels(self._state.symbol))

    def read_alerts(self) -> None:
        """Mark the alerts that are known now."""
        desk = self._context.desk
        raised = None if desk.replay is None else desk.replay.raised
        self.canvas.show_alerts(alert_marks(desk.history.records(), self._state.symbol, raised=raised))

    def renew(self) -> None:
        """Paint all of it anew at the next beat."""
        self._updates_seen = -1

    # --- loading

    def _load(self) -> None:
        if self._is_shown and self._state.symbol:
            self._note.say(f"Loading {self._state.symbol}…")
            self._stack.setCurrentWidget(self._note)
            self._filling.show(self._state.symbol, self._state.timeframe)

    def _on_loaded(self) -> None:
        if self._is_first:
            self._is_first = False
            self._hoped_for = self._state
            self._patience.start()
        self.renew()
        self.read_levels()
        self.read_alerts()
        self._start_studies()
        self.beat()
        self._say_what_is_missing()
        self._go_to_wanted()

    def _show_seconds(self) -> None:
        """Show the market moving where no past of it is known, nor has come meanwhile."""
        state = self._hoped_for
        if state == self._state and len(self._filling.bars) < _FEW_BARS:
            self.show_state(replace(state, timeframe=_QUICK_TIMEFRAME))

    def _on_closed(self, bars: object) -> None:
        assert isinstance(bars, list)
        self._studies.take(bars)
        self.renew()

    def _start_studies(self) -> None:
        if self._filling.is_loading or not self._state.symbol:
            return

        async def start() -> None:
            state = self._state
            await self._studies.show(self._rule, state.symbol, state.timeframe, self._filling.bars)
            self.renew()
            self.beat()

        self._context.tasks.start(start(), shown_in=self)

    async def _catch_up(self) -> None:
        await self._studies.catch_up()
        self.renew()

    def _go_to_wanted(self) -> None:
        if self._wanted_ns is not None:
            self.canvas.show_moment(self._wanted_ns)
            self._wanted_ns = None

    def _show_freshness(self) -> None:
        market, symbol = self._context.desk.market, self._state.symbol
        quote, words = market.quote(symbol), ""
        if quote is not None and is_stale(self._context.desk, symbol, quote):
            age_ns = max(0, market.event_now_ns() - quote.event_ns)
            words = f"no data {text.age(age_ns)}" if age_ns >= NS_PER_SECOND else "no data"
        self.canvas.show_silence(words)
        self.header.show_stale(bool(words))

    def _say_what_is_missing(self) -> None:
        symbol, market = self._state.symbol, self._context.desk.market
        if self.canvas.bars_count or market.forming_bar(symbol, self._state.timeframe) is not None:
            self._stack.setCurrentWidget(self.canvas)
        else:
            self._note.say_what_is_missing(symbol)
            self._stack.setCurrentWidget(self._note)

    # --- what the trader does

    def _move_level(self, level: PriceLevel, price: float) -> None:
        async def move() -> None:
            try:
                await self._changes.move(level, price)
            finally:
                self.read_levels()
                self.canvas.settle_levels()

        self._context.tasks.start(move())

    def _refuse_level(self, level: PriceLevel) -> None:
        self._context.navigator.noticed.emit(self._changes.refuse(level))

    def add_rule(self, typed: str) -> None:
        """Add the rule of a quick rule's text."""
        self._context.tasks.start(self._changes.add(typed))

    def _choose_timeframe(self, timeframe: str) -> None:
        self._is_first = False
        self.show_state(replace(self._state, timeframe=timeframe))

    def _alert_clicked(self, alert_id: str) -> None:
        self._context.navigator.dock_wanted.emit("alerts")
        self._context.navigator.alert_chosen.emit(alert_id)

    def _choose_symbol(self, typed: str) -> None:
        symbol = typed.upper()
        watchlist = self._context.desk.watchlist
        if symbol not in watchlist.symbols:
            if not self._context.tasks.call(lambda: check_symbol(symbol)):
                return
            # What is not watched is not streamed: a chart of it would stand still.
            self._context.tasks.start(watchlist.add(symbol))
            self._context.navigator.noticed.emit(f"{symbol} was added to the watchlist.")
        if self._state.is_linked:
            self._context.navigator.symbol_chosen.emit(symbol)
        else:
            self.show_symbol(symbol)
        self.take_focus()

    def _lay_out(self) -> None:
        self._edge = QFrame(self)
        self._edge.setObjectName("paneEdge")
        self._edge.setFixedHeight(2)
        self._edge.hide()
        self.header = PaneHeader(context=self._context, parent=self)
        self.header.symbol.chosen.connect(self._choose_symbol)
        self.header.timeframes.chosen.connect(self._choose_timeframe)
        self.header.link_toggled.connect(
            lambda linked: self.show_state(replace(self._state, is_linked=linked))
        )
        self.header.latest_wanted.connect(self.canvas.follow)
        self.header.menu_wanted.connect(self.activated)
        self.header.menu_wanted.connect(self.more_wanted)
        self._note = PaneNote(context=self._context, parent=self)
        surface = QWidget(self)
        self._stack = QStackedLayout(surface)
        self._stack.addWidget(self._note)
        self._stack.addWidget(self.canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._edge)
        column.addWidget(self.header)
        column.addWidget(surface, 1)
