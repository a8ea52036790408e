"""What the market brings is taken in: updates, recorded bars, and time that passes."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.market import Bar, Instrument, Tick
from tradeassist_desktop.engine.clockwork import Clockwork
from tradeassist_desktop.engine.instance import TIMER_LEAD_NS, Instance
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.market.gates import LATE, VOLUME_RESET, Gates

GRACE_NS: Final = TIMER_LEAD_NS
"""How long after its end the live timer waits for a bar's last trades to come in."""

_NONE: Final[tuple[Alert, ...]] = ()


class Updating(Clockwork):
    """Applies what comes, in event time, and has evaluated what it touched.

    The engine inherits this too, for the reason that ``Clockwork`` gives.
    """

    def __init__(self, *, instruments: Callable[[str], Instrument], run_id: str = "") -> None:
        super().__init__(instruments=instruments, run_id=run_id)
        self._gates = Gates()

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
