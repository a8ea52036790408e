"""What a refused condition most likely means, put right: for whoever would rather press a key than retype."""

import difflib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.language.advice import OTHERS, VALUES, instead_of
from tradeassist_desktop.engine.language.checker import known_words
from tradeassist_desktop.engine.language.fieldless import fieldless_at, with_field
from tradeassist_desktop.engine.language.grammar import KEYWORDS
from tradeassist_desktop.engine.language.parser import COIN, parse

_LONGEST_TEXT: Final = 400
"""Of a longer one each guess would take too long for something that is done while one types."""
_MOST_STEPS: Final = 5
_MOST_NEAR: Final = 3
_LONGEST_WORD: Final = 40
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[<>=&|]+", re.ASCII)
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_TICKER: Final = re.compile(r"[a-z]{1,5}")

_Change = tuple[int, int, str]
"""From which character to which, and what stands there instead."""


@lru_cache(maxsize=64)  # asked for again as the pointer moves in the text
def mended(text: str) -> str | None:
    """Return a refused text put right; ``None`` for a sound one, and where nobody can tell what was meant.

    Each step must lead further than the one before: a guess that only moves the fault is none.
    """
    column = None if len(text) > _LONGEST_TEXT else _wrong_at(text)
    if column is None:
        return None
    for _ in range(_MOST_STEPS):
        for start, end, word in _changes(text, column):
            changed = text[:start] + word + text[end:]
            wrong_at = _wrong_at(changed)
            if wrong_at is None:
                return changed
            if wrong_at > start + len(word):
                text, column = changed, wrong_at
                break
        else:
            return None
    return None


def _wrong_at(text: str) -> int | None:
    try:
        parse(text)
    except BadInput as error:
        return error.faults[0].column or 1
    return None


def _changes(text: str, column: int) -> Iterator[_Change]:
    """Yield what could be meant at a column, the likeliest first."""
    alone = fieldless_at(text, column)
    if alone is not None:
        yield alone.start, alone.end, alone.instead
    for found in COIN.finditer(text):
        if found.start(1) < column <= found.end():
            yield found.start(1), found.end(1), f'"{found[1].upper()}"'
    for found in _THOUSANDS.finditer(text):
        if found.start() < column <= found.end():
            yield found.start(), found.end(), found[0].replace(",", "")
    word = next((each for each in _WORD.finditer(text) if each.start() < column <= each.end()), None)
    if word is not None and len(word[0]) <= _LONGEST_WORD:
        for instead in _instead(word[0]):
            yield word.start(), word.end(), instead


def _instead(word: str) -> Iterator[str]:
    written = word.lower()
    for told in (VALUES, OTHERS):
        exact = instead_of(written, told)
        if exact is not None:
            yield exact
    if written in KEYWORDS or not written[0].isalpha():
        return
    near = difflib.get_close_matches(written, known_words(), n=_MOST_NEAR)
    yield from near
    if not near and _TICKER.fullmatch(word):
        yield with_field(word)
