"""The engine: market data in, alerts out. Pure, synchronous, and the same live as in a replay."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple
from math import inf
from operator import attrgetter
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Alert, Leg
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.health import Refusal
from tradeassist_desktop.domain.market import Bar, Instrument, Quote, Tick
from tradeassist_desktop.domain.rules import PriceLevel, Rule, RuleStatus, Standing
from tradeassist_desktop.engine.clockwork import Clockwork
from tradeassist_desktop.engine.compiler import compile_apart
from tradeassist_desktop.engine.glance import Glance
from tradeassist_desktop.engine.instance import TIMER_LEAD_NS, Instance
from tradeassist_desktop.engine.look_back import LookBack
from tradeassist_desktop.engine.market.bars import Stale
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.market.gates import LATE, VOLUME_RESET, Gates
from tradeassist_desktop.engine.market.market_state import market_state, restore_market
from tradeassist_desktop.engine.market.warmup import WantedHistory, backfill
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.telling.alerts import legs_now
from tradeassist_desktop.engine.telling.explaining import explain, explain_absent
from tradeassist_desktop.engine.telling.standing import standing

GRACE_NS: Final = TIMER_LEAD_NS
"""How long after its end the live timer waits for a bar's last trades to come in."""

_NONE: Final[tuple[Alert, ...]] = ()


