"""Takes what the feed brings through the engine, keeps it, and answers what the market is now."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Alert, Timing
from tradeassist_desktop.domain.events import FeedChanged, HistoryGrew, TradingChanged, WatchlistChanged
from tradeassist_desktop.domain.feed import Feed, FetchBars, FetchGap
from tradeassist_desktop.domain.health import FeedState, FeedStatus, Refusal
from tradeassist_desktop.domain.market import (
    NS_PER_SECOND,
    TIMEFRAMES,
    Bar,
    Instrument,
    MarketEvent,
    PastTold,
    Quote,
    SightLost,
    Tick,
    TimerCall,
    TradingStatus,
)
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.instant import InstantOrder
from tradeassist_desktop.engine.look_back import RecordedPast
from tradeassist_desktop.engine.market.gates import HALT
from tradeassist_desktop.engine.market.intake import Intake
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.closed_bars import ClosedBars
from tradeassist_desktop.services.event_time import EventTime
from tradeassist_desktop.services.feed_line import FeedLine, least_trusted
from tradeassist_desktop.services.gaps.ledger import GapLedger
from tradeassist_desktop.services.gaps.repair import GapRepair
from tradeassist_desktop.services.gaps.telling import PastTelling
from tradeassist_desktop.services.gaps.watch import GapWatch
from tradeassist_desktop.services.instrument_book import InstrumentBook
from tradeassist_desktop.services.keeping import Keeping
from tradeassist_desktop.services.market_store import MarketStore
from tradeassist_desktop.services.past import Past
from tradeassist_desktop.services.recordings.recording import Recorder
from tradeassist_desktop.services.silence import Silence
from tradeassist_desktop.services.trading_book import TradingBook

log = logging.getLogger(__name__)

_TIMER_S: Final = 0.25
_START_S: Final = 2.0
_SPARKLINE_MINUTES: Final = 30
_FETCHED_TO_SHOW: Final = 1_500
TICKS_A_BATCH: Final = 4_000
"""Ticks handed to the store at once; of half as many each costs half as much again."""
_SILENCE_EVERY_NS: Final = 1 * NS_PER_SECOND
CHART_TIMEFRAME: Final = "1m"

_DOWN: Final = {
    FeedState.STOPPED: "the feed has stopped",
    FeedState.CONNECTING: "the feed is connecting",
    FeedState.STALE: "the feed has gone silent",
    FeedState.RECONNECTING: "the feed is down and reconnecting",
    FeedState.REFUSED: "the feed is refused",
}
"""Why nothing can be decided; of the other states silence can be trusted."""
_MISSED: Final = "updates were lost"
_SILENT: Final = "nothing has come of it"


class MarketData:
    """Where all feeds end, and the market's present.

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
        gap_ledger: Where stretches without data are written down; ``None`` notices none.
        fetch_gap: Asks the feed for the bars of such a stretch; ``None`` where it has none to offer.
        repair_s: How long updates may wait for them, seconds.
        repair_hours: How far back they are asked for.
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
        records_ticks: Callable[[], bool],
        keeps_time: bool,
        venue: str,
        quiet_until_ns: Callable[[], int] = lambda: 0,
        stale_s: Callable[[], float],
        fetch_bars: FetchBars | None = None,
        intake: Intake | None = None,
        gap_ledger: GapLedger | None = None,
        fetch_gap: FetchGap | None = None,
        repair_s: Callable[[], float] = lambda: 0.0,
        repair_hours: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._engine = engine
        self.lines = tuple(FeedLine(feed=feed, market=self, clock=clock) for feed in feeds)
        self._alerting = alerting
        self._store = store
        self._bus = bus
        self._clock = clock
        self._watchlist = list(dict.fromkeys(watchlist))
        self._records_ticks = records_ticks
        self._keeps_time = keeps_time
        self._venue = venue
        self._quiet_until_ns = quiet_until_ns
        self._instruments = instruments
        self._intake = intake
        self._trading = TradingBook()
        self._recorder: Recorder | None = None
        self._lost: dict[str, SightLost] = {}
        self._closed = ClosedBars(store=store)
        self._past: Past | None = None
        self._keeping: Keeping | None = None
        if store is not None:
            self._keeping = Keeping(engine=engine, store=store, clock=clock)
            self._past = Past(
                engine=engine,
                store=store,
                closed=self._closed,
                clock=clock,
                fetch_bars=fetch_bars,
                on_grown=lambda symbol, timeframe: bus.publish(HistoryGrew(symbol, timeframe)),
            )
        self._is_past_wanted = False
        self._silence = Silence(instruments=instruments.lookup, updates=engine.updates, limit_s=stale_s)
        self._silence_due_ns = 0
        self._subscribed: frozenset[str] = frozenset()
        self._also: frozenset[str] = frozenset()
        self._order = InstantOrder(engine)
        self._pending_ticks: list[Tick] = []
        self._past_told = RecordedPast(look_back=engine.look_back)
        self._time = EventTime(clock=clock)
        self.gap_repair: GapRepair | None = None
        self._gaps: GapWatch | None = None
        if gap_ledger is not None and keeps_time:
            self._telling = PastTelling(
                engine=engine,
                closed=self._closed,
                keeping=self._keeping,
                hand_over=self._hand_over,
                note=self._note,
                take_bars=self._take_bars,
            )
            self.gap_repair = GapRepair(
                engine=engine,
                market=self,
                past=self._telling,
                ledger=gap_ledger,
                clock=clock,
                instruments=instruments.lookup,
                fetch_gap=fetch_gap,
                limit_s=repair_s,
            )
            self._gaps = GapWatch(
                ledger=gap_ledger,
                repair=self.gap_repair,
                updates=engine.updates,
                event_at_ns=self._event_at_ns,
                now_ns=self.event_now_ns,
                clock=clock,
                hours=repair_hours,
            )
        self.ticks_total = 0
        self.ticks_not_kept = 0

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
                self._raise(alerts)
        if not ticks:
            return
        if self._recorder is not None:
            self._recorder.note(ticks)
        self._hand_over(self._order.past())
        self._time.see(ticks[-1].event_ns)
        if self._store is not None:
            self._pending_ticks.extend(ticks)
            if len(self._pending_ticks) >= TICKS_A_BATCH:
                self._keep_ticks()

    def on_bar(self, bar: Bar) -> None:
        """Take a recorded bar."""
        self.ticks_total += 1
        alerts = self._engine.on_bar(bar)
        if alerts:
            self._raise(alerts)

    def on_timer(self, utc_ns: int) -> None:
        """Do what a recorded session's timer did."""
        alerts = self._engine.on_time(utc_ns)
        if alerts:
            self._raise(alerts)

    def on_sight_lost(self, lost: SightLost) -> None:
        """Be as blind as a recorded session was."""
        self._engine.go_blind((lost.symbol,), lost.reason, is_stale=lost.is_stale)

    def on_past_told(self, told: PastTold) -> None:
        """Look back as a recorded session did."""
        alerts = self._past_told.take(told)
        if alerts:
            self._raise(alerts)

    def on_venue_bars(self, bars: Sequence[Bar]) -> None:
        """Take the venue's own minute bars where they know more than was seen."""
        if self._gaps is not None:
            telling = self._telling
            for bar in self._gaps.on_venue_bars(bars, lambda of: self.line_of(of).name, telling.minute):
                telling.mend((bar,))

    def on_trading(self, symbol: str, status: TradingStatus) -> None:
        """Hear that a symbol is halted, or trades again; rules keep their state, and silence is right."""
        if not self._trading.learn(symbol, status):
            return
        log.info("trading status", extra={"symbol": symbol, "status": status.value})
        self._silence.forget((symbol,))
        if self._intake is not None:
            self._intake.begin_anew((symbol,))
            now_ns = self.event_now_ns()
            self._intake.gates.note(Refusal(HALT, symbol, status.value, None, now_ns, self._clock.now_ns()))
        self._bus.publish(TradingChanged(symbol=symbol, status=status))

    def on_missed(self, line: FeedLine, symbol: str, from_ns: int, until_ns: int) -> None:
        """Decide nothing on a symbol of which updates were lost until it is heard again."""
        if self._keeps_time:
            self._lose_sight((symbol,), _MISSED)
        if self._gaps is not None:
            self._gaps.on_missed(line, symbol, from_ns, until_ns, _MISSED)

    def on_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Learn what the feed knows of its symbols."""
        self._instruments.learn(instruments)

    def on_line(self, line: FeedLine, previous: FeedStatus) -> None:
        """Publish a feed's state; at a replay's end let the engine finish."""
        status = line.status
        if status.state is FeedState.FINISHED and previous.state is not FeedState.FINISHED:
            self._raise(self._engine.finish())
            self._hand_over(self._order.rest())
            self._take_bars()
        if previous.state is not status.state:
            log.info(
                "feed state",
                extra={"feed": status.name, "state": status.state.value, "detail": status.detail},
            )
            if self._keeps_time:
                self._silence.forget(line.symbols)
                if status.state in _DOWN:
                    self._lose_sight(line.symbols, _DOWN[status.state])
                if self._gaps is not None and status.state in _DOWN and status.state is not FeedState.STOPPED:
                    self._gaps.on_down(line, _DOWN[status.state])
                elif self._gaps is not None and status.state is FeedState.LIVE:
                    self._gaps.on_live(line)
        self._bus.publish(FeedChanged(status=status))

    def is_to_wait(self, line: FeedLine) -> bool:
        """Whether what a line brings before it is live waits for a gap to be repaired."""
        return self._gaps is not None and self._gaps.is_to_wait(line)

    def on_held(self, line: FeedLine, ticks: Sequence[Tick]) -> None:
        """Know what time it is in the market by updates that wait."""
        if ticks:
            self._time.see(max(tick.event_ns for tick in ticks))
        if self._gaps is not None:
            self._gaps.on_held(line)

    def on_full(self, line: FeedLine) -> None:
        """Wait no longer for a line that cannot hold any more."""
        if self.gap_repair is not None:
            self.gap_repair.hurry(line)

    def lose_sight_of(self, line: FeedLine) -> None:
        """Decide nothing on a line's symbols until they are heard again."""
        self._lose_sight(line.symbols, _DOWN.get(line.status.state, _SILENT))

    # --- running

    def restore_arming(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Let the engine go on from what was kept of this venue."""
        prefix = f"{self._venue}:"
        own = {key.removeprefix(prefix): state for key, state in kept.items() if key.startswith(prefix)}
        self._engine.restore(own)

    async def start(self) -> None:
        """Let the engine go on from where the last run left it, and tell the feed what to stream."""
        for symbol in self._wanted():  # before the past is told: only what is watched takes it in
            self._engine.watch_bars(symbol, CHART_TIMEFRAME)
        await self.fill_history(limit_s=_START_S)
        if self._store is not None and self._keeps_time:
            kept = await self._store.market_state()
            self._engine.restore_market(kept)
            # What was last heard is hours old: nothing is decided on it.
            self._lose_sight(kept, "not heard since the start")
            if self._gaps is not None:
                known_until_ns = {
                    symbol: plain["clock_ns"]
                    for symbol, plain in kept.items()
                    if symbol in self._wanted() and self._engine.updates(symbol)
                }
                await self._gaps.start(known_until_ns, self.line_of)
        self.resubscribe()

    async def run(self) -> None:
        """Keep time for the engine and flush what is to be kept, until cancelled."""
        while True:
            await self._clock.sleep(_TIMER_S)
            self.flush()
            if self._is_past_wanted:
                await self.fill_history()

    def flush(self) -> None:
        """Do what is due between updates: close bars, end holds, hand batches to the store."""
        if self.gap_repair is not None and self.gap_repair.is_telling:
            return  # the engine stands in the past: nothing of the present is due, and nothing is to be kept
        if self._gaps is not None:
            self._gaps.look_around()
        now_ns, monotonic_ns = self._time.now_ns(), self._clock.monotonic_ns()
        # A feed that is down is no evidence that a condition has held.
        if self._keeps_time and now_ns is not None and any(line.is_seeing for line in self.lines):
            if monotonic_ns >= self._silence_due_ns:
                self._silence_due_ns = monotonic_ns + _SILENCE_EVERY_NS
                self._listen(now_ns, monotonic_ns)
            if self._recorder is not None:
                self._recorder.note((TimerCall(now_ns),))
            alerts = self._engine.on_time(now_ns)
            if alerts:
                self._raise(alerts)
        elif self._keeps_time and now_ns is not None:
            self._engine.tell_time(now_ns)
        self._take_bars()
        if self._pending_ticks:
            self._keep_ticks()
        counts = self._engine.take_suppression_counts()
        dirty = self._take_arming()
        if dirty:
            self._alerting.save_arming(dirty)
        if counts:
            self._alerting.save_counts(counts)
        if self._keeping is not None:
            self._keeping.beat(self._subscribed)

    def finish(self) -> None:
        """Hand over everything for the last time."""
        self.flush()
        if self._keeping is not None:
            self._keeping.finish(self._subscribed)

    def record_to(self, recorder: Recorder | None) -> None:
        """Note down from now on what the engine is told, first the market as it stands; ``None`` ends it."""
        self._recorder = recorder
        if recorder is not None:
            recorder.note(self._engine.present())
            recorder.note(lost for symbol, lost in self._lost.items() if self._engine.is_blind(symbol))

    def want_history(self) -> None:
        """Have bars looked for that rules may lack by now, within a quarter of a second."""
        self._is_past_wanted = True

    async def fill_history(self, *, limit_s: float = inf) -> None:
        """Give the engine, and whoever draws, the kept bars that they lack.

        What there is no time for is looked for by ``run``; what is not kept, by ``fetch_history``.
        """
        self._is_past_wanted = False
        if self._past is not None and not await self._past.fill(limit_s=limit_s):
            self._is_past_wanted = True
        for symbol in self._watchlist:
            await self._closed.recall(symbol, CHART_TIMEFRAME, _SPARKLINE_MINUTES)

    async def fetch_history(self) -> None:
        """Ask the feed for bars of the past that rules lack and the disk does not have, until cancelled."""
        if self._past is not None:
            await self._past.run()

    def resubscribe(self) -> None:
        """Tell the feed the whole set of symbols: the watchlist's and the rules'."""
        wanted = self._wanted()
        for symbol in wanted:
            self._engine.watch_bars(symbol, CHART_TIMEFRAME)
        for line in self.lines:
            own = frozenset(symbol for symbol in wanted if self.line_of(symbol) is line)
            line.subscribe(own, self._engine.symbols())
        if self._keeps_time:
            again = [symbol for symbol in wanted - self._subscribed if self._engine.updates(symbol)]
            self._lose_sight(again, "not heard since it was subscribed")
        self._subscribed = wanted
        self.want_history()

    def watch_also(self, symbols: frozenset[str]) -> None:
        """Ask for these besides what the watchlist and rules need; instead of the ones of the last call."""
        if symbols != self._also:
            self._also = symbols
            if self._wanted() != self._subscribed:
                self.resubscribe()

    def reconnect(self, name: str) -> None:
        """Have the feed of that name try again after a refusal."""
        for line in self.lines:
            if line.name == name:
                line.reconnect()

    # --- the market now

    @property
    def feed_status(self) -> FeedStatus:
        """The state of the feed that is to be trusted least."""
        return least_trusted(self.lines)

    @property
    def feed_statuses(self) -> tuple[FeedStatus, ...]:
        """The state of each feed, the main one first."""
        return tuple(line.status for line in self.lines)

    def line_of(self, symbol: str) -> FeedLine:
        """Return the line a symbol is asked of; what none carries is asked of the last."""
        return next((line for line in self.lines if line.carries(symbol)), self.lines[-1])

    @property
    def watchlist(self) -> tuple[str, ...]:
        """The symbols the trader watches, in order."""
        return tuple(self._watchlist)

    def instrument(self, symbol: str) -> Instrument:
        """Return what is known of a symbol; what its spelling tells until the feed told more."""
        return self._instruments.lookup(symbol)

    def quote(self, symbol: str) -> Quote | None:
        """Return the merged state; ``None`` while nothing has come."""
        return self._engine.quote(symbol)

    def updates(self, symbol: str) -> int:
        """Return how many updates were applied: unchanged means there is nothing to repaint."""
        return self._engine.updates(symbol)

    def trading(self, symbol: str) -> TradingStatus:
        """Return whether a symbol trades now, as its venue says."""
        return self._trading.status(symbol)

    def gate_counts(self) -> dict[str, int]:
        """Return how often each gate had something to do, by reason."""
        return self._engine.gate_counts() | ({} if self._intake is None else self._intake.gates.counts)

    def rejected(self) -> dict[str, int]:
        """Return how much was kept from the rules, by reason."""
        return self._engine.rejected() | ({} if self._intake is None else self._intake.gates.rejected())

    def refusals(self) -> dict[str, tuple[Refusal, ...]]:
        """Return the newest that each gate had to do with, oldest first."""
        return self._engine.refusals() | ({} if self._intake is None else self._intake.gates.refusals())

    def is_silent(self, symbol: str) -> bool:
        """Whether the symbol is subscribed on a live feed and nothing has come."""
        return self._engine.updates(symbol) == 0 and self.line_of(symbol).is_seeing

    def is_unheard(self, symbol: str) -> bool:
        """Whether its feed works, and nothing has come of a symbol since it was asked for or unseen."""
        line = self.line_of(symbol)
        is_heard = self._engine.updates(symbol) > 0 and not self._engine.is_blind(symbol)
        return not is_heard and line.is_seeing and symbol in line.symbols

    def event_now_ns(self) -> int:
        """Return the present in event time: the newest stamp, plus the time since it came."""
        now_ns = self._time.now_ns()
        if now_ns is None:
            return self._clock.now_ns()
        return now_ns if self._keeps_time else self._time.newest_ns

    def forming_bar(self, symbol: str, timeframe: str) -> Bar | None:
        """Return the bar being built; ``None`` before its first trade, or before ``bars`` was asked for."""
        return self._engine.forming_bar(symbol, timeframe)

    def closed_bars_count(self, symbol: str, timeframe: str) -> int:
        """Return a count that grows when a bar closes."""
        return self._closed.count(symbol, timeframe)

    async def bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        """Return up to ``limit`` newest closed bars, oldest first: kept ones, then this run's.

        What the venue has of them is asked for at the first call; ``HistoryGrew`` tells when it is there.
        """
        if self._past is not None:
            # A longer bar that is forming has begun before now: the minutes since then make it.
            minutes = TIMEFRAMES[timeframe] // TIMEFRAMES[CHART_TIMEFRAME]
            await self._past.recall(symbol, CHART_TIMEFRAME, minutes)
            self._past.want(symbol, timeframe, min(limit, _FETCHED_TO_SHOW))
        self._engine.watch_bars(symbol, timeframe)
        return await self._closed.latest(symbol, timeframe, limit)

    async def heard_bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        """Return what ``bars`` would without the venue being asked for any: nobody looks at them."""
        return await self._closed.latest(symbol, timeframe, limit)

    def sparkline(self, symbol: str) -> Sequence[float]:
        """Return the last 30 minutes' closes and the last price, oldest first."""
        bars = self._closed.held(symbol, CHART_TIMEFRAME)
        closes = [bar.close for bar in list(bars)[-_SPARKLINE_MINUTES:]]
        quote = self._engine.quote(symbol)
        if quote is not None and quote.last is not None:
            closes.append(quote.last)
        return closes

    # --- the watchlist

    async def add_symbol(self, symbol: str) -> None:
        """Watch a symbol, at the end of the list; one already there stays where it is."""
        symbol = symbol.strip().upper()
        if symbol and symbol not in self._watchlist:
            self._watchlist.append(symbol)
            await self._watchlist_changed()

    async def remove_symbol(self, symbol: str) -> None:
        """Stop watching a symbol; rules that read it keep it subscribed."""
        if symbol in self._watchlist:
            self._watchlist.remove(symbol)
            await self._watchlist_changed()

    async def move_symbol(self, symbol: str, index: int) -> None:
        """Move a symbol to a place in the list, 0 first."""
        if symbol in self._watchlist:
            self._watchlist.remove(symbol)
            self._watchlist.insert(max(0, min(index, len(self._watchlist))), symbol)
            await self._watchlist_changed()

    async def _watchlist_changed(self) -> None:
        self.resubscribe()
        self._bus.publish(WatchlistChanged(symbols=self.watchlist))
        if self._store is not None:
            await self._store.keep_watchlist(self.watchlist)

    # --- the rest

    def _raise(self, alerts: Sequence[Alert]) -> None:
        if not self._keeps_time:
            # As a backtest prints them: by rule within an instant, which can be told only once it is over.
            alerts = [done for alert in alerts for done in self._order.take(alert)]
        self._hand_over(alerts)

    def _hand_over(self, alerts: Sequence[Alert]) -> None:
        if alerts and not self._keeps_time:
            quiet_until_ns = self._quiet_until_ns()
            alerts = [
                replace(alert, timing=Timing.REPLAYED) if alert.timing is Timing.LIVE else alert
                for alert in alerts
                if alert.event_ns >= quiet_until_ns
            ]
        if alerts:
            # The arming goes into the alerts' own transaction: a crash can then neither
            # lose an alert nor fire it twice.
            counts = self._engine.take_suppression_counts()  # before the arming, which forgets them
            self._alerting.raise_alerts(alerts, self._take_arming())
            if counts:
                self._alerting.save_counts(counts)

    def _take_arming(self) -> dict[str, dict[str, Any]]:
        # A replay's is rebuilt by replaying. A venue's is its own: what is true of made-up prices
        # must not keep a rule quiet on real ones.
        dirty = self._engine.take_dirty()
        return {f"{self._venue}:{key}": state for key, state in dirty.items()} if self._keeps_time else {}

    def _wanted(self) -> frozenset[str]:
        return frozenset(self._watchlist) | self._engine.symbols() | self._also

    def _listen(self, now_ns: int, monotonic_ns: int) -> None:
        doubtful = (line for line in self.lines if line.is_seeing and not line.status.is_silence_proven)
        seen = frozenset[str]().union(*(line.symbols for line in doubtful))
        stale = self._silence.newly_stale(
            self._trading.trading(seen), monotonic_ns=monotonic_ns, event_ns=now_ns
        )
        heard_before = [symbol for symbol in stale if self._engine.updates(symbol)]
        if heard_before:
            log.info("symbols fell silent", extra={"symbols": sorted(heard_before)})
            self._lose_sight(heard_before, _SILENT, is_stale=True)
            self._note_silence(heard_before)

    def _note_silence(self, symbols: Iterable[str]) -> None:
        if self._gaps is None:
            return
        for symbol in symbols:
            quote = self._engine.quote(symbol)
            assert quote is not None
            self._gaps.on_silent(self.line_of(symbol), symbol, quote.event_ns, _SILENT)

    def _event_at_ns(self, monotonic_ns: int) -> int:
        event_ns = self._time.at_ns(monotonic_ns)
        if event_ns is not None:
            return event_ns
        return self._clock.now_ns() - (self._clock.monotonic_ns() - monotonic_ns)

    def _note(self, events: Iterable[MarketEvent]) -> None:
        if self._recorder is not None:
            self._recorder.note(events)

    def _lose_sight(self, symbols: Iterable[str], reason: str, *, is_stale: bool = False) -> None:
        now_ns = self.event_now_ns()
        losses = [SightLost(now_ns, symbol, reason, is_stale) for symbol in symbols]
        self._engine.go_blind([lost.symbol for lost in losses], reason, is_stale=is_stale)
        self._lost.update((lost.symbol, lost) for lost in losses)
        if self._intake is not None:
            self._intake.begin_anew(lost.symbol for lost in losses)
        if self._recorder is not None:
            self._recorder.note(losses)

    def _take_bars(self) -> None:
        closed = self._engine.take_closed_bars()
        self._closed.take(closed)
        if self._keeping is not None:
            self._keeping.take(closed)

    def _keep_ticks(self) -> None:
        ticks, self._pending_ticks = self._pending_ticks, []
        if self._store is None or not self._records_ticks():
            return
        if not self._store.keep_ticks(ticks):
            if not self.ticks_not_kept:
                log.warning("disk cannot follow the market: updates are evaluated but not all kept")
            self.ticks_not_kept += len(ticks)
