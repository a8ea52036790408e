"""How well a few typed letters fit a title."""

import re
from typing import Final

_WHOLE: Final = 200.0
_AT_START: Final = 120.0
_AT_WORD: Final = 90.0
_INSIDE: Final = 50.0
_SPREAD: Final = 20.0
_ELSEWHERE: Final = 12.0
_PER_LETTER: Final = 0.1


class Query:
    """What was typed, made ready to be asked of thousands of titles.

    Each typed word must fit, in any order: as all of the title, at its start or at a word's (best), inside a
    word, with letters between (``nwr`` fits New rule), or, least, somewhere beside the title.
    """

    def __init__(self, typed: str) -> None:
        self._words = [(word, re.compile(".*?".join(map(re.escape, word)))) for word in typed.lower().split()]

    def score(self, title: str, also: str = "") -> float | None:
        """Return how well a title fits, the more the better; ``None`` where it does not.

        Args:
            title: In lower case, as ``also``, what stands beside it.
        """
        score = -_PER_LETTER * len(title) if self._words else 0.0
        for word, letters in self._words:
            at = title.find(word)
            if at == 0:
                score += _WHOLE if word == title else _AT_START
            elif at > 0:
                score += _AT_WORD if _word_at(title, word, at) >= 0 else _INSIDE
            elif word in also:
                score += _ELSEWHERE
            else:
                found = letters.search(title)
                if found is None:
                    return None
                score += _SPREAD * len(word) / len(found[0])
        return score

    def marks(self, title: str) -> tuple[int, ...]:
        """Return which letters of a title that fits were typed, by number."""
        lower = title.lower()
        marks: set[int] = set()
        for word, letters in self._words:
            at = lower.find(word)
            if at >= 0:
                start = max(at, _word_at(lower, word, at))
                marks.update(range(start, start + len(word)))
            elif letters.search(lower) is not None:
                marks.update(_spread(word, lower))
        return tuple(sorted(marks))


def _word_at(title: str, word: str, at: int) -> int:
    """Return where a title has ``word`` at the start of a word, at ``at`` or later; -1 for nowhere."""
    while at > 0 and title[at - 1].isalnum():
        at = title.find(word, at + 1)
    return at


def _spread(word: str, title: str) -> list[int]:
    """Return the places of a word's letters one after another in a title that has them."""
    marks: list[int] = []
    at = 0
    for letter in word:
        at = title.find(letter, at) + 1
        marks.append(at - 1)
    return marks
