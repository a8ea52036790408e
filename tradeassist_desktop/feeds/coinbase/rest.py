"""Coinbase's public REST answers: which products there are, and their candles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import httpx
import msgspec

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar, Instrument, InstrumentKind
from tradeassist_desktop.feeds.bar_bounds import is_sound
from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.http_answers import ask
from tradeassist_desktop.feeds.rest_failures import (
    NoHistory,
    RateLimited,
    RestRefused,
    RestUnavailable,
    UnknownSymbol,
    judge_rest,
    rest_asks_s,
)
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.breakers.presets import PRESETS
from tradeassist_desktop.runtime.budget import Budget, Importance
from tradeassist_desktop.runtime.clock import Clock

COINBASE_BREAKER: Final = replace(PRESETS["coinbase"], judge=judge_rest, asked_s=rest_asks_s)

_REQUESTS_A_SECOND: Final = 8
"""Coinbase allows 10 a second to an address, 15 in a burst."""

_MOST_CANDLES: Final = 300
_MOST_PAGES: Final = 12
_RATE_LIMIT_WAIT_S: Final = 1.0
_OWN_TIMEFRAMES: Final = ("1d", "1h", "15m", "5m", "1m")
"""What Coinbase makes candles of, longest first; it also has 6 hours, which we do not."""


class _Product(msgspec.Struct):
    id: str
    quote_increment: float
    base_currency: str = ""
    quote_currency: str = ""
    status: str = "online"
    trading_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Product:
    """A product as Coinbase lists it; ``is_trading`` is false while it is halted there."""

    instrument: Instrument
    is_trading: bool


class CoinbaseRest:
    """Asks at a pace that Coinbase allows; leaves it alone for a while when it does not answer.

    Every method raises ``NotNow`` where another try may succeed, ``RestRefused`` where it cannot.

    Args:
        base_url: Coinbase's, without a slash at its end.
        http: Not closed by this.
    """

    def __init__(self, *, base_url: str, http: httpx.AsyncClient, clock: Clock, breaker: Breaker) -> None:
        self._base_url = base_url
        self._http = http
        self._clock = clock
        self._budget = Budget(limit=_REQUESTS_A_SECOND, clock=clock, window_s=1.0)
        self._breaker = breaker

    async def products(self) -> Mapping[str, Product]:
        """Return every product there is, by symbol; those that no longer exist are left out."""
        listed: dict[str, Product] = {}
        for raw in await self._get("/products", {}, Importance.COMPLETION):
            try:
                product = msgspec.json.decode(raw, type=_Product, strict=False)
            except msgspec.ValidationError:
                continue
            if product.status != "delisted":
                is_trading = product.status == "online" and not product.trading_disabled
                listed[product.id] = Product(instrument=_instrument(product), is_trading=is_trading)
        return listed

    async def newest_bars(self, symbol: str, timeframe: str, count: int) -> Sequence[Bar]:
        """Return the newest closed bars of a timeframe, or shorter ones they can be made of, oldest first.

        Raises:
            NoHistory: Coinbase makes none of such a length.
            UnknownSymbol: Coinbase does not know the product.
        """
        own = _own_timeframe(symbol, timeframe)
        length_ns = TIMEFRAMES[own]
        wanted = min(count * (TIMEFRAMES[timeframe] // length_ns), _MOST_CANDLES * _MOST_PAGES)
        now_ns = self._clock.now_ns()
        until_ns = now_ns - now_ns % length_ns
        pages: list[list[Bar]] = []
        # Minutes without a trade have no candle, so more pages may be needed than their sum says.
        for _ in range(_MOST_PAGES):
            from_ns = until_ns - _MOST_CANDLES * length_ns
            page = await self._candles(symbol, own, from_ns, until_ns, Importance.HISTORY)
            if not page:
                break
            pages.append(page)
            until_ns = from_ns
            if sum(len(each) for each in pages) >= wanted:
                break
        return [bar for page in reversed(pages) for bar in page][-wanted:] if wanted > 0 else []

    async def gap_bars(self, symbol: str, from_ns: int, until_ns: int) -> Sequence[Bar]:
        """Return a symbol's minute bars that overlap ``[from_ns, until_ns)``, oldest first.

        Raises:
            UnknownSymbol: Coinbase does not know the product.
        """
        _own_timeframe(symbol, "1m")
        length_ns = TIMEFRAMES["1m"]
        start_ns = from_ns - from_ns % length_ns
        bars: list[Bar] = []
        while start_ns < until_ns:
            end_ns = min(until_ns, start_ns + _MOST_CANDLES * length_ns)
            bars.extend(await self._candles(symbol, "1m", start_ns, end_ns, Importance.REPAIR))
            start_ns += _MOST_CANDLES * length_ns
        return bars

    async def days(self, symbol: str) -> Sequence[Bar]:
        """Return a symbol's newest three daily candles, oldest first, today's as far as it has come."""
        now_ns = self._clock.now_ns()
        length_ns = TIMEFRAMES["1d"]
        return await self._candles(
            symbol, "1d", now_ns - now_ns % length_ns - 2 * length_ns, now_ns, Importance.HISTORY
        )

    async def _candles(
        self, symbol: str, timeframe: str, from_ns: int, until_ns: int, importance: Importance
    ) -> list[Bar]:
        """Return candles that begin in ``[from_ns, until_ns)``, of at most 300 lengths."""
        length_ns = TIMEFRAMES[timeframe]
        query = {
            "granularity": str(length_ns // NS_PER_SECOND),
            "start": str(from_ns // NS_PER_SECOND),
            # Coinbase includes the end, and its answer may begin before the start.
            "end": str((until_ns - 1) // NS_PER_SECOND),
        }
        try:
            rows = await self._get(f"/products/{symbol}/candles", query, importance)
        except RestRefused as refusal:
            if refusal.status == httpx.codes.NOT_FOUND:
                raise UnknownSymbol(symbol, venue="Coinbase") from None
            raise
        bars = {
            bar.start_ns: bar
            for row in rows
            if (bar := _bar(row, symbol, timeframe)) is not None and from_ns <= bar.start_ns < until_ns
        }
        return [bars[start_ns] for start_ns in sorted(bars)]

    async def _get(self, path: str, query: Mapping[str, str], importance: Importance) -> list[msgspec.Raw]:
        async def attempt() -> list[msgspec.Raw]:
            return _rows(await self._ask(path, query, importance))

        try:
            return await self._breaker.call(attempt)
        except BreakerOpen as pause:
            cause = "" if pause.cause is None else f" {pause.cause}"
            raise RestUnavailable(
                f"Coinbase's data service is left alone for {pause.retry_after_s:.0f} s.{cause}",
                wait_s=pause.retry_after_s,
            ) from pause

    async def _ask(self, path: str, query: Mapping[str, str], importance: Importance) -> bytes:
        await self._budget.take(importance)
        # It refuses requests that do not say what sends them.
        headers = {"Accept": "application/json", "User-Agent": "tradeassist-desktop"}
        request = self._http.build_request("GET", self._base_url + path, params=query, headers=headers)
        try:
            answer = await ask(self._http, request)
        except ConnectionLost as lost:
            raise RestUnavailable(f"{lost.reason[:1].upper()}{lost.reason[1:]}.") from lost
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            wait_s = answer.retry_after_s or _RATE_LIMIT_WAIT_S
            self._budget.hold(wait_s)
            raise RateLimited(f"Coinbase asks for a pause of {wait_s:.0f} s.", wait_s=wait_s)
        if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise RestUnavailable(f"Coinbase answered {answer.status}.", wait_s=answer.retry_after_s)
        if answer.status != httpx.codes.OK:
            raise RestRefused(f"Coinbase refused ({answer.status}).", status=answer.status)
        return answer.body


def _instrument(product: _Product) -> Instrument:
    known = instrument_of(product.id)
    step = product.quote_increment
    if not 0.0 < step < 1e6:
        step = known.tick_size
    names = product.base_currency, product.quote_currency
    return Instrument(
        symbol=product.id,
        kind=InstrumentKind.CRYPTO,
        description=f"{names[0]} in {names[1]}, Coinbase" if all(names) else "",
        tick_size=step,
        decimals=_decimals(step),
    )


def _decimals(step: float) -> int:
    # As many digits as the step itself has: 0.00001 needs 5.
    return next((digits for digits in range(12) if abs(round(step, digits) - step) < step * 1e-6), 12)


def _own_timeframe(symbol: str, timeframe: str) -> str:
    """Return the longest candles of which bars of the timeframe can be made."""
    if instrument_of(symbol).kind is not InstrumentKind.CRYPTO:
        raise NoHistory(f"Coinbase keeps bars of coins only, not of {symbol[:40]}.")
    for own in _OWN_TIMEFRAMES:
        if TIMEFRAMES[timeframe] % TIMEFRAMES[own] == 0:
            return own
    raise NoHistory(f"Coinbase keeps no {timeframe} bars.")


def _bar(row: msgspec.Raw, symbol: str, timeframe: str) -> Bar | None:
    """Return a candle, ``[time, low, high, open, close, volume]``; ``None`` if it cannot be one."""
    try:
        begun_s, low, high, open_, close, volume = msgspec.json.decode(
            row, type=tuple[int, float, float, float, float, float], strict=False
        )
    except msgspec.ValidationError:
        return None
    start_ns = begun_s * NS_PER_SECOND
    end_ns = start_ns + TIMEFRAMES[timeframe]
    bar = Bar(symbol, timeframe, start_ns, end_ns, open_, high, low, close, volume)
    return bar if is_sound(bar) else None


def _rows(body: bytes) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        raise RestUnavailable("Coinbase's answer could not be read.") from None
