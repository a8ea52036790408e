"""Lists of symbols from other programs: a column of a CSV, or whatever words a list is made of."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.instruments import LONGEST_SYMBOL, instrument_of, is_symbol
from tradeassist_desktop.domain.market import InstrumentKind
from tradeassist_desktop.domain.watching import LONGEST_GROUP_NAME, MOST_WATCHED, UNGROUPED, Groups
from tradeassist_desktop.exports.csv_cells import csv_line, text_of
from tradeassist_desktop.services.transfer.recognizing import refuse_recording

MOST_LIST_BYTES: Final = 1024 * 1024
A_LIST: Final = "a list of symbols"

_MOST_FAULTS: Final = 100
_SYMBOL_TITLES: Final = frozenset(("symbol", "symbols", "ticker", "code"))
_GROUP_TITLES: Final = frozenset(("group", "list", "watchlist", "sector"))
# TradingView writes the exchange before the symbol; behind a future it is Schwab's own.
_EXCHANGE: Final = re.compile(r"^[A-Z_]{2,12}:(?=[A-Z$])")
_SECTION: Final = "###"

Listed = tuple[str, str]
"""A symbol, and the group it is to be in."""


def read_symbols(content: bytes) -> tuple[Listed, ...]:
    """Return the symbols of a list, each once, with their groups.

    A file with a title line is read by its columns ``symbol`` (or ``ticker``) and ``group``; any other is
    a list of symbols apart by commas, semicolons, tabs, spaces or lines, with ``###Name`` before a group.

    Raises:
        BadInput: with every line that holds no symbol; nothing is half read.
    """
    refuse_recording(content, wanted=A_LIST)
    text = _decoded(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = next((each for each in ("\t", ";") if each in first), ",")
    titles = [title.strip().casefold() for title in first.split(separator)]
    is_bare = _SYMBOL_TITLES.isdisjoint(titles)
    return _checked(_words(text) if is_bare else _columns(text, separator))


def symbols_csv(groups: Groups) -> str:
    """Return a list that ``read_symbols`` reads back as these symbols in these groups."""
    lines = [csv_line([symbol, group.name]) for group in groups for symbol in group.symbols]
    return csv_line(["symbol", "group"]) + "".join(lines)


def _decoded(content: bytes) -> str:
    if len(content) > MOST_LIST_BYTES:
        raise BadInput([Fault("", f"is larger than {MOST_LIST_BYTES // 1024 // 1024} MiB")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput([Fault("", f"is no text (UTF-8): byte {error.start + 1}")]) from None


def _columns(text: str, separator: str) -> Iterator[tuple[int, str, str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    symbol_at, group_at = 0, None
    is_title_read = False
    try:
        for row in reader:
            cells = [text_of(cell.strip()).strip() for cell in row]
            if not any(cells):
                continue
            if not is_title_read:
                is_title_read = True
                titles = [cell.casefold() for cell in cells]
                symbol_at = next(at for at, title in enumerate(titles) if title in _SYMBOL_TITLES)
                group_at = next((at for at, title in enumerate(titles) if title in _GROUP_TITLES), None)
                continue
            group = cells[group_at] if group_at is not None and group_at < len(cells) else UNGROUPED
            yield reader.line_num, cells[symbol_at] if symbol_at < len(cells) else "", group
    except csv.Error as error:
        raise BadInput([Fault(f"line {reader.line_num}", f"is no line of a CSV file: {error}")]) from None


def _words(text: str) -> Iterator[tuple[int, str, str]]:
    group = UNGROUPED
    for number, line in enumerate(text.splitlines(), 1):
        for piece in re.split(r"[,;\t]", line):
            written = text_of(piece.strip().strip('"')).strip()
            if written.startswith(_SECTION):
                group = written.removeprefix(_SECTION).strip()
            elif instrument_of(written.upper()).kind is InstrumentKind.OPTION:  # spelled with spaces
                yield number, written, group
            else:
                for word in written.split():
                    yield number, word, group


def _checked(found: Iterable[tuple[int, str, str]]) -> tuple[Listed, ...]:
    listed: dict[str, str] = {}
    faults: list[Fault] = []
    for line, written, group in found:
        symbol = _EXCHANGE.sub("", written.upper())
        if len(symbol) > LONGEST_SYMBOL:
            faults.append(Fault(f"line {line}", f"a symbol has at most {LONGEST_SYMBOL} characters"))
        elif not is_symbol(symbol):
            shown = f"“{written}”" if written.isprintable() else "what stands here"
            faults.append(Fault(f"line {line}", f"{shown} is no symbol" if written else "has no symbol"))
        elif len(group) > LONGEST_GROUP_NAME or not group.isprintable():
            faults.append(
                Fault(
                    f"line {line}", f"a group's name has at most {LONGEST_GROUP_NAME} characters, on one line"
                )
            )
        else:
            listed.setdefault(symbol, group)
        if len(listed) > MOST_WATCHED:
            raise BadInput([Fault("", f"holds more than {MOST_WATCHED:,} symbols")])
        if len(faults) == _MOST_FAULTS:
            faults.append(Fault(f"line {line}", "what follows was not read: too many faults"))
            break
    if faults:
        raise BadInput(faults)
    if not listed:
        raise BadInput([Fault("", "holds no symbol")])
    return tuple(listed.items())
