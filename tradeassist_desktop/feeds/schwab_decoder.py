"""Schwab's frames into ticks, answers and notices: no I/O, and fast where a frame is sound."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

import msgspec

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, BadFrame, Instrument, Tick
from tradeassist_desktop.feeds.schwab_fields import EQUITIES, FUTURES, ITEMS, EquityItem, FutureItem, Item

_T = TypeVar("_T")


class Content(msgspec.Struct):
    """Schwab's verdict: 0 is success; the other codes are in ``schwab_session``."""

    code: int
    msg: str = ""


class Answer(msgspec.Struct):
    """What Schwab says to one of our commands."""

    content: Content
    requestid: str | int = ""
    service: str = ""
    command: str = ""


class Notice(msgspec.Struct):
    """A heartbeat, or a verdict nobody asked for (12, 30)."""

    heartbeat: str | int | None = None
    content: Content | None = None


class _EquityPart(msgspec.Struct, tag_field="service", tag=EQUITIES):
    content: list[EquityItem] = []
    timestamp: int | None = None


class _FuturePart(msgspec.Struct, tag_field="service", tag=FUTURES):
    content: list[FutureItem] = []
    timestamp: int | None = None


class _Frame(msgspec.Struct):
    data: list[_EquityPart | _FuturePart] = []
    response: list[Answer] = []
    notify: list[Notice] = []


@dataclass(frozen=True, slots=True)
class Reading:
    """What one frame said. ``faults`` counts the pieces of it that could not be read and were left out."""

    ticks: list[Tick]
    instruments: Sequence[Instrument] = ()
    answers: Sequence[Answer] = ()
    notices: Sequence[Notice] = ()
    faults: int = 0


@dataclass(slots=True)
class _Salvage:
    """A frame read piece by piece, since something in it is not of the expected type."""

    parts: list[tuple[int | None, list[Item]]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    faults: int = 0


class SchwabDecoder:
    """Turns frames into ticks; remembers each symbol's newest time and nothing else.

    A tick's ``event_ns`` is the newest of the quote and trade times that came with it; where
    none came, the newest known of its symbol, else the frame's own time, else ``received_ns``.
    """

    def __init__(self) -> None:
        self._newest_ns: dict[str, int] = {}
        self._decoder = msgspec.json.Decoder(_Frame)

    def decode(self, frame: bytes, received_ns: int) -> Sequence[Tick]:
        """Return the frame's ticks in order; none for answers and notices.

        Raises:
            BadFrame: it is not a JSON object.
        """
        return self.read(frame, received_ns).ticks

    def read(self, frame: bytes, received_ns: int) -> Reading:
        """Return all the frame says. A value of the wrong type is left out, its neighbours are kept.

        Raises:
            BadFrame: it is not a JSON object.
        """
        try:
            decoded = self._decoder.decode(frame)
        except msgspec.ValidationError:
            return self._read_piecewise(frame, received_ns)
        except (ValueError, RecursionError) as error:
            raise BadFrame(str(error)) from None
        ticks: list[Tick] = []
        instruments: list[Instrument] = []
        for part in decoded.data:
            self._add(part.content, part.timestamp, received_ns, ticks, instruments)
        return Reading(ticks, instruments, decoded.response, decoded.notify)

    def _add(
        self,
        items: Iterable[Item],
        frame_ms: int | None,
        received_ns: int,
        ticks: list[Tick],
        instruments: list[Instrument],
    ) -> None:
        """Append what the items say."""
        # The hot loop: one item must cost less than a microsecond with its decoding.
        newest_ns = self._newest_ns
        new = tuple.__new__
        latest_ns = received_ns + _AHEAD_AT_MOST_NS
        for item in items:
            key = item.key
            quote_ms, trade_ms = item.quote_ms, item.trade_ms
            known_ns = newest_ns.get(key, 0)
            trade_ns = None
            if trade_ms is not None:
                trade_ns = trade_ms * NS_PER_MS
                event_ns = trade_ns if quote_ms is None or quote_ms <= trade_ms else quote_ms * NS_PER_MS
            elif quote_ms is not None:
                event_ns = quote_ms * NS_PER_MS
            else:
                event_ns = known_ns or (frame_ms * NS_PER_MS if frame_ms else received_ns)
            tick = new(
                Tick,
                (
                    key,
                    event_ns,
                    received_ns,
                    item.last,
                    item.bid,
                    item.ask,
                    item.last_size,
                    item.bid_size,
                    item.ask_size,
                    item.volume,
                    item.open,
                    item.high,
                    item.low,
                    item.prev_close,
                    trade_ns,
                ),
            )
            if item.description is not None:
                instruments.append(_instrument(item))
            if quote_ms is None and trade_ms is None and not any(value is not None for value in tick[3:]):
                # Words only: a snapshot of a symbol without prices must not look like an update.
                continue
            if known_ns < event_ns <= latest_ns:
                # A stamp from the future is refused later on; here it must not stand for later updates.
                newest_ns[key] = event_ns
            ticks.append(tick)

    def _read_piecewise(self, frame: bytes, received_ns: int) -> Reading:
        salvage = _salvage(frame)
        ticks: list[Tick] = []
        instruments: list[Instrument] = []
        for frame_ms, items in salvage.parts:
            self._add(items, frame_ms, received_ns, ticks, instruments)
        return Reading(ticks, instruments, salvage.answers, salvage.notices, salvage.faults)


def _instrument(item: Item) -> Instrument:
    known = instrument_of(item.key)
    described = replace(known, description=item.description or "")
    tick_size = item.tick_size if isinstance(item, FutureItem) else None
    if tick_size is None or tick_size == known.tick_size or not 0 < tick_size < 1e6:
        return described
    return replace(described, tick_size=tick_size, decimals=_decimals(tick_size))


def _decimals(tick_size: float) -> int:
    # As many digits as the step itself has: 0.25 needs 2, 0.00005 needs 5.
    return next((digits for digits in range(9) if abs(round(tick_size, digits) - tick_size) < 1e-12), 8)


_AHEAD_AT_MOST_NS: Final = 60 * NS_PER_SECOND
_RAW_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])


