"""One rule on one symbol, at work."""

from __future__ import annotations

from dataclasses import dataclass, field

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.arming import Arming
from tradeassist_desktop.engine.bars import BarStream, Series
from tradeassist_desktop.engine.book import NEVER, Book
from tradeassist_desktop.engine.leaves import CrossingNode, LeafNode, Node, PassageNode
from tradeassist_desktop.engine.meaning import Meaning
from tradeassist_desktop.engine.readers import AgeReader
from tradeassist_desktop.engine.sessions import Always, Calendar
from tradeassist_desktop.engine.streams import Stream


@dataclass(slots=True)
class Wiring:
    """Where an instance is hooked in, so that it can be taken out again."""

    streams: list[tuple[Stream, float | None]] = field(default_factory=list)
    bar_streams: list[BarStream] = field(default_factory=list)
    closers: list[Series] = field(default_factory=list)


class Instance:
    """A rule's condition compiled for one symbol, with its arming.

    ``has_window``: whether the rule starts or expires at some time. ``has_timers``: whether
    something may fall due between updates. ``born_ns``: what happened before does not concern
    it. ``message_parts`` is kept by who writes the messages, made at the first alert.

    Args:
        place: The rule's place in the file.
        books: Every symbol the condition reads.
        is_restless: Whether it reads values that change with time alone, so that every
            update must evaluate it.
        ages: Ages compared with numbers: reader, and the nanoseconds after a trade at which
            the comparison turns.
    """

    __slots__ = (
        "ages",
        "arming",
        "books",
        "born_ns",
        "error",
        "has_momentary",
        "has_timers",
        "has_window",
        "hold_due_ns",
        "is_live",
        "is_restless",
        "leaves",
        "meaning",
        "message_parts",
        "on_bars",
        "place",
        "rearm",
        "root",
        "settles_alone",
        "symbol",
        "timer_ns",
        "wiring",
    )

    def __init__(
        self,
        *,
        meaning: Meaning,
        symbol: str,
        place: int,
        root: Node,
        leaves: tuple[LeafNode, ...],
        rearm: Node | None,
        arming: Arming,
        books: tuple[Book, ...],
        on_bars: bool,
        is_restless: bool,
        ages: tuple[tuple[AgeReader, int], ...],
        wiring: Wiring,
    ) -> None:
        self.meaning = meaning
        self.symbol = symbol
        self.place = place
        self.root = root
        self.leaves = leaves
        self.rearm = rearm
        self.arming = arming
        self.books = books
        self.on_bars = on_bars
        self.is_restless = is_restless
        self.ages = ages
        self.wiring = wiring
        self.has_momentary = meaning.has_momentary
        # A crossing by itself is over after its evaluation: nothing more can come of it.
        self.settles_alone = isinstance(root, CrossingNode | PassageNode)
        self.timer_ns: int | None = None
        self.hold_due_ns: int | None = None
        self.is_live = True
        self.born_ns = 0
        self._note_policies()
        self.error: str | None = None
        self.message_parts: tuple[str, ...] | None = None

    @property
    def rule(self) -> Rule:
        """The rule as its trader wrote it."""
        return self.arming.rule

    def renew(self, rule: Rule, schedule: Calendar | Always) -> None:
        """Take a rule of the same meaning."""
        self.arming.renew(rule, schedule)
        self._note_policies()

    def _note_policies(self) -> None:
        """Keep what every evaluation asks of the rule."""
        rule = self.arming.rule
        self.has_window = rule.starts_at_ns is not None or rule.expires_at_ns is not None
        self.has_timers = bool(self.ages) or rule.hold_ns > 0

    @property
    def key(self) -> str:
        """The name its arming is kept by."""
        return f"{self.arming.rule.uid}|{self.symbol}"

    def mark_due(self) -> None:
        """Have it evaluated at the next update of any symbol it reads."""
        for book in self.books:
            book.due.add(self)

    def is_unsettled(self) -> bool:
        """Whether an evaluation with nothing changed could have another outcome."""
        if self.is_restless or (self.arming.repeats and self.root.truth is True):
            return True
        return self.has_momentary and any(leaf.is_unsettled() for leaf in self.leaves)

    def next_age_ns(self, now_ns: int) -> int | None:
        """Return when, after now, time alone turns a comparison of an age; ``None`` if never."""
        turns = [
            reader.book.trade_ns + delay_ns
            for reader, delay_ns in self.ages
            if reader.book.trade_ns != NEVER and reader.book.trade_ns + delay_ns > now_ns
        ]
        return min(turns, default=None)

    def unhook(self) -> None:
        """Take it out of everything that would touch it."""
        self.is_live = False
        for stream, level in self.wiring.streams:
            stream.unwatch(self, level)
        for bar_stream in self.wiring.bar_streams:
            bar_stream.dependents.remove(self)
        for series in self.wiring.closers:
            series.closers.pop(self, None)
        for book in self.books:
            book.due.discard(self)
        self.wiring = Wiring()
