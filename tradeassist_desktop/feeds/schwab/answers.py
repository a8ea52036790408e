"""What Schwab's REST answers say, as values; no I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import isfinite
from typing import Any, Final

import msgspec

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import (
    NS_PER_MS,
    NS_PER_SECOND,
    Bar,
    Instrument,
    Quote,
    TradingStatus,
)
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.feeds.bar_bounds import Bounds, bar_bounds, is_sound
from tradeassist_desktop.feeds.schwab.words import kind_of, trading_status

_MOST_DETAIL: Final = 200
_MOST: Final = 1e15
_MOST_MS: Final = 10**13
_PRICES: Final[Mapping[str, str]] = {
    "last": "lastPrice",
    "bid": "bidPrice",
    "ask": "askPrice",
    "last_size": "lastSize",
    "bid_size": "bidSize",
    "ask_size": "askSize",
    "volume": "totalVolume",
    "open": "openPrice",
    "high": "highPrice",
    "low": "lowPrice",
    "prev_close": "closePrice",
}


class Unreadable(ValueError):
    """An answer that is not of the expected form."""


@dataclass(frozen=True, slots=True)
class SchwabQuote:
    """One symbol's quote; ``status`` is ``None`` where Schwab does not tell."""

    quote: Quote
    instrument: Instrument
    is_delayed: bool
    status: TradingStatus | None


@dataclass(frozen=True, slots=True)
class SchwabQuotes:
    """Quotes by symbol, and the symbols Schwab does not know."""

    quotes: Mapping[str, SchwabQuote]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarketHours:
    """When a market opens and closes on a day; both ``None`` where it is closed, UTC nanoseconds."""

    market: str
    day: date
    is_open: bool
    opens_ns: int | None = None
    closes_ns: int | None = None


class _Candle(msgspec.Struct):
    datetime: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0


def read_history(body: bytes, symbol: str, timeframe: str) -> tuple[tuple[Bar, ...], int]:
    """Return the sound bars, oldest first, each start once, and how many were left out.

    Raises:
        Unreadable: there are no candles in it.
    """
    candles = _mapping(body).get("candles")
    if not isinstance(candles, list):
        raise Unreadable("no candles")
    bars: dict[int, Bar] = {}
    bounds = bar_bounds(symbol, timeframe)
    for each in candles:
        bar = _bar(each, symbol, timeframe, bounds)
        if bar is not None:
            bars[bar.start_ns] = bar
    return tuple(bars[start] for start in sorted(bars)), len(candles) - len(bars)


def read_quotes(body: bytes, received_ns: int) -> SchwabQuotes:
    """Return the quotes of an answer.

    Raises:
        Unreadable: it is not an object.
    """
    document = _mapping(body)
    errors = document.pop("errors", None)
    unknown = errors.get("invalidSymbols", []) if isinstance(errors, dict) else []
    quotes = {
        symbol: _quote(symbol, entry, received_ns)
        for symbol, entry in document.items()
        if isinstance(entry, dict)
    }
    return SchwabQuotes(quotes, tuple(name for name in _list(unknown) if isinstance(name, str)))


def read_instruments(body: bytes) -> tuple[FoundInstrument, ...]:
    """Return the instruments of a search, or the one of a CUSIP, in Schwab's order.

    Raises:
        Unreadable: it is no JSON.
    """
    document = _decoded(body)
    if isinstance(document, dict):
        document = [document] if "symbol" in document else document.get("instruments", [])
    return tuple(
        FoundInstrument(
            symbol=entry["symbol"],
            description=_text(entry.get("description")),
            kind=kind_of(entry["symbol"], _text(entry.get("assetType")), _text(entry.get("type"))),
            exchange=_text(entry.get("exchange")),
            cusip=_text(entry.get("cusip")),
        )
        for entry in _list(document)
        if isinstance(entry, dict) and isinstance(entry.get("symbol"), str) and entry["symbol"]
    )


