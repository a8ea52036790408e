"""Conditions into nodes at work, hooked to the streams they read."""

import operator
from collections.abc import Callable, Iterable
from typing import Final

from tradeassist_desktop.domain.rules import EvaluateOn, Rule
from tradeassist_desktop.engine.arming import Arming
from tradeassist_desktop.engine.calendars.sessions import parse_schedule
from tradeassist_desktop.engine.conditions import (
    All,
    Comparison,
    Condition,
    Crossing,
    Leaf,
    Not,
    Number,
    Operand,
    Percent,
    Range,
    Some,
    Then,
    Touch,
    Value,
    is_momentary,
    operands,
    operands_of,
    sides,
)
from tradeassist_desktop.engine.instance import Instance, Wiring
from tradeassist_desktop.engine.leaves import (
    ComparisonNode,
    CrossingNode,
    LeafNode,
    PassageNode,
    RangeNode,
    TouchNode,
)
from tradeassist_desktop.engine.logic import AllNode, Node, NotNode, SomeNode, ThenNode
from tradeassist_desktop.engine.market.bars import Series
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.market.streams import MovingLevel, Stream
from tradeassist_desktop.engine.meaning import Meaning, against_constant, named_symbols, shortest_closes
from tradeassist_desktop.engine.operands import specification
from tradeassist_desktop.engine.operands.specification import Form
from tradeassist_desktop.engine.readers import (
    AgeReader,
)
from tradeassist_desktop.engine.shared import Key, Shared
from tradeassist_desktop.engine.sources import Changes, Sources, changes, is_age

_TESTS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_ABOVE: Final = frozenset(("above", "either"))
_BELOW: Final = frozenset(("below", "either"))


def compile_instance(
    *, rule: Rule, meaning: Meaning, symbol: str, place: int, book_of: Callable[[str], Book], shared: Shared
) -> Instance:
    """Return the rule at work on one symbol, hooked to all it reads and due at the next evaluation.

    Args:
        book_of: Returns a symbol's book, made if there was none.
        shared: What is computed once for all rules.
    """
    instance = _compiled(
        rule=rule, meaning=meaning, symbol=symbol, place=place, book_of=book_of, shared=shared, is_apart=False
    )
    for stream, level in instance.wiring.streams:
        stream.watch(instance, level)
    for moving in instance.wiring.moving:
        moving.watchers[instance] = None
    seen = {operand.symbol or symbol for operand in operands(meaning.condition) if not is_age(operand)}
    for book in instance.books:
        book.readers[instance] = book.symbol not in seen
        if book.blind is not None:
            instance.go_blind(book.symbol, book.blind)
    instance.mark_due()
    return instance


def compile_apart(
    *, rule: Rule, meaning: Meaning, symbol: str, book_of: Callable[[str], Book], shared: Shared
) -> Instance:
    """Return the rule on one symbol for somebody who looks at it: it reads all, and nothing touches it."""
    return _compiled(
        rule=rule, meaning=meaning, symbol=symbol, place=0, book_of=book_of, shared=shared, is_apart=True
    )


def _compiled(
    *,
    rule: Rule,
    meaning: Meaning,
    symbol: str,
    place: int,
    book_of: Callable[[str], Book],
    shared: Shared,
    is_apart: bool,
) -> Instance:
    on_bars = meaning.on is EvaluateOn.BAR_CLOSE
    symbols = named_symbols(meaning.condition, symbol)
    sources = Sources(
        symbol=symbol, symbols=symbols, timeframe=rule.timeframe, book_of=book_of, shared=shared
    )
    compiler = _Compiler(rule=rule, on_bars=on_bars, sources=sources, is_apart=is_apart)
    try:
        root = compiler.node(meaning.condition)
        nodes, momentaries = tuple(compiler.nodes), tuple(compiler.momentaries)
        rearm = None if meaning.rearm is None else compiler.node(meaning.rearm)
    except Exception:
        shared.release(sources.keys)
        raise
    if isinstance(root, LeafNode):
        root.know_text(meaning.text)
    kind = book_of(symbol).instrument.kind
    closers: tuple[Series, ...] = ()
    if on_bars and not is_apart:
        closing = sorted(shortest_closes(meaning, rule, symbol))
        closers = tuple(book_of(each).want_series(timeframe) for each, timeframe in closing)
    return Instance(
        meaning=meaning,
        symbol=symbol,
        place=place,
        root=root,
        leaves=nodes,
        momentaries=momentaries,
        rearm=rearm,
        arming=Arming(
            rule=rule,
            schedule=parse_schedule(rule.schedule)(kind),
            has_momentary=meaning.has_momentary,
            kind=kind,
        ),
        books=tuple(book_of(each) for each in sorted(symbols)),
        closers=closers,
        is_restless=compiler.is_restless,
        ages=() if on_bars else tuple(dict.fromkeys(compiler.ages)),
        wiring=Wiring(
            streams=tuple(compiler.watched),
            moving=tuple(compiler.moving),
            shared=tuple(sources.keys),
        ),
    )


_RIGHT_AFTER_NS: Final = {">": (1,), "<=": (1,), ">=": (0,), "<": (0,), "==": (0, 1), "!=": (0, 1)}


def _age_turns(leaf: Leaf) -> list[tuple[float, tuple[int, ...]]]:
    """Return the ages at which a comparison of an age with numbers turns, and how soon after."""
    if isinstance(leaf, Comparison):
        comparison = against_constant(leaf)
        assert comparison is not None
        assert isinstance(comparison.right, Number | Percent)
        return [(comparison.right.value, _RIGHT_AFTER_NS[comparison.operator])]
    bounds = [side.value for side in sides(leaf) if isinstance(side, Number | Percent)]
    if isinstance(leaf, Range):
        return [(bounds[0], (0,)), (bounds[-1], (1,))]
    return [(bounds[0], (1,) if isinstance(leaf, Crossing) else (0,))]


