"""Kleene's logic and sequences over comparisons at work.

Every node is evaluated at every evaluation, without short cuts, so that no crossing loses
its "previous". Truth is ``True``, ``False``, or ``None`` for unknown.
"""

from collections.abc import Sequence
from typing import Any

Truth = bool | None


class Node:
    """Part of a condition at work."""

    __slots__ = ("truth",)

    def __init__(self) -> None:
        self.truth: Truth = None

    def evaluate(self, now_ns: int) -> Truth:
        """Compute, keep and return the truth now."""
        raise NotImplementedError

    def calm(self) -> Truth:
        """Return the kept truth, momentary leaves taken as false."""
        return self.truth

    def is_unsettled(self) -> bool:
        """Whether an evaluation with nothing changed would give another truth."""
        return False

    def memory(self) -> Any:
        """Return what it must remember of earlier evaluations, as a plain value."""
        return None

    def remember(self, memory: Any) -> None:
        """Go on from what ``memory`` returned.

        Raises:
            TypeError: it is not such a value; likewise ``ValueError``.
        """


class AllNode(Node):
    """True if every part is, false if one is false, else unknown."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Sequence[Node]) -> None:
        super().__init__()
        self._parts = tuple(parts)

    def evaluate(self, now_ns: int) -> Truth:
        """Evaluate every part."""
        truth: Truth = True
        for part in self._parts:
            of_part = part.evaluate(now_ns)
            if of_part is False:
                truth = False
            elif of_part is None and truth is True:
                truth = None
        self.truth = truth
        return truth

    def calm(self) -> Truth:
        """Return the truth, momentary leaves taken as false."""
        truths = [part.calm() for part in self._parts]
        return False if False in truths else None if None in truths else True


class SomeNode(Node):
    """True if one part is, false if every one is false, else unknown."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Sequence[Node]) -> None:
        super().__init__()
        self._parts = tuple(parts)

    def evaluate(self, now_ns: int) -> Truth:
        """Evaluate every part."""
        truth: Truth = False
        for part in self._parts:
            of_part = part.evaluate(now_ns)
            if of_part is True:
                truth = True
            elif of_part is None and truth is False:
                truth = None
        self.truth = truth
        return truth

    def calm(self) -> Truth:
        """Return the truth, momentary leaves taken as false."""
        truths = [part.calm() for part in self._parts]
        return True if True in truths else None if None in truths else False


class NotNode(Node):
    """The opposite; unknown stays unknown."""

    __slots__ = ("_part",)

    def __init__(self, part: Node) -> None:
        super().__init__()
        self._part = part

    def evaluate(self, now_ns: int) -> Truth:
        """Evaluate the part."""
        truth = self._part.evaluate(now_ns)
        self.truth = truth = None if truth is None else not truth
        return truth

    def calm(self) -> Truth:
        """Return the truth, momentary leaves taken as false."""
        truth = self._part.calm()
        return None if truth is None else not truth


class ThenNode(Node):
    """True at the evaluation that completes the steps, each at a later one than the step before.

    Of every begun sequence only the latest start can matter: ``_starts[i]`` is the latest evaluation
    of the first step from which steps 0 to ``i`` have been passed, each at its own evaluation.
    """

    __slots__ = ("_starts", "_steps", "_within_ns")

    def __init__(self, steps: Sequence[Node], *, within_ns: int) -> None:
        super().__init__()
        self._steps = tuple(steps)
        self._within_ns = within_ns
        self._starts: list[int | None] = [None] * (len(steps) - 1)

    def evaluate(self, now_ns: int) -> Truth:
        """Evaluate every step and go on from what earlier evaluations have passed."""
        truths = [step.evaluate(now_ns) for step in self._steps]
        starts = self._starts
        earliest_ns = now_ns - self._within_ns
        begun_ns = starts[-1]
        if begun_ns is None or begun_ns < earliest_ns:
            self.truth = False
        else:
            self.truth = truths[-1]
        if self.truth is True:
            self._starts = [None] * len(starts)  # it starts anew; this evaluation begins nothing
            return True
        # From the last step to the first, so that each goes on from an earlier evaluation.
        for at in range(len(starts) - 1, 0, -1):
            begun_ns = starts[at - 1]
            if truths[at] is True and begun_ns is not None and begun_ns >= earliest_ns:
                starts[at] = begun_ns
        if truths[0] is True:
            starts[0] = now_ns
        return self.truth

    def calm(self) -> Truth:
        """Return false: a completed sequence is over after its evaluation."""
        return False

    def is_unsettled(self) -> bool:
        """Whether the next evaluation, with nothing changed, could come to something else."""
        return self.truth is not False or any(step.truth is True for step in self._steps)

    def memory(self) -> list[int | None]:
        """Return when the steps passed so far were begun."""
        return list(self._starts)

    def remember(self, memory: Any) -> None:
        """Go on from begun steps."""
        starts = [None if each is None else int(each) for each in memory]
        if len(starts) != len(self._starts):
            raise ValueError(f"expected {len(self._starts)} starts, found {len(starts)}")
        self._starts = starts
