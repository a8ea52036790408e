"""What each operand of a comparison reads, and why one reads nothing."""

from collections.abc import Iterator, Sequence
from math import isnan
from typing import Final

from tradeassist_desktop.domain.alerts import OperandValue
from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES
from tradeassist_desktop.engine.conditions import Arithmetic, Negative, Operand, Value, sides
from tradeassist_desktop.engine.language.printer import value_to_text
from tradeassist_desktop.engine.leaves import LeafNode, PassageNode, RangeNode
from tradeassist_desktop.engine.market.bars import BarStream, Series
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.market.history import Change
from tradeassist_desktop.engine.operands import completed_arguments, specification, unit_of
from tradeassist_desktop.engine.readers import Calculation, Negation, OperandReader, Reader, StreamReader

_NEVER_CAME: Final = {
    "last": "no trade yet",
    "age": "no trade yet",
    "last_size": "no size of a trade yet",
    "bid": "no bid yet",
    "ask": "no ask yet",
    "bid_size": "no size of the bid yet",
    "ask_size": "no size of the ask yet",
    "volume": "no volume of the session yet",
    "open": "no open of the session yet",
    "high": "no high of the session yet",
    "low": "no low of the session yet",
    "prev_close": "no close of the previous session yet",
    "vwap": "no trade with a size in this session yet",
}
_MADE_OF: Final = {
    "mid": ("bid", "ask"),
    "spread": ("bid", "ask"),
    "net_change": ("last", "prev_close"),
    "pct_change": ("last", "prev_close"),
}
_IN_BARS: Final = frozenset(("last", "age", "vwap"))


def operand_values(
    node: LeafNode, left: float | None, right: float | None, now_ns: int, books: Sequence[Book], symbol: str
) -> tuple[OperandValue, ...]:
    """Return every operand of a comparison with its value, left to right.

    An arithmetic side that is unknown though its operands are known follows them, with the reason.

    Args:
        left: The left side's value at the evaluation told of; likewise ``right``.
        books: Of every symbol the comparison reads.
        symbol: The rule's own.
    """
    if node.operands is None:
        node.operands = tuple(_operand_readers(node))
    values = []
    is_known = True
    for text, operand, reader, side, unit in node.operands:
        value = reader.read(now_ns) if side is None else left if side == 0 else right
        missing = None
        if value is None:
            is_known = False
            book = next(book for book in books if book.symbol == (operand.symbol or symbol))
            missing = _missing(operand, reader, book, now_ns)
        values.append(OperandValue(text, value, missing, unit, operand.symbol or ""))
    if is_known and (left is None or right is None):
        values += _impossible(node, now_ns)
    return tuple(values)


def span_text(nanoseconds: int) -> str:
    """Return a length of time in its two largest units: ``1 h 30 m``; at least a second."""
    return told_duration(max(1, -(-nanoseconds // NS_PER_SECOND)) * NS_PER_SECOND)


# --- finding operands beside what reads them


def _operand_readers(node: LeafNode) -> Iterator[OperandReader]:
    found: dict[str, OperandReader] = {}
    for number, (value, reader) in enumerate(zip(sides(node.source), _side_readers(node), strict=True)):
        for operand, each in _pairs(value, reader):
            text = value_to_text(operand)
            side = number if each is reader and number < 2 else None
            found.setdefault(text, OperandReader(text, operand, each, side, unit_of(operand).value))
    yield from found.values()


def _side_readers(node: LeafNode) -> tuple[Reader, ...]:
    if isinstance(node, RangeNode | PassageNode):
        return node.left, node.right, node.high
    return node.left, node.right


def _pairs(value: Value, reader: Reader) -> Iterator[tuple[Operand, Reader]]:
    if isinstance(value, Operand):
        yield value, reader
    elif isinstance(value, Negative):
        assert isinstance(reader, Negation)
        yield from _pairs(value.value, reader.value)
    elif isinstance(value, Arithmetic):
        assert isinstance(reader, Calculation)
        yield from _pairs(value.left, reader.left)
        yield from _pairs(value.right, reader.right)


# --- why a value is missing


def _impossible(node: LeafNode, now_ns: int) -> Iterator[OperandValue]:
    for value, reader in zip(sides(node.source), _side_readers(node), strict=True):
        if isinstance(value, Arithmetic | Negative) and reader.read(now_ns) is None:
            reason = "division by zero" if _divides_by_zero(value, reader, now_ns) else "too large a number"
            yield OperandValue(value_to_text(value), None, reason)


def _divides_by_zero(value: Value, reader: Reader, now_ns: int) -> bool:
    if isinstance(value, Negative):
        assert isinstance(reader, Negation)
        return _divides_by_zero(value.value, reader.value, now_ns)
    if not isinstance(value, Arithmetic):
        return False
    assert isinstance(reader, Calculation)
    if value.operator == "/" and reader.right.read(now_ns) == 0.0:
        return True
    return _divides_by_zero(value.left, reader.left, now_ns) or _divides_by_zero(
        value.right, reader.right, now_ns
    )


def _missing(operand: Operand, reader: Reader, book: Book, now_ns: int) -> str:
    stream = reader.stream if isinstance(reader, StreamReader) else None
    if isinstance(stream, BarStream) and (stream.bars_taken or book.event_ns):
        return _missing_bars(operand, stream, book)
    if not book.event_ns:
        return f"no data of {book.symbol} yet"
    if isinstance(reader, Change):
        return _missing_change(operand, reader, book, now_ns)
    return _missing_field(operand.name, book)


def _missing_field(name: str, book: Book) -> str:
    for part in _MADE_OF.get(name, (name,)):
        if part not in _NEVER_CAME or (part in _MADE_OF.get(name, ()) and book.raw(part).value is not None):
            continue
        if book.recorded_ns is not None and part not in _IN_BARS:
            return f"the recording has no {part}"
        return _NEVER_CAME[part]
    return "the previous close is 0" if name == "pct_change" else "not known yet"


def _missing_change(operand: Operand, change: Change, book: Book, now_ns: int) -> str:
    spec = specification(operand)
    assert spec is not None
    arguments = completed_arguments(operand, spec)
    missing_ns = change.missing_ns(now_ns)
    if missing_ns is None:
        return _missing_field(str(arguments["field"]), book)
    if missing_ns > 0:
        return f"needs {span_text(missing_ns)} more of {arguments['field']}"
    return f"{arguments['field']} was 0 then: there is no change in percent"


def _missing_bars(operand: Operand, stream: BarStream, book: Book) -> str:
    series = next(each for each in book.series.values() if stream in each.streams.values())
    if book.recorded_ns is not None and series.length_ns < book.recorded_ns:
        recorded = next(name for name, length_ns in TIMEFRAMES.items() if length_ns == book.recorded_ns)
        return f"the recording has no bars finer than {recorded}"
    if stream.fault is not None:
        return f"cannot be computed: {stream.fault}"
    missing = stream.bars_needed - stream.bars_taken
    if series.history and isnan(series.history[-1].volume) and (missing <= 0 or _reads_volume(operand)):
        return "the recording has no volume"
    return _needs(missing, series) if missing > 0 else f"not defined for these {series.timeframe} bars"


def _reads_volume(operand: Operand) -> bool:
    return operand.name == "volume" or "volume" in (operand.arguments or ())


def _needs(bars: int, series: Series) -> str:
    plural = "s" if bars > 1 else ""
    if series.timeframe == "1d":
        return f"needs {bars} more 1d bar{plural} (trading day{plural})"
    return f"needs {bars} more {series.timeframe} bar{plural} (about {span_text(bars * series.length_ns)})"
