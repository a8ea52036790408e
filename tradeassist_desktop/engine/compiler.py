"""Conditions into nodes at work, hooked to the streams they read."""

import operator
from collections.abc import Callable
from typing import Final

from tradeassist_desktop.domain.rules import EvaluateOn, Rule
from tradeassist_desktop.engine.arming import Arming
from tradeassist_desktop.engine.bars import BarStream
from tradeassist_desktop.engine.book import Book
from tradeassist_desktop.engine.conditions import (
    All,
    Arithmetic,
    Comparison,
    Condition,
    Crossing,
    Duration,
    Leaf,
    Negative,
    Not,
    Number,
    Operand,
    Percent,
    Range,
    Some,
    Then,
    Value,
    operands_of,
    sides,
)
from tradeassist_desktop.engine.instance import Instance, Wiring
from tradeassist_desktop.engine.leaves import (
    AllNode,
    ComparisonNode,
    CrossingNode,
    LeafNode,
    Node,
    NotNode,
    PassageNode,
    RangeNode,
    SomeNode,
    ThenNode,
    TouchNode,
)
from tradeassist_desktop.engine.meaning import Meaning, against_constant, named_symbols, shortest_closes
from tradeassist_desktop.engine.operands import completed_arguments, specification
from tradeassist_desktop.engine.operands.specification import Form
from tradeassist_desktop.engine.readers import (
    AgeReader,
    Calculation,
    ChangeReader,
    Constant,
    Negation,
    Reader,
    StreamReader,
)
from tradeassist_desktop.engine.sessions import parse_schedule
from tradeassist_desktop.engine.streams import Stream

_TESTS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_OPERATIONS: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_ABOVE: Final = frozenset(("above", "either"))
_BELOW: Final = frozenset(("below", "either"))


def compile_instance(
    *, rule: Rule, meaning: Meaning, symbol: str, place: int, book_of: Callable[[str], Book]
) -> Instance:
    """Return the rule at work on one symbol, hooked to all it reads and due at the next update.

    Args:
        book_of: Returns a symbol's book, made if there was none.
    """
    on_bars = meaning.on is EvaluateOn.BAR_CLOSE
    compiler = _Compiler(rule=rule, symbol=symbol, on_bars=on_bars, book_of=book_of)
    root = compiler.node(meaning.condition)
    nodes = tuple(compiler.nodes)
    rearm = None if meaning.rearm is None else compiler.node(meaning.rearm)
    own = book_of(symbol)
    books = tuple(book_of(each) for each in sorted(named_symbols(meaning.condition, symbol)))
    instance = Instance(
        meaning=meaning,
        symbol=symbol,
        place=place,
        root=root,
        leaves=nodes,
        rearm=rearm,
        arming=Arming(
            rule=rule,
            schedule=parse_schedule(rule.schedule)(own.instrument.kind),
            has_momentary=meaning.has_momentary,
            kind=own.instrument.kind,
        ),
        books=books,
        on_bars=on_bars,
        is_restless=compiler.is_restless and not on_bars,
        ages=() if on_bars else tuple(dict.fromkeys(compiler.ages)),
        wiring=Wiring(),
    )
    if on_bars:
        for each, timeframe in shortest_closes(meaning, rule, symbol):
            series = book_of(each).want_series(timeframe)
            series.closers[instance] = None
            instance.wiring.closers.append(series)
    else:
        _hook(instance, compiler)
        instance.mark_due()
    return instance


