"""How long an answer is waited for."""

from collections import Counter
from typing import Final

_MOST_DOUBLINGS: Final = 2
_QUICK_TRIES: Final = 2


class AnswerPatience:
    """Short at first, longer for a venue that goes on not answering.

    A stream must be back within 5 s of its venue, so that an answer that was lost may not be
    waited for as long; but a venue that is slow at the open must not be hung up on for ever. So
    after two answers to the same command missed in a row its limit doubles with each, up to four
    times the first; that the sign-in is answered at once does not make what is asked next any quicker.

    Args:
        first_s: The first limit, seconds.
    """

    def __init__(self, *, first_s: float) -> None:
        self._first_s = first_s
        self._missed: Counter[str] = Counter()

    def limit_s(self, command: str) -> float:
        """Return how long the next answer to a command may take, seconds."""
        doublings = min(max(0, self._missed[command] - _QUICK_TRIES + 1), _MOST_DOUBLINGS)
        return self._first_s * float(2**doublings)

    def on_answer(self, command: str) -> None:
        """Be told that one came in time."""
        del self._missed[command]

    def on_missed(self, command: str) -> None:
        """Be told that none did."""
        self._missed[command] += 1
