"""What the demo market lists beside its twelve: dated contracts, a few options, three currency pairs."""

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.simulator.demo_listings import HABITS
from tradeassist_desktop.simulator.past.past import EXCHANGE_ZONE
from tradeassist_desktop.simulator.source import Listing

_MONTH_LETTERS: Final = "FGHJKMNQUVXZ"
_CONTRACTS: Final = 3
_UPDATE_S: Final = 0.5
_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True)
class _Series:
    """The contracts of one future.

    Args:
        months: In which there is one.
        step: Price of a contract over that of the one before.
    """

    months: tuple[int, ...]
    step: float
    multiplier: float


_SERIES: Final[Mapping[str, _Series]] = {
    "/ES": _Series((3, 6, 9, 12), 1.009, 50.0),
    "/NQ": _Series((3, 6, 9, 12), 1.011, 20.0),
    "/CL": _Series(tuple(range(1, 13)), 0.994, 1000.0),
    "/GC": _Series((2, 4, 6, 8, 10, 12), 1.007, 100.0),
}
_OPTIONS: Final = (("AAPL", 215.0, "C"), ("AAPL", 215.0, "P"), ("SPY", 545.0, "C"), ("SPY", 545.0, "P"))
_PAIRS: Final[Mapping[str, tuple[str, float, float]]] = {
    "EUR/USD": ("Euro/USDollar Spot", 1.07135, 0.00001),
    "GBP/USD": ("British Pound/USDollar Spot", 1.26442, 0.00001),
    "USD/JPY": ("USDollar/Japanese Yen Spot", 160.845, 0.001),
}
_PAIR_VOLATILITY: Final = 1.5e-5


def demo_listings(today: date) -> dict[str, Listing]:
    """Return all of the demo market's listings: the twelve first, then those beside them."""
    listings = {symbol: habit.listing for symbol, habit in HABITS.items()}
    contracts: dict[str, Listing] = {}
    for root, series in _SERIES.items():
        family = _family(listings[root], series, today)
        active = family[0]
        listings[root] = replace(
            listings[root],
            multiplier=series.multiplier,
            active_symbol=active.symbol,
            expires_ms=active.expires_ms,
        )
        contracts |= {contract.symbol: contract for contract in family}
    options = (_option(*words, _monthly_expiration(today)) for words in _OPTIONS)
    return listings | contracts | {option.symbol: option for option in options} | _pairs()


class Sidelines:
    """Moves options with their shares, and currency pairs by themselves: pure, and seeded."""

    def __init__(self, *, seed: int, listings: Mapping[str, Listing]) -> None:
        self._rng = random.Random(f"sidelines {seed}")
        self._options = [listing for listing in listings.values() if listing.main_type == "OPTION"]
        self._pairs = {symbol: price for symbol, (_, price, _) in _PAIRS.items()}
        self._listings = listings
        self._underlying = {option.underlying: 0.0 for option in self._options}
        self._volumes: dict[str, float] = {}
        self._shown: dict[str, tuple[float, float, float]] = {}
        self._owed_s = 0.0

    def step(self, ticks: Iterable[Tick], *, seconds: float, event_ns: int) -> list[Tick]:
        """Take the twelve's updates; return those of the others, about two a second each."""
        for tick in ticks:
            if tick.last is not None and tick.symbol in self._underlying:
                self._underlying[tick.symbol] = tick.last
        self._owed_s += seconds
        if self._shown and self._owed_s < _UPDATE_S:
            return []
        passed_s, self._owed_s = self._owed_s, 0.0
        updates = [self._option(option, event_ns) for option in self._options]
        updates += [self._pair(symbol, passed_s, event_ns) for symbol in self._pairs]
        return updates

    def _option(self, option: Listing, event_ns: int) -> Tick:
        price = self._underlying[option.underlying]
        assert option.strike is not None
        inside = (price - option.strike) * (1.0 if option.contract_type == "C" else -1.0)
        width = 0.03 * price
        value = max(inside, 0.0) + 0.4 * width * math.exp(-(((price - option.strike) / width) ** 2))
        return self._trade(option.symbol, max(0.02, value), 0.02, 10.0, event_ns)

    def _pair(self, symbol: str, seconds: float, event_ns: int) -> Tick:
        self._pairs[symbol] *= math.exp(self._rng.gauss(0.0, _PAIR_VOLATILITY * math.sqrt(seconds)))
        step = self._listings[symbol].tick_size
        return self._trade(symbol, self._pairs[symbol], 2 * step, 100_000.0, event_ns)

    def _trade(self, symbol: str, value: float, spread: float, size: float, event_ns: int) -> Tick:
        step = self._listings[symbol].tick_size
        last = round(round(value / step) * step, 6)
        opening, high, low = self._shown.get(symbol, (last, last, last))
        is_first = symbol not in self._shown
        self._shown[symbol] = opening, max(high, last), min(low, last)
        volume = self._volumes[symbol] = self._volumes.get(symbol, 0.0) + size
        return Tick(
            symbol=symbol,
            event_ns=event_ns,
            received_ns=event_ns,
            last=last,
            bid=round(last - spread / 2, 6),
            ask=round(last + spread / 2, 6),
            last_size=size,
            bid_size=size * self._rng.randint(1, 9),
            ask_size=size * self._rng.randint(1, 9),
            volume=volume,
            open=last if is_first else None,
            high=self._shown[symbol][1],
            low=self._shown[symbol][2],
            prev_close=last if is_first else None,
            trade_ns=event_ns,
        )


def _family(root: Listing, series: _Series, today: date) -> Sequence[Listing]:
    family: list[Listing] = []
    year, month = today.year, today.month
    while len(family) < _CONTRACTS:
        end = _third_friday(year, month)
        if month in series.months and end > today:
            name = f"{root.symbol}{_MONTH_LETTERS[month - 1]}{year % 100:02d}"
            family.append(
                replace(
                    root,
                    symbol=name,
                    description=f"{root.description},{end:%b-%Y}",
                    multiplier=series.multiplier,
                    expires_ms=_ms(end, time(9, 30)),
                    follows=root.symbol,
                    basis=series.step ** len(family),
                )
            )
        year, month = (year + 1, 1) if month == len(_MONTH_LETTERS) else (year, month + 1)
    return [replace(contract, active_symbol=family[0].symbol) for contract in family]


def _option(underlying: str, strike: float, contract_type: str, end: date) -> Listing:
    word = "Call" if contract_type == "C" else "Put"
    return Listing(
        symbol=f"{underlying:<6}{end:%y%m%d}{contract_type}{round(strike * 1000):08d}",
        description=f"{underlying} {end:%m/%d/%Y} {strike:.2f} {word}",
        main_type="OPTION",
        exchange_name="OPR",
        multiplier=100.0,
        expires_ms=_ms(end, time(16, 0)),
        underlying=underlying,
        strike=strike,
        contract_type=contract_type,
    )


def _pairs() -> dict[str, Listing]:
    return {
        symbol: Listing(
            symbol=symbol, description=words, main_type="FOREX", exchange_name="GFT", tick_size=step
        )
        for symbol, (words, _, step) in _PAIRS.items()
    }


def _monthly_expiration(today: date) -> date:
    later = today + timedelta(days=14)
    end = _third_friday(later.year, later.month)
    if end > later:
        return end
    following = later.replace(day=28) + timedelta(days=4)
    return _third_friday(following.year, following.month)


def _third_friday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_FRIDAY - first.weekday()) % 7 + 14)


def _ms(day: date, at: time) -> int:
    return int(datetime.combine(day, at, EXCHANGE_ZONE).timestamp()) * 1000
