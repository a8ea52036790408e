"""How rules did over recorded data: how often, when, and what the price did afterwards."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import inf
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Instrument, MarketEvent, Tick, instant_ns
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.calendars.sessions import NEW_YORK
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.studies.directions import Direction, direction_of
from tradeassist_desktop.engine.studies.outcomes import HORIZONS, Move, Outcome, PriceWatch

FLAPPING_NS: Final = 300 * NS_PER_SECOND
"""A firing at most this long after the one before counts as flapping."""

_ZONE: Final = ZoneInfo(NEW_YORK)


@dataclass(frozen=True, slots=True)
class HorizonSummary:
    """What the price did some time after the firings of a rule, in percent.

    Args:
        horizon: A key of ``HORIZONS``.
        known: Firings whose outcome is known; the rest of the numbers are of these.
        mean_change: ``None``, as the other means, where none is known.
        mean_highest: Mean of the highest prices in between, at least 0; ``mean_lowest`` at most 0.
        favourable: How many went on in the rule's direction; ``None`` where it has none.
    """

    horizon: str
    known: int
    mean_change: float | None
    mean_highest: float | None
    mean_lowest: float | None
    favourable: int | None

    @property
    def favourable_share(self) -> float | None:
        """Return ``favourable`` as a share of ``known``, 0 to 1."""
        return None if self.favourable is None or not self.known else self.favourable / self.known


@dataclass(frozen=True, slots=True)
class RuleReport:
    """How one rule did on one symbol. Days and hours are New York's.

    Args:
        direction: Which way its condition looks.
        suppressed: Records of suppressed firings by reason, in order of the reasons' names.
        per_day: Firings by date, of days with any, in order of time.
        per_hour: Firings by hour of day, 24 of them.
        days: Days on which the symbol had data.
        longest_quiet_ns: Longest time without a firing, from the symbol's first update to its
            last, nights included; ``None`` without data.
        flapping: Share of the firings that came at most five minutes after the one before, 0 to 1;
            ``None`` if it never fired.
        horizons: One for each of ``HORIZONS``, in order.
        outcomes: One for each firing, in order of time; empty where they were not to be kept.
    """

    uid: str
    rule_name: str
    symbol: str
    direction: Direction | None
    fired: int
    suppressed: tuple[tuple[str, int], ...]
    per_day: tuple[tuple[date, int], ...]
    per_hour: tuple[int, ...]
    days: int
    first_fired_ns: int | None
    last_fired_ns: int | None
    longest_quiet_ns: int | None
    flapping: float | None
    horizons: tuple[HorizonSummary, ...]
    outcomes: tuple[Outcome, ...] = ()

    @property
    def fires_a_day(self) -> float | None:
        """Return firings per day with data; ``None`` without data."""
        return self.fired / self.days if self.days else None


class Scores:
    """Watches a backtest go by and keeps account of each rule on each of its symbols.

    Args:
        keeps_outcomes: Whether the outcome of each firing is kept, or the means alone.
    """

    def __init__(
        self,
        *,
        rules: Sequence[Rule],
        instruments: Callable[[str], Instrument],
        keeps_outcomes: bool = True,
    ) -> None:
        symbols = {symbol for rule in rules for symbol in rule.symbols}
        self._markets = {symbol: _Market(instrument=instruments(symbol)) for symbol in sorted(symbols)}
        self._scores = {
            (rule.uid, symbol): _Score(rule, symbol, keeps_outcomes=keeps_outcomes)
            for rule in rules
            for symbol in rule.symbols
        }

    def take(self, event: MarketEvent, alerts: Sequence[Alert]) -> None:
        """Take an event and what the engine has made of it.

        A firing that fell due before the event is judged by what was known before it.
        """
        if alerts:
            now_ns = instant_ns(event)
            for alert in alerts:
                if alert.event_ns < now_ns:
                    self._note(alert)
        if isinstance(event, Tick):
            market = self._markets.get(event.symbol)
            if market is not None:
                if event.event_ns > market.day_ends_ns:  # what ends at midnight is of the day before
                    market.begin_day(event.event_ns)
                market.prices.on_tick(event)
        elif isinstance(event, Bar):
            market = self._markets.get(event.symbol)
            if market is not None:
                if event.end_ns > market.day_ends_ns:
                    market.begin_day(event.end_ns)
                market.prices.on_bar(event)
        if alerts:
            for alert in alerts:
                if alert.event_ns >= now_ns:
                    self._note(alert)

    def finish(self, alerts: Sequence[Alert]) -> None:
        """Take what the engine raised at the end of the data; nothing comes after it."""
        for alert in alerts:
            self._note(alert)
        for market in self._markets.values():
            market.prices.finish()

    def reports(self) -> tuple[RuleReport, ...]:
        """Return how each rule did on each of its symbols, in the order of the rules."""
        return tuple(score.report(self._markets[score.symbol]) for score in self._scores.values())

    def _note(self, alert: Alert) -> None:
        score = self._scores[alert.rule_uid, alert.symbol]
        if alert.status is AlertStatus.SUPPRESSED:
            score.suppressed[alert.reason or ""] += 1
        elif alert.status is AlertStatus.FIRED:
            market = self._markets[alert.symbol]
            score.fire(alert.event_ns, market)
            market.prices.fire(alert.id, alert.event_ns, score.take_outcome)


class _Market:
    """One symbol: its price, when its data began, the days on which there was any."""

    __slots__ = ("day_ends_ns", "days", "first_ns", "prices")

    def __init__(self, *, instrument: Instrument) -> None:
        self.prices = PriceWatch(instrument=instrument)
        self.first_ns: int | None = None
        self.days = 0
        self.day_ends_ns = -inf

    def begin_day(self, event_ns: int) -> None:
        """Take the first update of a day."""
        if self.first_ns is None:
            self.first_ns = event_ns
        self.days += 1
        self.day_ends_ns = _next_midnight_ns(event_ns - 1)


class _Score:
    """One rule on one symbol."""

    def __init__(self, rule: Rule, symbol: str, *, keeps_outcomes: bool) -> None:
        self.symbol = symbol
        self.suppressed: Counter[str] = Counter()
        self._rule = rule
        self._direction = direction_of(parse(rule.when), symbol)
        self._fired = 0
        self._per_day: Counter[date] = Counter()
        self._per_hour = [0] * 24
        self._first_ns: int | None = None
        self._last_ns: int | None = None
        self._quiet_ns = 0
        self._flaps = 0
        self._sums = [_Sum() for _ in HORIZONS]
        self._outcomes: list[Outcome] | None = [] if keeps_outcomes else None

    def fire(self, event_ns: int, market: _Market) -> None:
        moment = _new_york(event_ns)
        self._fired += 1
        self._per_day[moment.date()] += 1
        self._per_hour[moment.hour] += 1
        if self._first_ns is None or self._last_ns is None:
            self._first_ns = event_ns
            quiet_ns = 0 if market.first_ns is None else event_ns - market.first_ns
        else:
            quiet_ns = event_ns - self._last_ns
            self._flaps += quiet_ns <= FLAPPING_NS
        self._quiet_ns = max(self._quiet_ns, quiet_ns)
        self._last_ns = event_ns

    def take_outcome(self, outcome: Outcome) -> None:
        for total, move in zip(self._sums, outcome.moves, strict=True):
            if move is not None:
                total.add(move, self._direction)
        if self._outcomes is not None:
            self._outcomes.append(outcome)

    def report(self, market: _Market) -> RuleReport:
        quiet_ns = None
        if market.first_ns is not None:
            last_ns = market.first_ns if self._last_ns is None else self._last_ns
            quiet_ns = max(self._quiet_ns, int(market.prices.newest_ns) - last_ns)
        outcomes = sorted(self._outcomes or (), key=lambda outcome: outcome.event_ns)
        return RuleReport(
            uid=self._rule.uid,
            rule_name=self._rule.name,
            symbol=self.symbol,
            direction=self._direction,
            fired=self._fired,
            suppressed=tuple(sorted(self.suppressed.items())),
            per_day=tuple(sorted(self._per_day.items())),
            per_hour=tuple(self._per_hour),
            days=market.days,
            first_fired_ns=self._first_ns,
            last_fired_ns=self._last_ns,
            longest_quiet_ns=quiet_ns,
            flapping=self._flaps / self._fired if self._fired else None,
            horizons=tuple(
                total.summary(horizon, self._direction)
                for horizon, total in zip(HORIZONS, self._sums, strict=True)
            ),
            outcomes=tuple(outcomes),
        )


class _Sum:
    """Sums over the firings of a rule at one horizon."""

    __slots__ = ("change", "favourable", "highest", "known", "lowest")

    def __init__(self) -> None:
        self.known = self.favourable = 0
        self.change = self.highest = self.lowest = 0.0

    def add(self, move: Move, direction: Direction | None) -> None:
        self.known += 1
        self.change += move.change
        self.highest += move.highest
        self.lowest += move.lowest
        self.favourable += direction is not None and move.gain(direction) > 0.0

    def summary(self, horizon: str, direction: Direction | None) -> HorizonSummary:
        favourable = None if direction is None else self.favourable
        if not self.known:
            return HorizonSummary(horizon, 0, None, None, None, favourable)
        means = (self.change / self.known, self.highest / self.known, self.lowest / self.known)
        return HorizonSummary(horizon, self.known, *means, favourable)


def new_york_date(utc_ns: int) -> date:
    """Return the day in New York to which an instant belongs."""
    return _new_york(utc_ns).date()


def _new_york(utc_ns: int) -> datetime:
    return datetime.fromtimestamp(utc_ns // NS_PER_SECOND, UTC).astimezone(_ZONE)


def _next_midnight_ns(utc_ns: int) -> int:
    following = _new_york(utc_ns).date() + timedelta(days=1)
    return int(datetime.combine(following, time(), _ZONE).timestamp()) * NS_PER_SECOND
