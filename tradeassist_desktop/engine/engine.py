"""The engine: market data in, alerts out. Pure, synchronous, and the same live as in a replay."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from operator import attrgetter
from typing import Any

from tradeassist_desktop.domain.alerts import Leg
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.health import Refusal
from tradeassist_desktop.domain.market import Bar, Quote, Tick
from tradeassist_desktop.domain.rules import PriceLevel, Rule, RuleStatus, Standing
from tradeassist_desktop.engine.compiler import compile_apart
from tradeassist_desktop.engine.glance import Glance
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.look_back import LookBack
from tradeassist_desktop.engine.market.bars import Stale
from tradeassist_desktop.engine.market.market_state import market_state, restore_market
from tradeassist_desktop.engine.market.warmup import WantedHistory, backfill
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.telling.alerts import legs_now
from tradeassist_desktop.engine.telling.explaining import explain, explain_absent
from tradeassist_desktop.engine.telling.standing import standing
from tradeassist_desktop.engine.updating import Updating


class Engine(Updating):
    """Evaluates rules over market data, in event time.

    Args:
        instruments: Returns what is known of a symbol, unknown ones too.
        run_id: Part of every alert's id, so that two runs over one market differ.
    """

    # --- rules

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Take the whole set, in file order; rules of unchanged meaning keep their state."""
        self._roster.set_rules(rules)

    def put_rule(self, rule: Rule, place: int | None = None) -> None:
        """Add a rule at the end, or at a place that became free, or replace the one of its uid."""
        self._roster.put_rule(rule, place)

    def remove_rule(self, uid: str) -> dict[str, dict[str, Any]]:
        """Forget a rule; return its arming, which ``restore`` can give back to it."""
        return self._roster.remove_rule(uid)

    def arming_of(self, uid: str) -> dict[str, dict[str, Any]]:
        """Return the arming of a rule that runs, as ``snapshot`` has it; nothing of one that does not."""
        return self._roster.arming_of(uid)

    def place_of(self, uid: str) -> int | None:
        """Return a rule's place: alerts of one instant are ordered by it."""
        return self._roster.place_of(uid)

    def set_active(self, uid: str, active: bool) -> None:
        """Switch a rule; one switched on starts anew."""
        self._roster.set_active(uid, active)

    def snooze(self, uid: str, symbol: str | None, until_ns: int | None) -> None:
        """Suppress a rule's firings until an instant, event time; ``None`` wakes it.

        Args:
            symbol: ``None`` stands for every symbol of the rule.
        """
        self._roster.snooze(uid, symbol, until_ns)

    def go_blind(self, symbols: Iterable[str] | None, reason: str, *, is_stale: bool = False) -> None:
        """Decide nothing that reads these symbols until each has been heard again.

        Args:
            symbols: ``None`` stands for all.
            reason: As a user reads it: ``feed down``.
            is_stale: Nothing has come of a symbol on a feed that works: rules that only ask for its
                ``age`` go on.
        """
        for symbol in list(self._books) if symbols is None else symbols:
            book = self._book(symbol)
            book.blind = reason
            for instance, reads_only_age in book.readers.items():
                if not (is_stale and reads_only_age):
                    instance.go_blind(symbol, reason)
                    instance.mark_due()

    def look_back(self, symbols: Iterable[str], since_ns: int) -> LookBack:
        """Begin to decide on a stretch in which these symbols were not seen: it can be told now.

        Args:
            since_ns: When it began. All before was seen.
        """
        return LookBack(engine=self, books=[self._book(symbol) for symbol in symbols], since_ns=since_ns)

    def tell_time(self, utc_ns: int) -> None:
        """Let rules made from now on know when they are made, though no feed says what time it is."""
        self._present_ns = utc_ns

    # --- the past

    def backfill(self, bars: Iterable[Bar]) -> None:
        """Let indicators and bar operands know closed bars of the past; nothing fires of itself.

        At any time and in any order; bars that began before those known are taken.
        """
        touched: list[Instance] = []
        stale: Stale = {}
        backfill(bars, self._book, touched, stale)
        self._refresh(stale, self.clock_ns, touched)

    def wanted_history(self) -> tuple[WantedHistory, ...]:
        """Return how many closed bars before those known would make every operand known."""
        return tuple(
            WantedHistory(symbol, timeframe, missing)
            for symbol, book in self._books.items()
            for timeframe, series in book.series.items()
            if (missing := series.bars_missing()) > 0
        )

    # --- looking in

    def quote(self, symbol: str) -> Quote | None:
        """Return the merged state; ``None`` while nothing has come."""
        book = self._books.get(symbol)
        return None if book is None else book.quote()

    def present(self) -> list[Tick]:
        """Return all that is known of each symbol as one update, oldest first."""
        quotes = [quote for book in self._books.values() if (quote := book.quote()) is not None]
        return [Tick(*astuple(quote)) for quote in sorted(quotes, key=attrgetter("event_ns"))]

    def is_blind(self, symbol: str) -> bool:
        """Whether nothing has been heard of a symbol since sight of it was lost."""
        book = self._books.get(symbol)
        return book is not None and book.blind is not None

    def updates(self, symbol: str) -> int:
        """Return how many updates were applied."""
        book = self._books.get(symbol)
        return 0 if book is None else book.updates

    def watch_bars(self, symbol: str, timeframe: str) -> None:
        """Have bars built from now on even if no rule reads them."""
        self._book(symbol).want_series(timeframe)

    def forming_bar(self, symbol: str, timeframe: str) -> Bar | None:
        """Return the bar being built; ``None`` before its first trade or if none is built."""
        book = self._books.get(symbol)
        series = None if book is None else book.series.get(timeframe)
        return None if series is None else series.forming()

    def take_closed_bars(self) -> list[Bar]:
        """Return the bars closed since the last call, oldest first (the newest 100,000 of them)."""
        closed = list(self._closed)
        self._closed.clear()
        return closed

    def statuses(self) -> Sequence[RuleStatus]:
        """Return what every rule is doing, in rule order, one entry per symbol."""
        return self._roster.statuses(self.clock_ns)

    def status(self, uid: str) -> tuple[RuleStatus, ...]:
        """Return what a rule is doing, one entry per symbol; empty if there is no such rule."""
        return self._roster.status(uid, self.clock_ns)

    def explain(self, uid: str, symbol: str) -> Explanation | None:
        """Return why a rule fires, or does not, on a symbol now; ``None`` if there is no such rule."""
        rule = self._roster.rule(uid)
        if rule is None or symbol not in rule.symbols:
            return None
        instance = self._roster.instance(uid, symbol)
        if instance is None:
            return explain_absent(rule, symbol, self.clock_ns, self._roster.error(uid))
        return explain(instance, self.clock_ns)

    def standing(self, uid: str, symbol: str) -> Standing | None:
        """Return whether a rule's condition is true still; ``None`` while the rule does not run."""
        instance = self._roster.instance(uid, symbol)
        return None if instance is None else standing(instance, self.clock_ns)

    def legs(self, uid: str, symbol: str) -> tuple[Leg, ...]:
        """Return every comparison of a rule with its values now; empty while it does not run."""
        instance = self._roster.instance(uid, symbol)
        return () if instance is None else legs_now(instance, self.clock_ns)

    def glance(self, rule: Rule, symbol: str) -> Glance:
        """Return a rule that is being written as it stands over this market, to be closed after use.

        Raises:
            BadInput: it means nothing sound.
        """
        instance = compile_apart(
            rule=rule, meaning=meaning_of(rule), symbol=symbol, book_of=self._book, shared=self._shared
        )
        return Glance(
            instance=instance, shared=self._shared, book_of=self._book, clock_ns=lambda: self.clock_ns
        )

    def levels(self, symbol: str) -> tuple[PriceLevel, ...]:
        """Return the constants that rules compare with a price of this symbol."""
        return self._roster.levels(symbol, self.clock_ns)

    def rejected(self) -> dict[str, int]:
        """Return how much was refused, by reason."""
        return self._gates.rejected()

    def gate_counts(self) -> dict[str, int]:
        """Return how often each gate had something to do, by reason."""
        return dict(self._gates.counts)

    def refusals(self) -> dict[str, tuple[Refusal, ...]]:
        """Return the newest refusals of each reason, oldest first."""
        return self._gates.refusals()

    def symbols(self) -> frozenset[str]:
        """Return all symbols that active rules read."""
        return self._roster.symbols()

    # --- persistence

    def snapshot(self) -> dict[str, Any]:
        """Return every arming state as plain values, by ``uid|symbol``."""
        return self._roster.snapshot()

    def take_dirty(self) -> dict[str, dict[str, Any]]:
        """Return the arming states changed since the last call."""
        return self._roster.take_dirty()

    def take_suppression_counts(self) -> dict[str, int]:
        """Return, by alert id, how many firings records of suppressions stand for by now.

        Of those that have grown since ``take_dirty`` was last called; call this one first.
        """
        return self._roster.take_suppression_counts()

    def restore(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Go on from kept arming states; what no longer fits its rule, or is unreadable, is ignored."""
        self._roster.restore(state)

    def market_state(self, symbols: Iterable[str] | None = None) -> dict[str, Any]:
        """Return the market as it is known, by symbol, as plain values; closed bars are not part of it.

        Args:
            symbols: ``None`` stands for all.
        """
        pending = self._agenda.recorded
        return {
            symbol: market_state(book, pending, self.clock_ns, self._timed_ns())
            for symbol in (self._books if symbols is None else symbols)
            if (book := self._books.get(symbol)) is not None
            and (book.event_ns or any(bar.symbol == symbol for bar in pending))
        }

    def restore_market(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``market_state`` returned, after rules and closed bars are back.

        A symbol whose state is unreadable starts anew.
        """
        for symbol, plain in state.items():
            market = restore_market(self._book(symbol), plain)
            if market is None:
                continue
            self.clock_ns = max(self.clock_ns, market.clock_ns)
            self.timers_until_ns = max(self.timers_until_ns, market.timers_until_ns)
            self._has_started = True  # bars that were forming close as if nothing had been
            for bar in market.pending:
                self._agenda.add_recorded(bar, max(bar.end_ns, market.clock_ns))
        self._roster.renew_timers()
