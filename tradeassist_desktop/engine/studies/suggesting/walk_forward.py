"""Which days a choice is made on, and on which later ones it is judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from tradeassist_desktop.engine.studies.suggesting.firings import Span

FEWEST_DAYS: Final = 6
_MOST_FOLDS: Final = 3


@dataclass(frozen=True, slots=True)
class Fold:
    """The days a choice is made on, and the ones after them on which it is judged."""

    train: Span
    test: Span


def folds(days: Sequence[date]) -> tuple[Fold, ...]:
    """Return up to three folds, the oldest first: each is judged on the days after those it knows.

    The first knows half of the days; each later one also knows what the one before was judged on. The
    tests do not overlap. Empty for fewer than six days.
    """
    if len(days) < FEWEST_DAYS:
        return ()
    known = len(days) // 2
    rest = len(days) - known
    count = min(_MOST_FOLDS, rest)
    ends = [known + rest * number // count for number in range(count + 1)]
    return tuple(
        Fold(Span(tuple(days[:start])), Span(tuple(days[start:end]))) for start, end in pairwise(ends)
    )
