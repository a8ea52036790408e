"""What the desk has kept of some symbols, as events for an engine."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar, Instrument, MarketEvent, Tick
from tradeassist_desktop.domain.rules import EvaluateOn, Rule
from tradeassist_desktop.engine.calendars.sessions import NEW_YORK
from tradeassist_desktop.engine.conditions import operands
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.meaning import meaning_of, named_symbols
from tradeassist_desktop.recordings import merge

if TYPE_CHECKING:
    from tradeassist_desktop.storage.market_past import MarketPast

KEPT_TIMEFRAME: Final = "1m"
_ZONE: Final = ZoneInfo(NEW_YORK)


@dataclass(frozen=True, slots=True)
class KeptSymbol:
    """A symbol with the venue it is kept under, and what is known of it."""

    instrument: Instrument
    venue: str

    @property
    def symbol(self) -> str:
        """Its spelling."""
        return self.instrument.symbol


@dataclass(frozen=True, slots=True)
class KeptMarket:
    """A stretch of what the desk has kept: its minute bars, and its updates where there are any.

    Args:
        symbols: All that the rules read.
        days: How many of the newest days with data (New York's), today among them; of the symbols that
            ``since_of`` names.
        since_ns: Where it begins instead, if ``days`` is ``None``.
    """

    database: Path
    symbols: tuple[KeptSymbol, ...]
    until_ns: int
    days: int | None = None
    since_ns: int = 0
    since_of: tuple[str, ...] = ()


@dataclass(slots=True)
class SymbolRead:
    """What was there of one symbol."""

    symbol: str
    first_ns: int | None = None
    last_ns: int | None = None
    bars: int = 0
    updates: int = 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which of the kept data rules need."""

    bars: bool
    updates: bool


def symbols_read(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return the symbols that rules read, their own first.

    Raises:
        BadInput: one has a condition that cannot be read.
    """
    rules = tuple(rules)
    named = [symbol for rule in rules for symbol in rule.symbols]
    for rule in rules:
        condition = meaning_of(rule).condition
        for symbol in rule.symbols:
            named.extend(sorted(named_symbols(condition, symbol)))
    return tuple(dict.fromkeys(named))


@dataclass(slots=True)
class KeptEvents:
    """The events of one run over a kept stretch.

    Args:
        rules: Decide what is read: updates only where one needs more than minutes.
    """

    market: KeptMarket
    rules: tuple[Rule, ...]
    read: dict[str, SymbolRead] = field(default_factory=dict)
    since_ns: int = 0

    def events(self, engine: Engine) -> Iterator[MarketEvent]:
        """Yield bars and updates by time, once the engine knows the bars of the time before.

        A minute without kept updates is a bar and, at its end, an update with its close, as in a file of
        bars; one with updates is those, and the bar. Rules on bars shorter than a minute get updates alone.

        Raises:
            TradeAssistError: the database cannot be read.
        """
        # Late: whoever runs over files alone needs no database.
        from tradeassist_desktop.storage.market_past import MarketPast

        wanted = _wanted(self.rules)
        with MarketPast(self.market.database) as past:
            self.since_ns = self._since_ns(past)
            for kept in self.market.symbols:
                self.read[kept.symbol] = SymbolRead(kept.symbol)
            self._tell_before(past, engine)
            yield from merge([self._of(past, kept, wanted) for kept in self.market.symbols])

    def share(self, event_ns: int) -> float:
        """Return how much of the stretch lies before an instant, 0 to 1."""
        length_ns = self.market.until_ns - self.since_ns
        return min(1.0, max(0.0, (event_ns - self.since_ns) / length_ns)) if length_ns > 0 else 1.0

    def _since_ns(self, past: "MarketPast") -> int:
        market = self.market
        if market.days is None:
            return market.since_ns
        before_ns = market.until_ns
        own = [kept for kept in market.symbols if kept.symbol in market.since_of] or list(market.symbols)
        for _ in range(market.days):
            found = [past.newest_ns(kept.venue, kept.symbol, KEPT_TIMEFRAME, before_ns) for kept in own]
            newest_ns = max((each for each in found if each is not None), default=None)
            if newest_ns is None:
                break
            before_ns = _midnight_ns(newest_ns)
        return before_ns

    def _tell_before(self, past: "MarketPast", engine: Engine) -> None:
        venues = {kept.symbol: kept.venue for kept in self.market.symbols}
        for symbol, timeframe, count in engine.wanted_history():
            if symbol in venues:
                engine.backfill(past.before(venues[symbol], symbol, timeframe, count, until_ns=self.since_ns))

    def _of(self, past: "MarketPast", kept: KeptSymbol, wanted: _Wanted) -> Iterator[MarketEvent]:
        stretch = {"since_ns": self.since_ns, "until_ns": self.market.until_ns}
        bars: Iterator[Bar] = iter(())
        ticks: Iterator[Tick] = iter(())
        if wanted.bars:
            bars = past.bars(kept.venue, kept.symbol, KEPT_TIMEFRAME, **stretch)
        if wanted.updates:
            ticks = past.ticks(kept.venue, kept.symbol, **stretch)
        return _noted(_woven(bars, ticks), self.read[kept.symbol])


def _wanted(rules: Iterable[Rule]) -> _Wanted:
    minute_ns = TIMEFRAMES[KEPT_TIMEFRAME]
    needs_updates = has_shorter = False
    for rule in rules:
        meaning = meaning_of(rule)
        named = [operand.timeframe for operand in operands(meaning.condition) if operand.timeframe]
        is_shorter = any(TIMEFRAMES[each] < minute_ns for each in (*named, rule.timeframe))
        has_shorter |= is_shorter
        needs_updates |= is_shorter or meaning.on is EvaluateOn.TICK
    return _Wanted(bars=not has_shorter, updates=needs_updates)


def _woven(bars: Iterator[Bar], ticks: Iterator[Tick]) -> Iterator[MarketEvent]:
    """Put a symbol's bars at their ends among its updates.

    Where the updates of a bar do not end with its close, or there are none, one is made of it: they were
    not kept, or wait for the disk still.
    """
    last: float | None = None
    tick = next(ticks, None)
    for bar in bars:
        has_ticks = False
        while tick is not None and tick.event_ns < bar.end_ns:
            has_ticks |= tick.event_ns >= bar.start_ns
            last = last if tick.last is None else tick.last
            yield tick
            tick = next(ticks, None)
        yield bar
        if not has_ticks or last != bar.close:
            yield Tick(bar.symbol, bar.end_ns, 0, bar.close)
    if tick is not None:
        yield tick
        yield from ticks


def _noted(events: Iterator[MarketEvent], read: SymbolRead) -> Iterator[MarketEvent]:
    was_bar = False
    for event in events:
        if isinstance(event, Bar):
            read.bars += 1
            first_ns, last_ns = event.start_ns, event.end_ns
        else:
            assert isinstance(event, Tick)
            first_ns = last_ns = event.event_ns
            read.updates += not (was_bar and not event.received_ns)
        was_bar = isinstance(event, Bar)
        if read.first_ns is None:
            read.first_ns = first_ns
        read.last_ns = last_ns
        yield event


def _midnight_ns(utc_ns: int) -> int:
    day = datetime.fromtimestamp(utc_ns // NS_PER_SECOND, UTC).astimezone(_ZONE).date()
    return int(datetime.combine(day, time(), _ZONE).timestamp()) * NS_PER_SECOND