def _salvage(frame: bytes) -> _Salvage:
    salvage = _Salvage()
    try:
        document = _RAW_OBJECT.decode(frame)
    except (ValueError, RecursionError) as error:
        raise BadFrame(str(error)) from None
    for raw in _elements(document.get("data"), salvage):
        _salvage_part(raw, salvage)
    salvage.answers.extend(_whole(document.get("response"), Answer, salvage))
    salvage.notices.extend(_whole(document.get("notify"), Notice, salvage))
    return salvage


def _salvage_part(raw: msgspec.Raw, salvage: _Salvage) -> None:
    part = _read(raw, dict[str, msgspec.Raw], salvage)
    if part is None:
        return
    service = _read(part.get("service"), str, salvage)
    item_type = ITEMS.get((service or "").strip())
    if item_type is None:
        # A service we did not subscribe is none of our business, and no fault either.
        return
    frame_ms = _read(part["timestamp"], int, salvage) if "timestamp" in part else None
    items: list[Item] = []
    for element in _elements(part.get("content"), salvage):
        fields = _read(element, dict[str, msgspec.Raw], salvage)
        key = None if fields is None else _read(fields.get("key"), str, salvage)
        if fields is not None and key is not None:
            items.append(_salvage_item(item_type, key, fields, salvage))
    salvage.parts.append((frame_ms, items))


def _salvage_item(
    item_type: type[EquityItem] | type[FutureItem],
    key: str,
    fields: dict[str, msgspec.Raw],
    salvage: _Salvage,
) -> Item:
    values: dict[str, Any] = {}
    for spec in msgspec.structs.fields(item_type):
        if spec.encode_name in fields and spec.name != "key":
            values[spec.name] = _read(fields[spec.encode_name], spec.type, salvage)
    return item_type(key=key, **values)


def _whole(raw: msgspec.Raw | None, type_: type[_T], salvage: _Salvage) -> Iterator[_T]:
    for element in _elements(raw, salvage):
        value = _read(element, type_, salvage)
        if value is not None:
            yield value


def _elements(raw: msgspec.Raw | None, salvage: _Salvage) -> list[msgspec.Raw]:
    if raw is None:
        return []
    try:
        return _RAW_LIST.decode(raw)
    except (ValueError, RecursionError):
        salvage.faults += 1
        return []


def _read(raw: msgspec.Raw | None, type_: type[_T], salvage: _Salvage) -> _T | None:
    try:
        return msgspec.json.decode(raw if raw is not None else b"", type=type_)
    except (ValueError, RecursionError):
        salvage.faults += 1
        return None
