"""Reads a frame of Schwab's piece by piece, where something in it is not of the expected type."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import msgspec

from tradeassist_desktop.domain.market import BadFrame
from tradeassist_desktop.feeds.schwab.fields import CHART_ITEMS, ITEMS, ChartItem, Item, Milliseconds
from tradeassist_desktop.feeds.schwab.frames import Answer, Notice

_T = TypeVar("_T")
_I = TypeVar("_I", Item, ChartItem)

_RAW_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(slots=True)
class Salvage:
    """What could be read; ``faults`` counts the pieces that could not and were left out.

    ``parts`` are the updates with their frame's time, milliseconds.
    """

    parts: list[tuple[int | None, list[Item]]] = field(default_factory=list)
    charts: list[list[ChartItem]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    faults: int = 0


def salvage(frame: bytes) -> Salvage:
    """Return every piece of a frame that is as expected.

    Raises:
        BadFrame: it is not a JSON object.
    """
    found = Salvage()
    try:
        document = _RAW_OBJECT.decode(frame)
    except (ValueError, RecursionError) as error:
        raise BadFrame(str(error)) from None
    for raw in _elements(document.get("data"), found):
        _salvage_part(raw, found)
    found.answers.extend(_whole(document.get("response"), Answer, found))
    found.notices.extend(_whole(document.get("notify"), Notice, found))
    return found


def _salvage_part(raw: msgspec.Raw, found: Salvage) -> None:
    part = _read(raw, dict[str, msgspec.Raw], found)
    if part is None:
        return
    service = (_read(part.get("service"), str, found) or "").strip()
    # A service we did not subscribe is none of our business, and no fault either.
    if service in ITEMS:
        frame_ms = _read(part["timestamp"], Milliseconds, found) if "timestamp" in part else None
        items: list[Item] = _salvage_items(ITEMS[service], part.get("content"), found)
        found.parts.append((frame_ms, items))
    elif service in CHART_ITEMS:
        found.charts.append(_salvage_items(CHART_ITEMS[service], part.get("content"), found))


def _salvage_items(item_type: type[_I], content: msgspec.Raw | None, found: Salvage) -> list[_I]:
    items: list[_I] = []
    for element in _elements(content, found):
        fields = _read(element, dict[str, msgspec.Raw], found)
        key = None if fields is None else _read(fields.get("key"), str, found)
        if fields is None or key is None:
            continue
        values: dict[str, Any] = {}
        for spec in msgspec.structs.fields(item_type):
            if spec.encode_name in fields and spec.name != "key":
                values[spec.name] = _read(fields[spec.encode_name], spec.type, found)
        items.append(item_type(key=key, **values))
    return items


def _whole(raw: msgspec.Raw | None, type_: type[_T], found: Salvage) -> Iterator[_T]:
    for element in _elements(raw, found):
        value = _read(element, type_, found)
        if value is not None:
            yield value


def _elements(raw: msgspec.Raw | None, found: Salvage) -> list[msgspec.Raw]:
    if raw is None:
        return []
    try:
        return _RAW_LIST.decode(raw)
    except (ValueError, RecursionError):
        found.faults += 1
        return []


def _read(raw: msgspec.Raw | None, type_: Any, found: Salvage) -> Any:
    try:
        return msgspec.json.decode(raw if raw is not None else b"", type=type_)
    except (ValueError, RecursionError):
        found.faults += 1
        return None
