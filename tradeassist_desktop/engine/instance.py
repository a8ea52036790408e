"""One rule on one symbol, at work."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final, NamedTuple

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.arming import Arming
from tradeassist_desktop.engine.calendars.sessions import Always, Calendar
from tradeassist_desktop.engine.leaves import CrossingNode, LeafNode, PassageNode
from tradeassist_desktop.engine.logic import Node
from tradeassist_desktop.engine.market.bars import Series
from tradeassist_desktop.engine.market.book import NEVER, Book
from tradeassist_desktop.engine.market.streams import MovingLevel, Stream
from tradeassist_desktop.engine.meaning import Meaning
from tradeassist_desktop.engine.readers import AgeReader
from tradeassist_desktop.engine.shared import Shared

TIMER_LEAD_NS: Final = NS_PER_SECOND
"""How far the live timer may be ahead of the stamps of updates still to come."""


class Wiring(NamedTuple):
    """Where an instance is hooked in, so that it can be taken out again."""

    streams: tuple[tuple[Stream, float | None], ...] = ()
    moving: tuple[MovingLevel, ...] = ()
    shared: tuple[Hashable, ...] = ()


class Instance:
    """A rule's condition compiled for one symbol, with its arming.

    ``latest_ns``: when it was evaluated last. ``has_window``: whether the rule starts or expires at
    some time. ``has_timers``: whether something may fall due between updates. ``born_ns``: what
    happened before does not concern it. ``message_parts`` is kept by who writes the messages, made
    at the first alert.
    ``blind``: the symbols it reads that cannot be seen now, with the reason. ``sees_again``: whether it
    could not see, and has not been evaluated since. ``decided_until_ns``: up to when what it decided is
    kept from before a restart.

    Args:
        place: The rule's place in the file.
        momentaries: What remembers earlier evaluations, left to right.
        books: Every symbol the condition reads.
        closers: For a rule on closing bars, the series at whose closes it is evaluated.
        is_restless: Whether it reads values that change without touching it, so that it must
            be evaluated whenever it may be.
        ages: Ages compared with numbers: reader, and the nanoseconds after a trade at which
            the comparison turns.
    """

    __slots__ = (
        "ages",
        "arming",
        "blind",
        "books",
        "born_ns",
        "closers",
        "decided_until_ns",
        "error",
        "has_momentary",
        "has_timers",
        "has_window",
        "hold_due_ns",
        "is_live",
        "is_restless",
        "latest_ns",
        "leaves",
        "meaning",
        "message_parts",
        "momentaries",
        "on_bars",
        "place",
        "rearm",
        "root",
        "sees_again",
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
        momentaries: tuple[Node, ...],
        rearm: Node | None,
        arming: Arming,
        books: tuple[Book, ...],
        closers: tuple[Series, ...],
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
        self.closers = closers
        self.on_bars = bool(closers)
        self.momentaries = momentaries
        self.blind: dict[str, str] = {}
        self.is_restless = is_restless
        self.ages = ages
        self.wiring = wiring
        self.has_momentary = bool(momentaries)
        # A crossing by itself is over after its evaluation: nothing more can come of it.
        self.settles_alone = isinstance(root, CrossingNode | PassageNode) and not is_restless
        self.timer_ns: int | None = None
        self.hold_due_ns: int | None = None
        self.is_live = True
        self.born_ns = 0
        self.latest_ns = 0
        self.decided_until_ns = 0
        self.sees_again = False
        self._note_policies()
        self.error: str | None = None
        self.message_parts: tuple[str, ...] | None = None

    @property
    def rule(self) -> Rule:
        """The rule as its trader wrote it."""
        return self.arming.rule

    def renew(self, rule: Rule, schedule: Calendar | Always) -> None:
        """Take a rule of the same meaning."""
        had_window = self.has_window
        self.arming.renew(rule, schedule)
        self._note_policies()
        if had_window or self.has_window:
            self.mark_due()  # what was passed while it was not in force touched nobody

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
        """Have it evaluated next: at an update of any symbol it reads, or when its bars close."""
        if self.on_bars:
            for series in self.closers:
                series.due.add(self)
        else:
            for book in self.books:
                book.due.add(self)

    def is_unsettled(self) -> bool:
        """Whether an evaluation with nothing changed could have another outcome."""
        if self.is_restless or (self.arming.repeats and self.root.truth is True):
            return True
        return any(node.is_unsettled() for node in self.momentaries)

    def go_blind(self, symbol: str, reason: str) -> None:
        """Decide nothing until the symbol is seen again."""
        self.blind[symbol] = reason

    def see_again(self) -> None:
        """Go on from what is seen now; what was not seen has not held."""
        self.arming.on_sight()
        self.sees_again = True
        self.mark_due()

    def memory(self) -> list[Any]:
        """Return what the condition remembers of earlier evaluations, as plain values.

        While a hold runs, that is what it was true with: what fires when it is over tells of it.
        """
        if self.arming.hold_due_ns is not None:
            return [[leaf.seen_left, leaf.seen_right, leaf.truth] for leaf in self.leaves]
        return [node.memory() for node in self.momentaries]

    def remember(self, memory: Any) -> bool:
        """Go on from what ``memory`` returned; return whether it could be read."""
        try:
            if self.arming.rule.hold_ns:
                for leaf, (left, right, truth) in zip(self.leaves, memory, strict=bool(memory)):
                    leaf.seen_left, leaf.seen_right, leaf.truth = left, right, truth
            else:
                for node, each in zip(self.momentaries, memory, strict=True):
                    node.remember(each)
        except (TypeError, ValueError):
            return False
        return True

    def look_around(self, now_ns: int) -> None:
        """Know the truth again once the market is back after a restart; nothing fires.

        A hold that ends before the next update tells the values it was true with.
        """
        memory = self.memory()
        truth = self.root.evaluate(now_ns)
        if truth is not None or all(book.event_ns for book in self.books):
            self.arming.trust()
        is_of_hold = self.arming.hold_due_ns is not None and any(truth is not None for *_, truth in memory)
        if self.momentaries or is_of_hold:
            self.remember(memory)

    def go_on(self, now_ns: int) -> int:
        """Return when the rule is evaluated that is to be at ``now_ns``.

        A timer may have run a little ahead of the data; for the rule, time does not go back then. What
        is further back is another timeline.
        """
        if now_ns < self.latest_ns <= now_ns + TIMER_LEAD_NS:
            return self.latest_ns
        self.latest_ns = now_ns
        return now_ns

    def age_turns_ns(self) -> list[int]:
        """Return when time alone turns a comparison of an age, past turns too."""
        return [
            reader.book.trade_ns + delay_ns for reader, delay_ns in self.ages if reader.book.trade_ns != NEVER
        ]

    def next_age_ns(self, now_ns: int) -> int | None:
        """Return when, after now, time alone turns a comparison of an age; ``None`` if never."""
        return min((turn_ns for turn_ns in self.age_turns_ns() if turn_ns > now_ns), default=None)

    def unhook(self, shared: Shared) -> None:
        """Take it out of everything that would touch it."""
        self.is_live = False
        wiring, self.wiring = self.wiring, Wiring()
        for stream, level in wiring.streams:
            stream.unwatch(self, level)
        for moving in wiring.moving:
            del moving.watchers[self]
        shared.release(wiring.shared)
        for series in self.closers:
            series.due.discard(self)
        for book in self.books:
            book.due.discard(self)
            book.readers.pop(self, None)