def _hook(instance: Instance, compiler: "_Compiler") -> None:
    for stream, level in dict.fromkeys(compiler.watched):
        stream.watch(instance, level)
        instance.wiring.streams.append((stream, level))
    for bar_stream in dict.fromkeys(compiler.bar_streams):
        bar_stream.dependents.append(instance)
        instance.wiring.bar_streams.append(bar_stream)


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
    """Builds nodes and collects what they read."""

    def __init__(self, *, rule: Rule, symbol: str, on_bars: bool, book_of: Callable[[str], Book]) -> None:
        self._rule = rule
        self._symbol = symbol
        self._on_bars = on_bars
        self._book_of = book_of
        self.nodes: list[LeafNode] = []
        self.watched: list[tuple[Stream, float | None]] = []
        self.bar_streams: list[BarStream] = []
        self.ages: list[tuple[AgeReader, int]] = []
        self.sequences: list[ThenNode] = []
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
            node = ThenNode(
                [self.node(step) for step in condition.steps], within_ns=condition.within.nanoseconds
            )
            self.sequences.append(node)
            return node
        leaf = self._leaf(condition)
        leaf.is_skipped_inside_levels = self._watch(condition) and not self._on_bars
        self.nodes.append(leaf)
        return leaf

    def _leaf(self, leaf: Leaf) -> LeafNode:
        readers = [self._reader(side) for side in sides(leaf)]
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
        book = self._book_of(left.symbol or self._symbol)
        self.watched += [(book.high, None), (book.low, None)]
        return book.high, book.low

    # --- what makes an evaluation necessary

    def _watch(self, leaf: Leaf) -> bool:
        """Note what can change the leaf's truth: levels passed where that suffices, else any change.

        Returns whether levels suffice.
        """
        literals = [side.value for side in sides(leaf) if isinstance(side, Number | Percent)]
        others = [side for side in sides(leaf) if not isinstance(side, Number | Percent)]
        only = others[0] if len(others) == 1 else None
        if isinstance(only, Operand) and only.name == "age" and only.arguments is None:
            self._watch_age(leaf, only)
        stream = self._field(only) if isinstance(only, Operand) else None
        if stream is not None:
            self.watched += [(stream, level) for level in literals]
            return True
        for side in others:
            for operand in operands_of(side):
                field = self._field(operand)
                if field is not None:
                    self.watched.append((field, None))
        return False

    def _watch_age(self, leaf: Leaf, age: Operand) -> None:
        reader = AgeReader(self._book_of(age.symbol or self._symbol))
        for seconds, delays_ns in _age_turns(leaf):
            turns_ns = round(seconds * 1e9)
            self.ages += [(reader, turns_ns + delay_ns) for delay_ns in delays_ns if turns_ns >= 0]

    def _field(self, operand: Operand) -> Stream | None:
        spec = specification(operand)
        assert spec is not None
        if spec.form is not Form.FIELD or operand.name == "age":
            return None
        return self._book_of(operand.symbol or self._symbol).field(operand.name)

    # --- reading

    def _reader(self, value: Value) -> Reader:
        if isinstance(value, Number | Percent):
            return Constant(value.value)
        if isinstance(value, Negative):
            return Negation(self._reader(value.value))
        if isinstance(value, Arithmetic):
            return Calculation(
                _OPERATIONS[value.operator], self._reader(value.left), self._reader(value.right)
            )
        return self._operand(value)

    def _operand(self, operand: Operand) -> Reader:
        spec = specification(operand)
        assert spec is not None
        book = self._book_of(operand.symbol or self._symbol)
        if operand.name == "age" and spec.form is Form.FIELD:
            self.is_restless = True
            return AgeReader(book)
        if spec.form is Form.FIELD:
            return StreamReader(book.field(operand.name))
        arguments = completed_arguments(operand, spec)
        if spec.form is Form.HISTORY:
            self.is_restless = True
            field, duration = arguments["field"], arguments["duration"]
            assert isinstance(field, str)
            assert isinstance(duration, Duration)
            return ChangeReader(book.change(field, duration.nanoseconds))
        assert spec.make is not None
        make = spec.make
        series = book.want_series(operand.timeframe or self._rule.timeframe)
        key = (spec.form, spec.name, tuple(arguments.items()), operand.ago)
        stream = series.stream(key, lambda: make(arguments, book.whole.start_ns), operand.ago)
        self.bar_streams.append(stream)
        return StreamReader(stream)
