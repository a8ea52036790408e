"""``/marketdata/v1/markets``: when each market is open on a date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from aiohttp import web

from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, InstrumentKind
from tradeassist_desktop.engine.calendars.sessions import is_trading_day, regular, whole
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.answers import refusal
from tradeassist_desktop.simulator.past.past import EXCHANGE_ZONE, day_of, midnight_ms

_NOON: Final = 12 * 3600
_FAR: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class _Market:
    """One product of one market."""

    product: str
    name: str
    kind: InstrumentKind
    has_extended: bool = False
    closes_later: timedelta = timedelta()


_MARKETS: Final[Mapping[str, tuple[_Market, ...]]] = {
    "equity": (_Market("EQ", "equity", InstrumentKind.EQUITY, has_extended=True),),
    "option": (
        _Market("EQO", "equity option", InstrumentKind.OPTION),
        _Market("IND", "index option", InstrumentKind.OPTION, closes_later=timedelta(minutes=15)),
    ),
    "future": (
        _Market("ES", "E-mini S&P 500", InstrumentKind.FUTURE),
        _Market("NQ", "E-mini Nasdaq-100", InstrumentKind.FUTURE),
        _Market("CL", "Crude oil", InstrumentKind.FUTURE),
        _Market("GC", "Gold", InstrumentKind.FUTURE),
    ),
    "forex": (_Market("forex", "forex", InstrumentKind.FOREX),),
    "bond": (_Market("BON", "bond", InstrumentKind.EQUITY),),
}


class MarketHours:
    """Answers with the sessions of a date, by the calendars of the exchanges.

    Args:
        clock: Decides what today is.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def of_all(self, request: web.Request) -> web.StreamResponse:
        """Answer for every market named in ``markets``."""
        names = [name.strip().lower() for name in request.query.get("markets", "").split(",")]
        return self._answer(names, request.query.get("date"))

    async def of_one(self, request: web.Request) -> web.StreamResponse:
        """Answer for the market named in the path."""
        return self._answer([request.match_info["market"].lower()], request.query.get("date"))

    def _answer(self, names: list[str], day_text: str | None) -> web.Response:
        unknown = [name for name in names if name not in _MARKETS]
        if unknown:
            return refusal(400, "Bad Request", f"markets must be of {', '.join(_MARKETS)}")
        today = day_of(self._clock.now_ns() // NS_PER_MS)
        try:
            day = today if day_text is None else date.fromisoformat(day_text)
        except ValueError:
            return refusal(400, "Bad Request", "date must be YYYY-MM-DD")
        if not today <= day <= today + _FAR:
            return refusal(400, "Bad Request", "date must be from today to a year ahead")
        return web.json_response({name: _hours(name, day) for name in names})


def _hours(name: str, day: date) -> dict[str, object]:
    hours: dict[str, object] = {}
    for market in _MARKETS[name]:
        is_open = _is_open(market, day)
        words: dict[str, object] = {
            "date": day.isoformat(),
            "marketType": name.upper(),
            "product": market.product,
            "productName": market.name,
            "isOpen": is_open,
        }
        if not is_open:
            # A closed market is answered under its own name and has no session hours.
            hours[name] = words | {"product": name}
            continue
        hours[market.product] = words | {"sessionHours": _sessions(market, day)}
    return hours


def _is_open(market: _Market, day: date) -> bool:
    if market.kind in (InstrumentKind.FUTURE, InstrumentKind.FOREX):
        return _stretch(market.kind, day) is not None
    return is_trading_day(market.kind, day)


def _sessions(market: _Market, day: date) -> dict[str, list[dict[str, str]]]:
    if market.kind in (InstrumentKind.FUTURE, InstrumentKind.FOREX):
        stretch = _stretch(market.kind, day)
        assert stretch is not None
        return {"regularMarket": [_span(*stretch)]}
    noon_ns = (midnight_ms(day) // 1000 + _NOON) * NS_PER_SECOND
    day_session = regular(market.kind).at(noon_ns)
    opens, closes = _local(day_session.start_ns), _local(day_session.end_ns) + market.closes_later
    sessions = {"regularMarket": [_span(opens, closes)]}
    if market.has_extended:
        extended = whole(market.kind).at(noon_ns)
        begins = datetime.combine(day, time(7), EXCHANGE_ZONE)
        sessions["preMarket"] = [_span(begins, opens)]
        sessions["postMarket"] = [_span(closes, _local(extended.end_ns))]
    return sessions


def _stretch(kind: InstrumentKind, day: date) -> tuple[datetime, datetime] | None:
    """Return the whole session that closes on a day."""
    noon_ns = (midnight_ms(day) // 1000 + _NOON) * NS_PER_SECOND
    stretch = whole(kind).at(noon_ns)
    return (_local(stretch.start_ns), _local(stretch.end_ns)) if stretch.is_open else None


def _local(at_ns: int) -> datetime:
    return datetime.fromtimestamp(at_ns // NS_PER_SECOND, EXCHANGE_ZONE)


def _span(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}
