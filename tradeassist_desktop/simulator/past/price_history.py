"""``/marketdata/v1/pricehistory``: bars of shares and funds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import msgspec
from aiohttp import web

from tradeassist_desktop.domain.market import NS_PER_MS, InstrumentKind
from tradeassist_desktop.engine.calendars.sessions import is_trading_day, regular
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.answers import BadRequest, refusal
from tradeassist_desktop.simulator.board import Board
from tradeassist_desktop.simulator.past.candles import MINUTE_MS, Candle
from tradeassist_desktop.simulator.past.history import History, in_months, in_steps, in_weeks
from tradeassist_desktop.simulator.past.past import EXCHANGE_ZONE, day_of, midnight_ms

_PERIODS: Final[Mapping[str, tuple[tuple[int, ...], int]]] = {
    "day": ((1, 2, 3, 4, 5, 10), 10),
    "month": ((1, 2, 3, 6), 1),
    "year": ((1, 2, 3, 5, 10, 15, 20), 1),
    "ytd": ((1,), 1),
}
_FREQUENCY_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    # The last one is what is meant where none is given.
    "day": ("minute",),
    "month": ("daily", "weekly"),
    "year": ("daily", "weekly", "monthly"),
    "ytd": ("daily", "weekly"),
}
_FREQUENCIES: Final[Mapping[str, tuple[int, ...]]] = {"minute": (1, 5, 10, 15, 30)}
_MINUTE_DAYS: Final[Mapping[int, int]] = {1: 48}
_OTHER_MINUTE_DAYS: Final = 270
_SYMBOL: Final = re.compile(r"[$/A-Z0-9 .:^-]{1,24}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request's parameters, checked."""

    symbol: str
    period_type: str
    frequency_type: str
    frequency: int
    first_ms: int
    last_ms: int
    is_extended: bool
    has_previous_close: bool


class PriceHistory:
    """Answers with candles; the minute that is forming is there as it is now.

    Args:
        clock: Decides what "the previous business day" is.
    """

    def __init__(self, *, board: Board, history: History, clock: Clock) -> None:
        self._board = board
        self._history = history
        self._clock = clock

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        symbol = request.query.get("symbol", "")
        if not _SYMBOL.fullmatch(symbol):
            return refusal(404, "Not Found", f"symbol not found: {symbol[:40]}")
        try:
            asked = self._asked(symbol, request.query)
        except BadRequest as error:
            return refusal(400, "Bad Request", str(error))
        listing = self._board.listings.get(symbol)
        if listing is not None and listing.main_type != "EQUITY":
            return refusal(
                400, "Bad Request", f"no price history for {listing.main_type.lower()} symbols: {symbol}"
            )
        candles = [] if listing is None else await self._candles(asked)
        answer: dict[str, object] = {
            "symbol": symbol,
            "empty": not candles,
            "candles": [_candle(candle) for candle in candles],
        }
        if asked.has_previous_close and listing is not None:
            day = _trading_day_before(day_of(asked.first_ms))
            (*_, before) = await self._history.days(symbol, day, day) or (None,)
            if before is not None:
                answer |= {"previousClose": before.close, "previousCloseDate": before.start_ms}
        # Months of minutes are tens of thousands of candles: too many for the standard library's writer.
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    async def _candles(self, asked: _Asked) -> list[Candle]:
        first, last = day_of(asked.first_ms), day_of(asked.last_ms)
        if asked.frequency_type == "minute":
            longest = timedelta(days=_MINUTE_DAYS.get(asked.frequency, _OTHER_MINUTE_DAYS))
            first_ms = max(asked.first_ms, asked.last_ms - int(longest.total_seconds()) * 1000)
            minutes = await self._history.minutes(asked.symbol, first_ms, asked.last_ms)
            if not asked.is_extended:
                hours = regular(InstrumentKind.EQUITY)
                minutes = [each for each in minutes if hours.is_open(each.start_ms * NS_PER_MS)]
            return minutes if asked.frequency == 1 else in_steps(minutes, asked.frequency)
        days = await self._history.days(asked.symbol, first, last)
        group = {"weekly": in_weeks, "monthly": in_months}.get(asked.frequency_type)
        return days if group is None else group(days)

    def _asked(self, symbol: str, query: Mapping[str, str]) -> _Asked:
        period_type = query.get("periodType", "day")
        if period_type not in _PERIODS:
            raise BadRequest(f"periodType must be one of {', '.join(_PERIODS)}")
        periods, usual = _PERIODS[period_type]
        period = _whole(query, "period", usual)
        if period not in periods:
            raise BadRequest(f"period must be one of {periods} for periodType {period_type}")
        types = _FREQUENCY_TYPES[period_type]
        frequency_type = query.get("frequencyType", types[-1])
        if frequency_type not in types:
            raise BadRequest(f"frequencyType must be one of {', '.join(types)} for periodType {period_type}")
        frequencies = _FREQUENCIES.get(frequency_type, (1,))
        frequency = _whole(query, "frequency", 1)
        if frequency not in frequencies:
            raise BadRequest(f"frequency must be one of {frequencies} for frequencyType {frequency_type}")
        today = day_of(self._clock.now_ns() // NS_PER_MS)
        last_ms = _whole(query, "endDate", _last_ms(_trading_day_before(today)))
        first_ms = _whole(query, "startDate", _first_ms(period_type, period, day_of(last_ms)))
        if first_ms > last_ms:
            raise BadRequest("endDate is before startDate")
        return _Asked(
            symbol=symbol,
            period_type=period_type,
            frequency_type=frequency_type,
            frequency=frequency,
            first_ms=first_ms,
            last_ms=last_ms,
            is_extended=_yes(query, "needExtendedHoursData", usual=True),
            has_previous_close=_yes(query, "needPreviousClose", usual=False),
        )


def _first_ms(period_type: str, period: int, last: date) -> int:
    """Return where a period that ends with the day ``last`` begins."""
    if period_type == "ytd":
        return midnight_ms(date(last.year, 1, 1))
    if period_type != "day":
        return midnight_ms(last - timedelta(days=round(period * (365.25 if period_type == "year" else 30.4))))
    first = last if is_trading_day(InstrumentKind.EQUITY, last) else _trading_day_before(last)
    for _ in range(period - 1):
        first = _trading_day_before(first)
    return midnight_ms(first)


def _last_ms(day: date) -> int:
    """Return the last minute of a business day, its extended hours included."""
    end = datetime(day.year, day.month, day.day, 20, tzinfo=EXCHANGE_ZONE)
    return int(end.timestamp()) * 1000 - MINUTE_MS


def _trading_day_before(day: date) -> date:
    before = day - timedelta(days=1)
    while not is_trading_day(InstrumentKind.EQUITY, before):
        before -= timedelta(days=1)
    return before


def _whole(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(name)
    if text is None:
        return usual
    if not re.fullmatch(r"[0-9]{1,14}", text):
        raise BadRequest(f"{name} must be a whole number")
    return int(text)


def _yes(query: Mapping[str, str], name: str, *, usual: bool) -> bool:
    text = query.get(name)
    return usual if text is None else text.lower() == "true"


def _candle(candle: Candle) -> dict[str, float | int]:
    start_ms, open_, high, low, close, volume = candle
    return {
        "open": open_,
        "high": high,
        "low": low,
        "close": close,
        "volume": int(volume),
        "datetime": start_ms,
    }
