"""What somebody writes who does not know the language yet, and what to write instead."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Final

_GUESS: Final = "; did you mean "
_ABOVE: Final = "write crosses above, or >"
_BELOW: Final = "write crosses below, or <"
_EXACT: Final = re.compile(r"write ([^\d, ]+(?: [^\d, ]+)?)(?:, or .+)?")
_HOLD: Final = "how long it must stay true is set beside the condition, as its hold"

VALUES: Final[Mapping[str, str]] = {"price": "write last", "trade": "write last", "quote": "write bid or ask"}
"""By a word where a value has to stand: what to do."""

OTHERS: Final[Mapping[str, str]] = {
    "above": _ABOVE,
    "over": _ABOVE,
    "greater": _ABOVE,
    "higher": _ABOVE,
    "more": _ABOVE,
    "exceeds": _ABOVE,
    "breaks": _ABOVE,
    "rises": _ABOVE,
    "up": _ABOVE,
    "below": _BELOW,
    "under": _BELOW,
    "less": _BELOW,
    "lower": _BELOW,
    "falls": _BELOW,
    "drops": _BELOW,
    "down": _BELOW,
    "is": "write >, < or ==",
    "equals": "write ==",
    "goes": "write crosses",
    "reaches": "write touches",
    "hits": "write touches",
    "between": "write in 5520..5530",
    "x": "write *",
    "for": _HOLD,
    "=": "write ==, or >= and <=",
    "=>": "write >=",
    "=<": "write <=",
    "&": "write and",
    "&&": "write and",
    "|": "write or",
    "||": "write or",
}
"""By a word or sign anywhere else: what to do."""


def meant(word: str, possible: Iterable[str], told: Mapping[str, str]) -> str:
    """Return what may have been meant by a word, to follow a message; empty where nobody can tell.

    Args:
        possible: The words that can stand there.
        told: What to do by words that can't.
    """
    near = [word] if word in told else difflib.get_close_matches(word, (*possible, *told), n=1)
    if not near:
        return ""
    return f"; {told[near[0]]}" if near[0] in told else f"{_GUESS}{near[0]}?"


def without_guess(message: str) -> str:
    """Return a message without what may have been meant: of a word that is still being typed nobody knows."""
    return message.partition(_GUESS)[0]


def instead_of(word: str, told: Mapping[str, str]) -> str | None:
    """Return what to write in a word's place, of several the first; ``None`` where nobody can tell."""
    exact = _EXACT.fullmatch(told.get(word, ""))
    return None if exact is None else exact[1]
