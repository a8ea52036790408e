"""What was seen at each evaluation, and what follows of all of them: sequences, momentary leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.backtest.cases import SECOND_NS
from tests.backtest.conditions import Condition, Leaf, Logic, Not, Then, is_momentary, parts
from tests.backtest.truth import Sides, Truth, joined, negated

Path = tuple[int, ...]
"""Where a part of a condition stands in its tree."""


@dataclass
class Evaluation:
    """What was seen at one evaluation: every leaf's values, every part's truth."""

    time_ns: int
    sides: dict[Path, Sides] = field(default_factory=dict)
    truths: dict[Path, Truth] = field(default_factory=dict)

    def value(self) -> float | None:
        """The left side of the leftmost true leaf."""
        for path in sorted(self.sides):
            if self.truths[path] is True:
                return self.sides[path].values[0]
        return None


def in_sequence(
    sequence: Then, path: Path, inner: Sequence[Truth], now_ns: int, past: Sequence[Evaluation]
) -> Truth:
    """Whether the last step is true now and the others were, one after the other, in time.

    Only evaluations after the one that last completed the sequence count.
    """
    completed = [at for at, each in enumerate(past) if each.truths[path] is True]
    since = completed[-1] + 1 if completed else 0
    in_time = [each for each in past[since:] if now_ns - each.time_ns <= sequence.seconds * SECOND_NS]
    if not were_passed([(*path, at) for at in range(len(inner) - 1)], in_time):
        return False
    return inner[-1]


def were_passed(steps: Sequence[Path], evaluations: Sequence[Evaluation]) -> bool:
    """Whether there are distinct evaluations, one later than the other, at which the steps were true."""
    return not steps or any(
        evaluation.truths[steps[0]] is True and were_passed(steps[1:], evaluations[at + 1 :])
        for at, evaluation in enumerate(evaluations)
    )


def without_moments(condition: Condition, path: Path, now: Evaluation) -> Truth:
    """The condition's truth with its momentary leaves taken as false."""
    if isinstance(condition, Then) or (isinstance(condition, Leaf) and is_momentary(condition)):
        return False
    inner = [without_moments(part, (*path, at), now) for at, part in enumerate(parts(condition))]
    if isinstance(condition, Logic):
        return joined(condition.word, inner)
    return negated(inner[0]) if isinstance(condition, Not) else now.truths[path]
