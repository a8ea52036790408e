"""Schwab's REST answers: quotes, bars of the past, instruments, market hours."""

import logging
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, TypeVar

import httpx

from tradeassist_desktop.domain.health import RequestLoad
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, TIMEFRAMES, Bar, InstrumentKind
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.feeds.rest_failures import (
    NoHistory,
    RestRefused,
)
from tradeassist_desktop.feeds.schwab.answers import (
    MarketHours,
    SchwabQuotes,
    read_history,
    read_hours,
    read_instruments,
    read_quotes,
)
from tradeassist_desktop.feeds.schwab.auth import TokenManager
from tradeassist_desktop.feeds.schwab.requests import DEADLINE_S, SchwabRequests
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.budget import Budget, Importance
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

_FREQUENCIES: Final[Mapping[str, int]] = {"1m": 1, "5m": 5, "10m": 10, "15m": 15, "30m": 30}
_FINER: Final[Mapping[str, str]] = {"2m": "1m", "3m": "1m", "1h": "30m", "4h": "30m"}
"""What Schwab does not make itself, and of which of its bars the engine composes it."""
_WITH_HISTORY: Final = frozenset({InstrumentKind.EQUITY, InstrumentKind.ETF, InstrumentKind.UNKNOWN})
_DAY_NS: Final = 86_400 * NS_PER_SECOND
_DEEPEST_NS: Final[Mapping[str, int]] = {"1m": 48 * _DAY_NS, "1d": 40 * 365 * _DAY_NS}
_DEEPEST_OTHER_NS: Final = 270 * _DAY_NS
_SYMBOLS_AT_ONCE: Final = 200