def read_hours(body: bytes, market: str, day: date) -> MarketHours:
    """Return the regular session of the market's own product.

    Raises:
        Unreadable: the market is not in it.
    """
    products = _part(_mapping(body), market)
    entries = [each for each in products.values() if isinstance(each, dict)]
    if not entries:
        raise Unreadable("the market is missing")
    is_open = any(entry.get("isOpen") is True for entry in entries)
    stretches = [
        stretch
        for entry in entries
        if isinstance(entry.get("sessionHours"), dict)
        for stretch in _list(entry["sessionHours"].get("regularMarket"))
    ]
    opens = [instant for each in stretches if (instant := _instant_ns(each, "start")) is not None]
    closes = [instant for each in stretches if (instant := _instant_ns(each, "end")) is not None]
    if not is_open or not opens or not closes:
        return MarketHours(market, day, is_open)
    return MarketHours(market, day, True, min(opens), max(closes))


def reason_in(body: bytes) -> str:
    """Return what an error's body says, in one line; empty where that is nothing readable."""
    try:
        document = _mapping(body)
    except Unreadable:
        return ""
    texts = [
        _text(entry.get("detail")) or _text(entry.get("title"))
        for entry in _list(document.get("errors"))
        if isinstance(entry, dict)
    ]
    fault = document.get("fault")
    if isinstance(fault, dict):
        texts.append(_text(fault.get("faultstring")))
    texts.append(_text(document.get("message")))
    line = " ".join(re.sub(r"[^\x20-\x7e]+", " ", " ".join(filter(None, texts))).split())
    return line[:_MOST_DETAIL]


def fault_code(body: bytes) -> str:
    """Return a gateway fault's code, such as ``protocol.http.TooBigBody``; empty where there is none."""
    try:
        detail = _mapping(body)["fault"]["detail"]
        return _text(detail["errorcode"])
    except (Unreadable, LookupError, TypeError):
        return ""


def _bar(each: object, symbol: str, timeframe: str, bounds: Bounds) -> Bar | None:
    try:
        candle = msgspec.convert(each, _Candle)
    except msgspec.ValidationError:
        return None
    stretch = bounds(candle.datetime * NS_PER_MS)
    if stretch is None:
        return None
    prices = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    bar = Bar(symbol, timeframe, *stretch, *prices)
    return bar if is_sound(bar) else None


def _quote(symbol: str, entry: dict[str, Any], received_ns: int) -> SchwabQuote:
    quote, reference = _part(entry, "quote"), _part(entry, "reference")
    quote_ns, trade_ns = _milliseconds(quote.get("quoteTime")), _milliseconds(quote.get("tradeTime"))
    values = {ours: _number(quote.get(theirs)) for ours, theirs in _PRICES.items()}
    return SchwabQuote(
        quote=Quote(
            symbol=symbol,
            event_ns=max(quote_ns or 0, trade_ns or 0) or received_ns,
            received_ns=received_ns,
            trade_ns=trade_ns,
            **values,
        ),
        instrument=replace(
            instrument_of(symbol),
            description=_text(reference.get("description")),
            cusip=_text(reference.get("cusip")),
        ),
        is_delayed=entry.get("realtime") is False,
        status=trading_status(_text(quote.get("securityStatus"))),
    )


def _instant_ns(stretch: object, end: str) -> int | None:
    try:
        moment = datetime.fromisoformat(stretch[end])  # type: ignore[index]
    except (LookupError, TypeError, ValueError):
        return None
    return None if moment.tzinfo is None else int(moment.timestamp()) * NS_PER_SECOND


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("no JSON") from error


def _mapping(body: bytes) -> dict[str, Any]:
    document = _decoded(body)
    if not isinstance(document, dict):
        raise Unreadable("no object")
    return document


def _part(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = entry.get(name)
    return part if isinstance(part, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _MOST and isfinite(value) else None


def _milliseconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _MOST_MS:
        return None
    return value * NS_PER_MS