class _Compiler:
    """Builds nodes and collects what they read.

    Args:
        is_apart: Whether nothing is to be watched: somebody evaluates it whenever they look.
    """

    def __init__(self, *, rule: Rule, on_bars: bool, sources: Sources, is_apart: bool) -> None:
        self._is_apart = is_apart
        self._rule = rule
        self._on_bars = on_bars
        self._sources = sources
        self.nodes: list[LeafNode] = []
        self.momentaries: list[Node] = []
        self.watched: dict[tuple[Stream, float | None], None] = {}
        self.moving: dict[MovingLevel, None] = {}
        self.ages: list[tuple[AgeReader, int]] = []
        self.is_restless = False

    def node(self, condition: Condition) -> Node:
        """Return the condition at work."""
        if isinstance(condition, All):
            return AllNode([self.node(part) for part in condition.parts])
        if isinstance(condition, Some):
            return SomeNode([self.node(part) for part in condition.parts])
        if isinstance(condition, Not):
            return NotNode(self.node(condition.part))
        if isinstance(condition, Then):
            steps = [self.node(step) for step in condition.steps]
            sequence = ThenNode(steps, within_ns=condition.within.nanoseconds)
            self.momentaries.append(sequence)
            return sequence
        leaf = self._leaf(condition)
        leaf.is_skipped = not self._is_apart and self._watch(condition)
        self.nodes.append(leaf)
        if is_momentary(condition):
            self.momentaries.append(leaf)
        return leaf

    def _leaf(self, leaf: Leaf) -> LeafNode:
        readers = [self._sources.reader(side) for side in sides(leaf)]
        left, right = readers[0], readers[1]
        if isinstance(leaf, Comparison):
            return ComparisonNode(source=leaf, left=left, right=right, test=_TESTS[leaf.operator])
        if isinstance(leaf, Crossing):
            return CrossingNode(
                source=leaf,
                left=left,
                right=right,
                above=leaf.direction in _ABOVE,
                below=leaf.direction in _BELOW,
            )
        if isinstance(leaf, Range):
            high = readers[2]
            if leaf.kind in ("in", "outside"):
                return RangeNode(source=leaf, left=left, right=right, high=high, inside=leaf.kind == "in")
            return PassageNode(source=leaf, left=left, right=right, high=high, enters=leaf.kind == "enters")
        return TouchNode(source=leaf, left=left, right=right, extremes=self._extremes(leaf.left))

    def _extremes(self, left: Value) -> tuple[Stream, Stream] | None:
        if not isinstance(left, Operand) or left.name != "last":
            return None
        book = self._sources.book(left)
        if not (self._on_bars or self._is_apart):
            self.watched |= {(book.high, None): None, (book.low, None): None}
        return book.high, book.low

    # --- what makes an evaluation necessary

    def _watch(self, leaf: Leaf) -> bool:
        """Note what can change the leaf's truth, so that no other update need evaluate it.

        Returns whether updates may be skipped that change its sides, but not its truth.
        """
        values = sides(leaf)
        each_changes = [changes(value) for value in values]
        most = max(each_changes)
        if most is Changes.WITH_TIME:
            self.is_restless = True
            self._watch_age(leaf)
            return False
        if self._on_bars and most is Changes.ON_UPDATES:
            self.is_restless = True  # what updates change is looked at when the bars close
            return False
        live = [value for value, each in zip(values, each_changes, strict=True) if each is most]
        still = [value for value, each in zip(values, each_changes, strict=True) if each is not most]
        is_still_constant = all(changes(value) is Changes.NEVER for value in still)
        if self._rule.hold_ns and not all(
            self._is_steady(operand) for value in values for operand in operands_of(value)
        ):
            # What fires when a hold is over tells the values of the evaluation before: keep them.
            return self._watch_all(values)
        if len(live) == 1 and (is_still_constant or not isinstance(leaf, Touch)):
            key, stream = self._sources.stream(live[0])
            for value in still:
                self._watch_level(key, stream, value)
            return True
        if isinstance(leaf, Comparison | Crossing) and not still:
            self.watched[self._sources.side(*values), None] = None
            return True
        return self._watch_all(values)

    def _watch_all(self, values: Iterable[Value]) -> bool:
        for value in values:
            for operand in operands_of(value):
                self.watched[self._sources.operand_stream(operand), None] = None
        return False

    def _is_steady(self, operand: Operand) -> bool:
        """Whether the operand changes with updates of its symbol only."""
        spec = specification(operand)
        return spec is not None and spec.form is Form.FIELD

    def _watch_level(self, key: Key, stream: Stream, value: Value) -> None:
        if changes(value) is not Changes.NEVER:
            self.moving[self._sources.moving_level(key, stream, value)] = None
            return
        level = self._sources.reader(value).read(0)
        if level is not None:
            self.watched[stream, level] = None

    def _watch_age(self, leaf: Leaf) -> None:
        others = [side for side in sides(leaf) if not isinstance(side, Number | Percent)]
        age = others[0]
        if len(others) == 1 and isinstance(age, Operand) and not self._on_bars:
            reader = AgeReader(self._sources.book(age))
            for seconds, delays_ns in _age_turns(leaf):
                turns_ns = round(seconds * 1e9)
                self.ages += [(reader, turns_ns + delay_ns) for delay_ns in delays_ns if turns_ns >= 0]
