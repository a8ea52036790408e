"""The comparisons of a condition at work: what each says now, and remembers of earlier evaluations."""

from collections.abc import Callable
from typing import Any

from tradeassist_desktop.engine.conditions import Leaf
from tradeassist_desktop.engine.language.printer import leaf_to_text
from tradeassist_desktop.engine.logic import Node, Truth
from tradeassist_desktop.engine.market.streams import Stream
from tradeassist_desktop.engine.readers import OperandReader, Reader


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

    def know_text(self, text: str) -> None:
        """Take the comparison's canonical text from who has written it already."""
        self._text = text

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

    def lasts(self, now_ns: int) -> Truth:
        """Return the truth as of the latest evaluation, skipped ones included.

        A momentary leaf lasts as long as what it has led to; ``None`` where that cannot be told.
        """
        return self.glance(now_ns) if self.is_skipped else self.truth


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

    def lasts(self, now_ns: int) -> Truth:
        """Return ``None``: it leads to nothing that lasts."""
        return None


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

    def lasts(self, now_ns: int) -> Truth:
        """Return whether left is beyond right; ``None`` for a crossing in either direction."""
        left, right = self.latest_values(now_ns)
        if left is None or right is None or self._above is self._below:
            return None
        return left > right if self._above else left < right

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

    def lasts(self, now_ns: int) -> Truth:
        """Return whether the value is where it has gone to: inside, or outside."""
        return None if self._was_inside is None else self._was_inside is self._enters

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
