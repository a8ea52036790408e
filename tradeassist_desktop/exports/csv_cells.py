"""Cells of CSV files (RFC 4180) that no spreadsheet takes for a formula.

A text that a spreadsheet might calculate, or that begins with an apostrophe, gets an apostrophe in
front; numbers are numbers, also below zero. So what was a text is one again after ``text_of``: one
apostrophe at the front is taken away, and nothing else was changed.
"""

import math
import unicodedata
from collections.abc import Sequence
from typing import Final

LINE_END: Final = "\r\n"

_GUARD: Final = "'"
_FORMULA_SIGNS: Final = frozenset("=+-@−")
_FIRST: Final = frozenset("\t\r\n")
_MUST_BE_QUOTED: Final = frozenset(',"\r\n')
_UNSEEN: Final = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))

Cell = str | int | float | None


def csv_line(cells: Sequence[Cell]) -> str:
    """Return one line with its end; what is not known, or is no number, is an empty cell."""
    return ",".join(map(_written, cells)) + LINE_END


def text_cell(text: str) -> str:
    """Return a text as it goes into a cell, before it is quoted."""
    return _GUARD + text if _may_be_formula(text) or text.startswith(_GUARD) else text


def text_of(cell: str) -> str:
    """Return the text that a cell was made of."""
    return cell.removeprefix(_GUARD)


def _may_be_formula(text: str) -> bool:
    if text[:1] in _FIRST:
        return True
    # Spreadsheets pass over spaces and quotes, and some over what is not seen.
    first = next((letter for letter in text if not _is_passed_over(letter)), "")
    # Full-width and small forms too: some turn them into the plain ones.
    return unicodedata.normalize("NFKC", first) in _FORMULA_SIGNS


def _is_passed_over(letter: str) -> bool:
    return letter in "\"'`" or letter.isspace() or unicodedata.category(letter) in _UNSEEN


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return str(int(cell))
    if isinstance(cell, float):
        return repr(cell) if math.isfinite(cell) else ""
    text = text_cell(cell)
    # Spaces at the ends would be lost in some readers.
    if _MUST_BE_QUOTED.isdisjoint(text) and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'
