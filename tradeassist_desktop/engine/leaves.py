"""A condition at work: comparisons, and Kleene's logic over them.

Every node is evaluated at every evaluation, without short cuts, so that no crossing loses
its "previous". Truth is ``True``, ``False``, or ``None`` for unknown.
"""

from collections.abc import Callable, Sequence
from typing import Any

from tradeassist_desktop.engine.conditions import Leaf
from tradeassist_desktop.engine.language.printer import leaf_to_text
from tradeassist_desktop.engine.readers import OperandReader, Reader
from tradeassist_desktop.engine.streams import Stream

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


class LeafNode(Node):
    """One comparison at work; ``source`` is how it was written.

    ``seen_left`` and ``seen_right`` are its sides at the latest evaluation that was not skipped.
    Where ``is_skipped``, updates that cannot turn it are not evaluated: then the sides as of the
    latest update are the streams' own. ``operands`` is kept by who tells their values, made at the
    first telling.
    """

    __slots__ = ("_text", "is_skipped", "left", "operands", "right", "seen_left", "seen_right", "source")

    def __init__(self, *, source: Leaf, left: Reader, right: Reader) -> None:
        super().__init__()
        self.source = source
        self.left = left
        self.right = right
        self.seen_left: float | None = None
        self.seen_right: float | None = None
        self.is_skipped = False
        self.operands: tuple[OperandReader, ...] | None = None
        self._text: str | None = None

    def values(self, now_ns: int) -> tuple[float | None, float | None]:
        """Return both sides now."""
        return self.left.read(now_ns), self.right.read(now_ns)

    def text(self) -> str:
        """Return the comparison's canonical text."""
        if self._text is None:
            self._text = leaf_to_text(self.source)
        return self._text

    def latest_values(self, now_ns: int) -> tuple[float | None, float | None]:
        """Return both sides as of the latest evaluation, skipped ones included."""
        return self.values(now_ns) if self.is_skipped else (self.seen_left, self.seen_right)

    def glance(self, now_ns: int) -> Truth:
        """Return the truth now without keeping it; of a momentary leaf, the kept one."""
        return self.truth


class ComparisonNode(LeafNode):
    """``left operator right``."""

    __slots__ = ("_test",)

    def __init__(
        self, *, source: Leaf, left: Reader, right: Reader, test: Callable[[float, float], bool]
    ) -> None:
        super().__init__(source=source, left=left, right=right)
        self._test = test

    def evaluate(self, now_ns: int) -> Truth:
        """Compare."""
        left = self.seen_left = self.left.read(now_ns)
        right = self.seen_right = self.right.read(now_ns)
        self.truth = truth = None if left is None or right is None else self._test(left, right)
        return truth

    def glance(self, now_ns: int) -> Truth:
        """Compare, keeping nothing."""
        left, right = self.values(now_ns)
        return None if left is None or right is None else self._test(left, right)


class RangeNode(LeafNode):
    """``value in low..high`` or ``outside``; ``right`` is the lower bound."""

    __slots__ = ("_inside", "high")

    def __init__(self, *, source: Leaf, left: Reader, right: Reader, high: Reader, inside: bool) -> None:
        super().__init__(source=source, left=left, right=right)
        self.high = high
        self._inside = inside

    def evaluate(self, now_ns: int) -> Truth:
        """Compare with both bounds."""
        self.seen_left, self.seen_right = self.values(now_ns)
        self.truth = truth = self.glance(now_ns)
        return truth

    def glance(self, now_ns: int) -> Truth:
        """Compare with both bounds, keeping nothing."""
        value, low, high = self.left.read(now_ns), self.right.read(now_ns), self.high.read(now_ns)
        if value is None or low is None or high is None:
            return None
        return (low <= value <= high) is self._inside


class MomentaryNode(LeafNode):
    """A leaf that is true for one evaluation."""

    __slots__ = ()

    def calm(self) -> Truth:
        """Return false."""
        return False


