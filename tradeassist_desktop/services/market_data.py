"""Takes what feeds bring through the engine, in order, and has it kept."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from tradeassist_desktop.domain.access import OPEN, Gate
from tradeassist_desktop.domain.events import FeedChanged, HistoryGrew, TradingChanged
from tradeassist_desktop.domain.feed import Feed, FetchBars
from tradeassist_desktop.domain.health import FeedState, FeedStatus, Refusal
from tradeassist_desktop.domain.market import (
    Bar,
    Instrument,
    MarketEvent,
    PastTold,
    SightLost,
    Tick,
    TradingStatus,
)
from tradeassist_desktop.domain.watching import WatchGroup
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.look_back import RecordedPast
from tradeassist_desktop.engine.market.gates import HALT
from tradeassist_desktop.engine.market.intake import Intake
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.gaps.plan import GapPlan
from tradeassist_desktop.services.gaps.telling import PastTelling
from tradeassist_desktop.services.gaps.watch import GapWatch
from tradeassist_desktop.services.market.archive import Archive
from tradeassist_desktop.services.market.beats import Beats
from tradeassist_desktop.services.market.event_time import EventTime
from tradeassist_desktop.services.market.feed_line import FeedLine
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market.market_store import MarketStore
from tradeassist_desktop.services.market.market_view import MarketView
from tradeassist_desktop.services.market.raising import Raising
from tradeassist_desktop.services.market.recorder import Recorder
from tradeassist_desktop.services.market.sight import DOWN, Sight
from tradeassist_desktop.services.market.silence import Silence
from tradeassist_desktop.services.market.subscriptions import Subscriptions
from tradeassist_desktop.services.market.trading_book import TradingBook
from tradeassist_desktop.services.market.watchlist import Watchlist

log = logging.getLogger(__name__)

_START_S: Final = 2.0
_MISSED: Final = "updates were lost"


class MarketData:
    """Where all feeds end.

    One call per frame: every update goes through the engine in order, what fired is handed to
    ``alerting`` before the next update is looked at.

    Args:
        feeds: Side by side, at least one. A symbol is asked of the first that carries it.
        store: ``None`` keeps nothing (a replay's data is already in its file).
        keeps_time: Whether this service's timer drives the engine between updates. False for
            a replay, whose event time must not depend on how fast this machine is.
        venue: Where the data comes from; what rules are doing is kept for each apart.
        quiet_until_ns: Before which event time a replay raises nothing: it only gets there.
        stale_s: How long a symbol may be silent in its session, in seconds, before rules that read
            it are blind; 0 for ever.
        fetch_bars: Asks the feed for bars of the past; ``None`` where it has none to offer.
        intake: What live updates pass before they are believed; ``None`` believes them as they come.
        gap_plan: What is done about stretches without data; ``None`` notices none.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        feeds: Sequence[Feed],
        alerting: Alerting,
        store: MarketStore | None,
        instruments: InstrumentBook,
        bus: Bus,
        clock: Clock,
        watchlist: Sequence[str],
        watch_groups: Sequence[WatchGroup] = (),
        records_ticks: Callable[[], bool],
        keeps_time: bool,
        venue: str,
        quiet_until_ns: Callable[[], int] = lambda: 0,
        stale_s: Callable[[], float],
        fetch_bars: FetchBars | None = None,
        intake: Intake | None = None,
        gap_plan: GapPlan | None = None,
        access: Gate = OPEN,
    ) -> None:
        self._engine = engine
        self.lines = tuple(FeedLine(feed=feed, market=self, clock=clock) for feed in feeds)
        self._bus = bus
        self._clock = clock
        self._keeps_time = keeps_time
        self._instruments = instruments
        self._intake = intake
        self._trading = TradingBook()
        self._time = EventTime(clock=clock, runs_on=keeps_time)
        self._recorder: Recorder | None = None
        self.archive = Archive(
            engine=engine,
            store=store,
            clock=clock,
            fetch_bars=fetch_bars,
            keeps_ticks=records_ticks,
            watched=lambda: self.watchlist.symbols,
            on_grown=lambda symbol, timeframe: bus.publish(HistoryGrew(symbol, timeframe)),
        )
        self._tick_keeping = self.archive.ticks
        self._sight = Sight(
            engine=engine,
            lines=self.lines,
            trading=self._trading,
            silence=Silence(instruments=instruments.lookup, updates=engine.updates, limit_s=stale_s),
            intake=intake,
            time=self._time,
            note=self._note,
        )
        self.subscriptions = Subscriptions(
            engine=engine,
            lines=self.lines,
            watched=lambda: self.watchlist.symbols,
            sight=self._sight if keeps_time else None,
            on_renewed=self.archive.want_history,
        )
        self.watchlist = Watchlist(
            symbols=watchlist,
            groups=watch_groups,
            store=store,
            bus=bus,
            on_changed=self.subscriptions.renew,
            access=access,
        )
        self.view = MarketView(
            engine=engine,
            lines=self.lines,
            line_of=self.subscriptions.line_of,
            instruments=instruments,
            trading=self._trading,
            intake=intake,
            closed=self.archive.closed,
            past=self.archive.past,
            time=self._time,
            ticks_total=lambda: self.ticks_total,
        )
        self._raising = Raising(
            engine=engine, alerting=alerting, venue=venue, is_live=keeps_time, quiet_until_ns=quiet_until_ns
        )
        self._past_told = RecordedPast(look_back=engine.look_back)
        self.gaps: GapWatch | None = None
        if gap_plan is not None and keeps_time:
            telling = PastTelling(
                engine=engine,
                archive=self.archive,
                hand_over=self._raising.hand_over,
                note=self._note,
            )
            self.gaps = gap_plan.watch(
                engine=engine,
                market=self,
                telling=telling,
                instruments=instruments.lookup,
                line_of=self.subscriptions.line_of,
                is_clock_apart=lambda: intake is not None and intake.is_clock_apart,
                time=self._time,
                clock=clock,
            )
        self.beats = Beats(
            engine=engine,
            lines=self.lines,
            sight=self._sight,
            raising=self._raising,
            archive=self.archive,
            subscribed=lambda: self.subscriptions.subscribed,
            gaps=self.gaps,
            time=self._time,
            keeps_time=keeps_time,
            note=self._note,
            bus=bus,
            clock=clock,
        )
        self.ticks_total = 0

    # --- the feed's side

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        """Take decoded updates through the engine, in order."""
        self.ticks_total += len(ticks)
        if self._intake is not None:
            ticks = self._intake.admit(ticks)
        on_tick = self._past_told.on_tick if self._past_told.is_told else self._engine.on_tick
        for tick in ticks:
            alerts = on_tick(tick)
            if alerts:
                self._raising.take(alerts)
        if not ticks:
            return
        if self._recorder is not None:
            self._recorder.note(ticks)
        if not self._keeps_time:
            self._raising.on_time_passed()
        self._time.see(ticks[-1].event_ns)
        if self._tick_keeping is not None:
            self._tick_keeping.take(ticks)

    def on_bar(self, bar: Bar) -> None:
        """Take a recorded bar."""
        self.ticks_total += 1
        alerts = self._engine.on_bar(bar)
        if alerts:
            self._raising.take(alerts)

    def on_timer(self, utc_ns: int) -> None:
        """Do what a recorded session's timer did."""
        alerts = self._engine.on_time(utc_ns)
        if alerts:
            self._raising.take(alerts)

    def on_sight_lost(self, lost: SightLost) -> None:
        """Be as blind as a recorded session was."""
        self._engine.go_blind((lost.symbol,), lost.reason, is_stale=lost.is_stale)

    def on_past_told(self, told: PastTold) -> None:
        """Look back as a recorded session did."""
        alerts = self._past_told.take(told)
        if alerts:
            self._raising.take(alerts)

    def on_venue_bars(self, bars: Sequence[Bar]) -> None:
        """Take the venue's own minute bars where they know more than was seen."""
        if self.gaps is not None:
            self.gaps.on_venue_bars(bars)

    def on_trading(self, symbol: str, status: TradingStatus) -> None:
        """Hear that a symbol is halted, or trades again; rules keep their state, and silence is right."""
        if not self._trading.learn(symbol, status):
            return
        log.info("trading status", extra={"symbol": symbol, "status": status.value})
        self._sight.forget((symbol,))
        if self._intake is not None:
            self._intake.begin_anew((symbol,))
            now_ns = self._time.present_ns()
            self._intake.gates.note(Refusal(HALT, symbol, status.value, None, now_ns, self._clock.now_ns()))
        self._bus.publish(TradingChanged(symbol=symbol, status=status))

    def on_missed(self, line: FeedLine, symbol: str, from_ns: int, until_ns: int) -> None:
        """Decide nothing on a symbol of which updates were lost until it is heard again."""
        if self._keeps_time:
            self._sight.lose((symbol,), _MISSED)
        if self.gaps is not None:
            self.gaps.on_missed(line, symbol, from_ns, until_ns, _MISSED)

    def on_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Learn what the feed knows of its symbols."""
        self._instruments.learn(instruments)

    def on_line(self, line: FeedLine, previous: FeedStatus) -> None:
        """Publish a feed's state; at a replay's end let the engine finish."""
        status = line.status
        if status.state is FeedState.FINISHED and previous.state is not FeedState.FINISHED:
            self._raising.take(self._engine.finish())
            self._raising.finish()
            self.archive.take_bars()
        if previous.state is not status.state:
            log.info(
                "feed state",
                extra={"feed": status.name, "state": status.state.value, "detail": status.detail},
            )
            if self._keeps_time:
                self._sight.forget(line.symbols)
                if status.state in DOWN:
                    self._sight.lose_line(line)
                if self.gaps is not None and status.state in DOWN and status.state is not FeedState.STOPPED:
                    self.gaps.on_down(line, DOWN[status.state])
                elif self.gaps is not None and status.state is FeedState.LIVE:
                    self.gaps.on_live(line)
        self._bus.publish(FeedChanged(status=status))

    def is_to_wait(self, line: FeedLine) -> bool:
        """Whether what a line brings before it is live waits for a gap to be repaired."""
        return self.gaps is not None and self.gaps.is_to_wait(line)

    def on_held(self, line: FeedLine, ticks: Sequence[Tick]) -> None:
        """Know what time it is in the market by updates that wait."""
        if ticks and self._intake is not None:
            self._time.see(self._intake.foresee(ticks))
        elif ticks:
            self._time.see(max(tick.event_ns for tick in ticks))
        if self.gaps is not None:
            self.gaps.on_held(line)

    def on_full(self, line: FeedLine) -> None:
        """Wait no longer for a line that cannot hold any more."""
        if self.gaps is not None:
            self.gaps.repair.hurry(line)

    def lose_sight_of(self, line: FeedLine) -> None:
        """Decide nothing on a line's symbols until they are heard again."""
        self._sight.lose_line(line)

    # --- starting

    def restore_arming(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Let rules go on from what was kept of this venue."""
        self._raising.restore(kept)

    async def start(self) -> None:
        """Let the engine go on from where the last run left it, and tell the feed what to stream."""
        wanted = self.subscriptions.watch_bars()  # before the past is told: only what is watched takes it in
        await self.archive.fill_history(limit_s=_START_S)
        kept = await self.archive.market_state() if self._keeps_time else None
        if kept is not None:
            self._engine.restore_market(kept)
            # What was last heard is hours old: nothing is decided on it.
            self._sight.lose(kept, "not heard since the start")
            if self.gaps is not None:
                known_until_ns = {
                    symbol: plain["clock_ns"]
                    for symbol, plain in kept.items()
                    if symbol in wanted and self._engine.updates(symbol)
                }
                await self.gaps.start(known_until_ns)
        self.subscriptions.renew()

    def record_to(self, recorder: Recorder | None) -> None:
        """Note down from now on what the engine is told, first the market as it stands; ``None`` ends it."""
        self._recorder = recorder
        if recorder is not None:
            recorder.note(self._engine.present())
            recorder.note(self._sight.lost())

    def _note(self, events: Iterable[MarketEvent]) -> None:
        if self._recorder is not None:
            self._recorder.note(events)