class Engine(Clockwork):
    """Evaluates rules over market data, in event time.

    Args:
        instruments: Returns what is known of a symbol, unknown ones too.
        run_id: Part of every alert's id, so that two runs over one market differ.
    """

    def __init__(self, *, instruments: Callable[[str], Instrument], run_id: str = "") -> None:
        super().__init__(instruments=instruments, run_id=run_id)
        self._gates = Gates()

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

    # --- data

    def on_tick(self, tick: Tick) -> Sequence[Alert]:
        """Apply one update and return the alerts it caused, what fell due before it included."""
        (
            symbol,
            event_ns,
            received_ns,
            last,
            bid,
            ask,
            last_size,
            bid_size,
            ask_size,
            volume,
            open_,
            high,
            low,
            prev_close,
            trade_ns,
        ) = tick
        book = self._books.get(symbol)
        if book is None:
            book = self._book(symbol)
        alerts: list[Alert] | tuple[Alert, ...] = _NONE
        if event_ns >= self._agenda.due_ns:
            alerts = self._advance(bars_until_ns=event_ns, timers_until_ns=event_ns - 1)
        # Before any refusal: else where a later trade belongs would hang on what else was due here.
        now_ns = self.clock_ns
        if event_ns > now_ns:
            now_ns = self.clock_ns = event_ns
        if event_ns < book.event_ns:
            self._gates.refuse(LATE, tick, "last" if last is not None else "", last, book.last.value)
            return alerts
        touched = self._touched
        has_refused = False
        if last is not None:
            stream = book.last
            if stream.low < last < stream.high:
                stream.value = last
            elif stream.floor < last < inf:
                stream.move(last, touched)
            else:
                has_refused, last = self._refuse_price(tick, "last", last)
        if bid is not None:
            stream = book.bid
            if stream.low < bid < stream.high:
                stream.value = bid
            elif stream.floor < bid < inf:
                stream.move(bid, touched)
            else:
                has_refused, bid = self._refuse_price(tick, "bid", bid)
        if ask is not None:
            stream = book.ask
            if stream.low < ask < stream.high:
                stream.value = ask
            elif stream.floor < ask < inf:
                stream.move(ask, touched)
            else:
                has_refused, ask = self._refuse_price(tick, "ask", ask)
        if last_size is not None:
            stream = book.last_size
            if stream.low < last_size < stream.high:
                stream.value = last_size
            elif stream.floor < last_size < inf:
                stream.move(last_size, touched)
            else:
                has_refused, last_size = self._refuse_size(tick, "last_size", last_size)
        if bid_size is not None:
            stream = book.bid_size
            if stream.low < bid_size < stream.high:
                stream.value = bid_size
            elif stream.floor < bid_size < inf:
                stream.move(bid_size, touched)
            else:
                has_refused, bid_size = self._refuse_size(tick, "bid_size", bid_size)
        if ask_size is not None:
            stream = book.ask_size
            if stream.low < ask_size < stream.high:
                stream.value = ask_size
            elif stream.floor < ask_size < inf:
                stream.move(ask_size, touched)
            else:
                has_refused, ask_size = self._refuse_size(tick, "ask_size", ask_size)
        is_trade = last is not None
        growth = 0.0
        if volume is not None:
            stream = book.volume
            before = stream.value
            if stream.low < volume < stream.high:
                stream.value = volume
            elif stream.floor < volume < inf:
                stream.move(volume, touched)
            else:
                has_refused, volume = self._refuse_size(tick, "volume", volume)
                before = None
            if before is not None and volume is not None:
                if volume > before:
                    growth = volume - before
                    is_trade = True
                elif volume < before:
                    self._gates.refuse(VOLUME_RESET, tick, "volume", volume, before)
        if open_ is not None or high is not None or low is not None or prev_close is not None:
            # The session's own fields seldom come: their loop may be slower.
            refused = self._apply_session(book, tick, touched)
            has_refused = has_refused or refused > 0
            has_session = refused < (
                (open_ is not None) + (high is not None) + (low is not None) + (prev_close is not None)
            )
        else:
            has_session = False
        if has_refused and not (
            has_session
            or is_trade
            or bid is not None
            or ask is not None
            or last_size is not None
            or bid_size is not None
            or ask_size is not None
            or volume is not None
        ):
            return alerts
        book.event_ns = event_ns
        book.received_ns = received_ns
        book.updates += 1
        if trade_ns is not None:
            if trade_ns > book.trade_ns:
                book.trade_ns = trade_ns
                is_trade = True
        elif is_trade:
            book.trade_ns = event_ns
        if is_trade and book.takes_trades:
            price = book.last.value
            if price is not None:
                if volume is None and book.volume.value is None:
                    growth = book.last_size.value or 0.0
                if now_ns >= book.session_end_ns:
                    book.begin_session(now_ns)
                book.turnover += price * growth
                book.traded += growth
                for series in book.roots:
                    if series.is_open:
                        if price > series.high:
                            series.high = price
                        elif price < series.low:
                            series.low = price
                        series.close = price
                        series.volume += growth
                    else:
                        series.begin(now_ns, price, growth)
        if book.derivations:
            if book.fields:
                book.derive_fields(now_ns, touched)
            for history in book.histories:
                value = history.stream.value
                if value is not None and (
                    value != history.latest
                    or now_ns >= history.calm_until_ns
                    or not history.calm_low < value < history.calm_high
                ):
                    history.step(now_ns, touched)
            if book.expressions:
                book.derive_expressions(now_ns, touched)
        if touched or book.due or book.blind is not None:
            return self._settle(book, now_ns, received_ns, alerts)
        return alerts

    def on_bar(self, bar: Bar) -> Sequence[Alert]:
        """Collect a recorded bar; it closes, with all of its instant, at the next call.

        Returns the alerts of what was due before its end.
        """
        book = self._book(bar.symbol)
        alerts: Sequence[Alert] = _NONE
        before_ns = bar.end_ns - 1
        if before_ns >= self._agenda.due_ns:
            alerts = self._advance(bars_until_ns=before_ns, timers_until_ns=before_ns)
        self.clock_ns = max(self.clock_ns, before_ns)
        self.timers_until_ns = max(self.timers_until_ns, before_ns)
        if self._gates.passes_bar(bar, book.floor, book.recorded_end_ns):
            book.recorded_end_ns = bar.end_ns
            self._agenda.add_recorded(bar, max(bar.end_ns, self.clock_ns))
        return alerts

    def on_time(self, utc_ns: int) -> Sequence[Alert]:
        """Do what is due by an instant without an update, event time as estimated live.

        A bar closes one second after its end, so that its last trades are in. Updates stamped up to
        a second earlier may follow: the clock goes no further than that.
        """
        if not self._has_started:
            return _NONE
        recorded_ns = self._agenda.recorded_ns
        bars_until_ns = utc_ns - GRACE_NS
        if recorded_ns is not None and recorded_ns <= utc_ns:
            bars_until_ns = max(bars_until_ns, recorded_ns)
        alerts = self._advance(bars_until_ns=bars_until_ns, timers_until_ns=utc_ns)
        self.clock_ns = max(self.clock_ns, bars_until_ns)
        self.timers_until_ns = max(self.timers_until_ns, utc_ns)
        return alerts

    def finish(self) -> Sequence[Alert]:
        """End a recording: do what is due up to its last event, nothing later."""
        last_ns = max(self.clock_ns, self._agenda.recorded_ns or 0)
        return self._advance(bars_until_ns=last_ns, timers_until_ns=last_ns)

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

    # --- applying

    def _refuse_price(self, tick: Tick, field: str, price: float) -> tuple[bool, None]:
        self._gates.refuse_price(tick, field, price)
        return True, None

    def _refuse_size(self, tick: Tick, field: str, size: float) -> tuple[bool, None]:
        self._gates.refuse_size(tick, field, size)
        return True, None

    def _apply_session(self, book: Book, tick: Tick, touched: list[Instance]) -> int:
        """Apply the session's open, high, low and previous close; return how many were refused."""
        refused = 0
        for stream, field, price in (
            (book.open, "open", tick.open),
            (book.high, "high", tick.high),
            (book.low, "low", tick.low),
            (book.prev_close, "prev_close", tick.prev_close),
        ):
            if price is None:
                continue
            if stream.floor < price < inf:
                stream.set(price, touched)
            else:
                self._gates.refuse_price(tick, field, price)
                refused += 1
        return refused