class CrossingNode(MomentaryNode):
    """``left crosses … right``: on one side or level before, beyond now; known both times."""

    __slots__ = ("_above", "_below", "_side")

    def __init__(self, *, source: Leaf, left: Reader, right: Reader, above: bool, below: bool) -> None:
        super().__init__(source=source, left=left, right=right)
        self._above = above
        self._below = below
        self._side: int | None = None

    def evaluate(self, now_ns: int) -> Truth:
        """Compare this evaluation's side with the previous one's."""
        left = self.seen_left = self.left.read(now_ns)
        right = self.seen_right = self.right.read(now_ns)
        before = self._side
        side = self._side = None if left is None or right is None else (left > right) - (left < right)
        if before is None or side is None:
            self.truth = None
        else:
            self.truth = (self._above and side > 0 >= before) or (self._below and side < 0 <= before)
        return self.truth

    def is_unsettled(self) -> bool:
        """Whether it is true now, or was known for the first time."""
        return self.truth is not False and self._side is not None

    def memory(self) -> int | None:
        """Return the side."""
        return self._side

    def remember(self, memory: Any) -> None:
        """Go on from a side."""
        self._side = None if memory is None else int(memory)


class PassageNode(MomentaryNode):
    """``value enters low..high`` or ``exits``; ``right`` is the lower bound."""

    __slots__ = ("_enters", "_was_inside", "high")

    def __init__(self, *, source: Leaf, left: Reader, right: Reader, high: Reader, enters: bool) -> None:
        super().__init__(source=source, left=left, right=right)
        self.high = high
        self._enters = enters
        self._was_inside: Truth = None

    def evaluate(self, now_ns: int) -> Truth:
        """Compare being inside now with the previous evaluation."""
        value = self.seen_left = self.left.read(now_ns)
        low = self.seen_right = self.right.read(now_ns)
        high = self.high.read(now_ns)
        before = self._was_inside
        known = value is not None and low is not None and high is not None
        inside = self._was_inside = low <= value <= high if known else None  # type: ignore[operator]  # known
        if before is None or inside is None:
            self.truth = None
        else:
            self.truth = inside is not before and inside is self._enters
        return self.truth

    def is_unsettled(self) -> bool:
        """Whether it is true now, or was known for the first time."""
        return self.truth is not False and self._was_inside is not None

    def memory(self) -> Truth:
        """Return whether it was inside."""
        return self._was_inside

    def remember(self, memory: Any) -> None:
        """Go on from having been inside or not."""
        self._was_inside = None if memory is None else bool(memory)


class TouchNode(MomentaryNode):
    """``left touches right``: right lies between left's previous and present value.

    For ``last`` a session high or low newly made since counts as a place it has been to,
    so that prints a conflated feed hides are not missed.
    """

    __slots__ = ("_before", "_extremes", "_past_extremes")

    def __init__(
        self, *, source: Leaf, left: Reader, right: Reader, extremes: tuple[Stream, Stream] | None
    ) -> None:
        super().__init__(source=source, left=left, right=right)
        self._extremes = extremes
        self._before: float | None = None
        self._past_extremes: tuple[float | None, float | None] = (None, None)

    def evaluate(self, now_ns: int) -> Truth:
        """Compare where left has been since the previous evaluation with right."""
        left = self.seen_left = self.left.read(now_ns)
        right = self.seen_right = self.right.read(now_ns)
        before, self._before = self._before, None if right is None else left
        high, low = self._new_extremes()
        if before is None or left is None or right is None:
            self.truth = None
        else:
            most = max(before, left) if high is None else max(before, left, high)
            least = min(before, left) if low is None else min(before, left, low)
            self.truth = least <= right <= most
        return self.truth

    def is_unsettled(self) -> bool:
        """Whether it is true now, or was known for the first time."""
        return self.truth is not False and self._before is not None

    def memory(self) -> tuple[float | None, float | None, float | None]:
        """Return where left was, and the session's high and low then."""
        return (self._before, *self._past_extremes)

    def remember(self, memory: Any) -> None:
        """Go on from where it was."""
        before, high, low = (None if each is None else float(each) for each in memory)
        self._before, self._past_extremes = before, (high, low)

    def _new_extremes(self) -> tuple[float | None, float | None]:
        if self._extremes is None:
            return None, None
        before_high, before_low = self._past_extremes
        high, low = self._extremes[0].value, self._extremes[1].value
        self._past_extremes = high, low
        new_high = high if high is not None and before_high is not None and high > before_high else None
        new_low = low if low is not None and before_low is not None and low < before_low else None
        return new_high, new_low


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
        return self.truth is True or any(step.truth is True for step in self._steps)

    def memory(self) -> list[int | None]:
        """Return when the steps passed so far were begun."""
        return list(self._starts)

    def remember(self, memory: Any) -> None:
        """Go on from begun steps."""
        starts = [None if each is None else int(each) for each in memory]
        if len(starts) != len(self._starts):
            raise ValueError(f"expected {len(self._starts)} starts, found {len(starts)}")
        self._starts = starts