class SchwabRest:
    """Asks Schwab, within the budget and past the breaker.

    Every method raises ``NotNow`` where another try may succeed, ``RestRefused`` where it cannot.

    Args:
        base_url: Without a slash at its end.
        http: Not closed by this.
        deadline_s: For one request with its answer, waiting for the budget aside.
    """

    def __init__(
        self,
        *,
        base_url: str,
        tokens: TokenManager,
        http: httpx.AsyncClient,
        clock: Clock,
        breaker: Breaker,
        budget: Budget,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._clock = clock
        self._requests = SchwabRequests(
            base_url=base_url,
            tokens=tokens,
            http=http,
            breaker=breaker,
            budget=budget,
            deadline_s=deadline_s,
        )

    def load(self) -> RequestLoad:
        """Return how much of the budget is used, and whether Schwab answers."""
        return self._requests.load

    async def quotes(
        self, symbols: Iterable[str], *, importance: Importance = Importance.HISTORY
    ) -> SchwabQuotes:
        """Return the quotes of many symbols; those Schwab does not know are named in the answer."""
        names = list(dict.fromkeys(symbols))
        found = SchwabQuotes({}, ())
        for start in range(0, len(names), _SYMBOLS_AT_ONCE):
            part = await self._requests.get(
                "/quotes",
                {"symbols": ",".join(names[start : start + _SYMBOLS_AT_ONCE]), "fields": "quote,reference"},
                importance,
                lambda body: read_quotes(body, self._clock.now_ns()),
            )
            found = SchwabQuotes({**found.quotes, **part.quotes}, (*found.unknown, *part.unknown))
        return found

    async def price_history(
        self,
        symbol: str,
        timeframe: str,
        from_ns: int,
        until_ns: int,
        *,
        importance: Importance = Importance.HISTORY,
    ) -> tuple[Bar, ...]:
        """Return the bars that overlap ``[from_ns, until_ns)``, oldest first; the last may be forming.

        Raises:
            NoHistory: Schwab keeps no such bars of such a symbol.
            UnknownSymbol: Schwab does not know it.
        """
        if timeframe not in _FREQUENCIES and timeframe != "1d":
            raise NoHistory(f"Schwab keeps no {timeframe} bars.")
        kind = instrument_of(symbol).kind
        if kind not in _WITH_HISTORY:
            raise NoHistory(f"Schwab keeps bars of shares and funds only, not of {symbol[:40]} ({kind}).")
        # A bar is stamped with its start: the one that holds from_ns begins before it.
        first_ns = from_ns - from_ns % TIMEFRAMES[timeframe]
        bars, refused = await self._requests.get(
            "/pricehistory",
            {
                "symbol": symbol,
                **_period(timeframe),
                "startDate": str(first_ns // NS_PER_MS),
                "endDate": str(-(-until_ns // NS_PER_MS)),
                "needExtendedHoursData": "true",
            },
            importance,
            lambda body: read_history(body, symbol, timeframe),
            symbol=symbol,
        )
        if refused:
            log.info("bars left out", extra={"symbol": symbol, "timeframe": timeframe, "count": refused})
        return tuple(bar for bar in bars if bar.start_ns < until_ns and bar.end_ns > from_ns)

    async def newest_bars(self, symbol: str, timeframe: str, count: int) -> tuple[Bar, ...]:
        """Return the newest closed bars, oldest first; fewer where Schwab has no more.

        For a timeframe that Schwab does not make, as many of a shorter one as come to ``count``.

        Raises:
            NoHistory: as ``price_history``.
        """
        finer = _FINER.get(timeframe, timeframe)
        if finer != timeframe:
            count = (count + 1) * (TIMEFRAMES[timeframe] // TIMEFRAMES[finer])
        now_ns = self._clock.now_ns()
        deepest_ns = _DEEPEST_NS.get(finer, _DEEPEST_OTHER_NS)
        span_ns = min(deepest_ns, _span_ns(finer, count))
        while True:
            bars = await self.price_history(symbol, finer, now_ns - span_ns, now_ns)
            closed = [bar for bar in bars if bar.end_ns <= now_ns]
            if len(closed) >= count or span_ns >= deepest_ns:
                return tuple(closed[-count:]) if count > 0 else ()
            # Few trades, a run of holidays: look back as far as there is anything.
            span_ns = min(deepest_ns, 4 * span_ns)

    async def gap_bars(self, symbol: str, from_ns: int, until_ns: int) -> tuple[Bar, ...]:
        """Return the minute bars that overlap ``[from_ns, until_ns)``, the forming one too, oldest first.

        Raises:
            NoHistory: as ``price_history``.
        """
        return await self.price_history(symbol, "1m", from_ns, until_ns, importance=Importance.REPAIR)

    async def search(self, text: str, limit: int) -> tuple[FoundInstrument, ...]:
        """Return instruments whose symbol begins with ``text``, then those described by it."""
        text = text.strip()
        if not text or limit < 1:
            return ()
        pattern = "".join(_in_pattern(letter) for letter in text.upper())
        found = {each.symbol: each for each in await self._instruments(f"{pattern}.*", "symbol-regex")}
        # The shortest first: what was typed whole is at the top.
        ranked = sorted(found.values(), key=lambda each: (len(each.symbol), each.symbol))
        if len(ranked) < limit and len(text) > 2:
            described = await self._instruments(text, "desc-search")
            ranked += sorted(
                (each for each in described if each.symbol not in found),
                key=lambda each: (len(each.symbol), each.symbol),
            )
        return tuple(ranked[:limit])

    async def instrument_by_cusip(self, cusip: str) -> FoundInstrument | None:
        """Return the instrument that has a CUSIP now; ``None`` where Schwab knows none."""
        name = "".join(letter for letter in cusip if letter.isascii() and letter.isalnum())
        if not name:
            return None
        try:
            found = await self._requests.get(f"/instruments/{name}", {}, Importance.HISTORY, read_instruments)
        except RestRefused as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise
        return found[0] if found else None

    async def market_hours(self, market: str, day: date) -> MarketHours:
        """Return a day's hours of ``equity``, ``option``, ``future``, ``forex`` or ``bond``."""
        return await self._requests.get(
            "/markets",
            {"markets": market, "date": day.isoformat()},
            Importance.COMPLETION,
            lambda body: read_hours(body, market, day),
        )

    async def _instruments(self, symbol: str, projection: str) -> tuple[FoundInstrument, ...]:
        query = {"symbol": symbol, "projection": projection}
        try:
            return await self._requests.get("/instruments", query, Importance.COMPLETION, read_instruments)
        except RestRefused as error:
            if error.status == httpx.codes.NOT_FOUND:  # nothing is called so
                return ()
            raise


def _period(timeframe: str) -> dict[str, str]:
    if timeframe == "1d":
        return {"periodType": "year", "frequencyType": "daily", "frequency": "1"}
    return {"periodType": "day", "frequencyType": "minute", "frequency": str(_FREQUENCIES[timeframe])}


def _span_ns(timeframe: str, count: int) -> int:
    """Return how far back so many bars are likely to reach, weekends and a holiday included."""
    if timeframe == "1d":
        return (count * 3 // 2 + 6) * _DAY_NS
    a_day = 390 * TIMEFRAMES["1m"] // TIMEFRAMES[timeframe]  # the least there is: a regular session's
    return (-(-count // a_day) * 7 // 5 + 4) * _DAY_NS


def _in_pattern(letter: str) -> str:
    if letter.isascii() and letter.isalnum():
        return letter
    return f"[{letter}]" if letter in "$./- " else ""
