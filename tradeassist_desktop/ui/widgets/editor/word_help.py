"""What the word at the caret means, and what may stand between its parentheses."""

import re
from functools import cache
from typing import Final

from tradeassist_desktop.engine.language import Word, reference

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[a-z0-9_]+)?")


def help_at(text: str, caret: int) -> str:
    """Return help on the function whose parentheses are open at the caret, else on the word there."""
    word = _function_open_at(text, caret) or _word_at(text, caret)
    if word is None:
        return ""
    signature = word.signature if word.parameters else word.word
    parameters = f" ({'; '.join(word.parameters)})" if word.parameters else ""
    return f"{signature}: {word.doc}{parameters}"


@cache
def _words() -> dict[str, Word]:
    known: dict[str, Word] = {}
    for word in reference():
        known.setdefault(word.word, word)  # open is the session's before it is a bar's
    return known


def _function_open_at(text: str, caret: int) -> Word | None:
    depth = 0
    for place in range(min(caret, len(text)) - 1, -1, -1):
        if text[place] == ")":
            depth += 1
        elif text[place] == "(":
            if depth == 0:
                return _word_ending_at(text, place)
            depth -= 1
    return None


def _word_at(text: str, caret: int) -> Word | None:
    found = next((each for each in _WORD.finditer(text) if each.start() <= caret <= each.end()), None)
    return None if found is None else _known(found.group())


def _word_ending_at(text: str, place: int) -> Word | None:
    found = next((each for each in _WORD.finditer(text) if each.end() == place), None)
    return None if found is None else _known(found.group())


def _known(written: str) -> Word | None:
    """Return a word as the language knows it, also after a symbol."""
    words = _words()
    return words.get(written.lower()) or words.get(written.lower().rpartition(".")[2])
