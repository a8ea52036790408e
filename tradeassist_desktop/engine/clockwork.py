"""What happens when time passes and when an update has touched rules: the engine's works."""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, Timing
from tradeassist_desktop.domain.market import Bar, Instrument
from tradeassist_desktop.engine.agenda import Agenda
from tradeassist_desktop.engine.arming import Verdict
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.market.bars import Series, Stale, refresh
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.roster import Roster
from tradeassist_desktop.engine.shared import Shared
from tradeassist_desktop.engine.telling.alerts import alert_of

_MOST_CLOSED_BARS: Final = 100_000


class Clockwork:
    """Closes bars, runs timers and evaluates rules, in event time.

    The engine inherits it, rather than having it, for one reason: an update reads and sets the
    clock, and a hop to another object would cost each of half a million a second.
    """

    def __init__(self, *, instruments: Callable[[str], Instrument], run_id: str) -> None:
        self._instruments = instruments
        self._run_id = run_id
        self._books: dict[str, Book] = {}
        self._agenda = Agenda()
        self._shared = Shared(book_of=self._book)
        self._roster = Roster(
            book_of=self._book,
            clock_ns=lambda: max(self.clock_ns, self._present_ns),
            shared=self._shared,
            set_timers=lambda instance: self._set_timers(instance, self._timed_ns()),
        )
        self._closed: deque[Bar] = deque(maxlen=_MOST_CLOSED_BARS)
        self._touched: list[Instance] = []
        self._has_started = False
        self.clock_ns = 0
        self.timers_until_ns = 0
        self._present_ns = 0

    def _book(self, symbol: str) -> Book:
        book = self._books.get(symbol)
        if book is None:
            book = Book(instrument=self._instruments(symbol), on_open=self._agenda.add_bar)
            self._books[symbol] = book
        return book

    # --- time

    def _timed_ns(self) -> int:
        """Return until when timers have run: those of an update's own instant run after it."""
        return max(self.timers_until_ns, self.clock_ns - 1)

    def _advance(self, *, bars_until_ns: int, timers_until_ns: int) -> list[Alert]:
        """Close bars and run timers that are due, in order of time; bars first at one instant."""
        alerts: list[Alert] = []
        agenda = self._agenda
        if not self._has_started:
            self._has_started = True
            self._close_stale(bars_until_ns)
        while True:
            bars_ns, timer_ns = agenda.next_bars_ns(), agenda.next_timer_ns()
            if bars_ns <= bars_until_ns and bars_ns <= timer_ns:
                self._close_bars(int(bars_ns), alerts)
            elif timer_ns <= timers_until_ns:
                self._run_timer(alerts)
            else:
                break
        agenda.settle()
        return alerts

    def _close_stale(self, until_ns: int) -> None:
        """Close bars left forming by the warm-up that ended before this run began: no evaluation."""
        while (series := self._agenda.take_bar(until_ns)) is not None:
            self._close_bar(series, [], {})

    def _close_bar(self, series: Series, touched: list[Instance], stale: Stale) -> None:
        self._closed.append(series.close_bar(touched, stale))

    def _close_bars(self, now_ns: int, alerts: list[Alert]) -> None:
        self.clock_ns = max(self.clock_ns, now_ns)
        closing: list[Series] = []
        touched: list[Instance] = []
        stale: Stale = {}
        for bar in self._agenda.take_recorded(now_ns):
            closing.append(self._book(bar.symbol).take_recorded(bar, now_ns, touched, stale))
            self._closed.append(bar)
        while (series := self._agenda.take_bar(now_ns)) is not None:
            closing.append(series)
            self._close_bar(series, touched, stale)
        if stale or touched:
            self._refresh(stale, now_ns, touched)
        due: set[Instance] = set()
        for series in closing:
            if series.due:
                due |= series.due
                series.due = set()
        if due:
            # A series begun for a new rule may first close a bar of the past.
            for instance in [each for each in due if each.born_ns > now_ns]:
                due.discard(instance)
                instance.mark_due()
            self._evaluate_all(due, now_ns, 0, alerts)

    def _refresh(self, stale: Stale, now_ns: int, touched: list[Instance]) -> None:
        """Compute what hangs on bars just closed, and have whom it concerns evaluated next."""
        refresh(stale, now_ns, touched)
        # Rules on closing bars are evaluated right after; those on ticks at the next update.
        for instance in touched:
            instance.mark_due()

    def _run_timer(self, alerts: list[Alert]) -> None:
        due_ns, is_hold, instance = self._agenda.take_timer()
        if not instance.is_live:
            return
        if not is_hold:
            if instance.timer_ns != due_ns:
                return
            instance.timer_ns = None
            if instance.blind:
                return
            if due_ns in instance.age_turns_ns():
                self._evaluate(instance, due_ns, 0, alerts)
            else:
                self._set_timers(instance, due_ns)  # it has traded since: the turn is later now
            return
        if instance.hold_due_ns is None or instance.arming.hold_due_ns != instance.hold_due_ns:
            return
        if max(due_ns, instance.hold_due_ns) != due_ns or instance.blind:
            return
        due_ns = instance.go_on(due_ns)
        instance.hold_due_ns = None
        if instance.has_window and not self._is_in_window(instance, due_ns):
            return
        try:
            verdict = instance.arming.on_hold_over(due_ns)
            if verdict is not None:
                alerts.append(self._alert(instance, verdict, due_ns, 0))
        except Exception as error:
            self._roster.disable(instance, f"{type(error).__name__}: {error}")
            return
        self._roster.mark_dirty(instance)

    def renew_timers(self, instance: Instance) -> None:
        """Set timers anew: those that came while the instance was blind are gone."""
        instance.hold_due_ns = instance.timer_ns = None
        if instance.has_timers:
            self._set_timers(instance, self._timed_ns())

    # --- evaluating

    def _settle(self, book: Book, now_ns: int, received_ns: int, before: Sequence[Alert]) -> Sequence[Alert]:
        """Evaluate what the update just applied has touched."""
        touched = self._touched
        alerts = list(before)
        if book.blind is not None:
            self._see(book)
        if not book.due and len(touched) == 1 and book in touched[0].books:
            instance = touched[0]
            touched.clear()
            self._evaluate(instance, now_ns, received_ns, alerts)
            return alerts
        due, book.due = book.due, set()
        for instance in touched:
            if book in instance.books:
                due.add(instance)
            else:  # another rule had this update carry on something both read: its turn is with its own
                instance.mark_due()
        touched.clear()
        self._evaluate_all(due, now_ns, received_ns, alerts)
        return alerts

    def _see(self, book: Book) -> None:
        """The symbol is heard again: rules that have waited for it alone go on from where they were."""
        book.blind = None
        for instance in book.readers:
            if instance.blind.pop(book.symbol, None) is not None and not instance.blind:
                instance.see_again()
                # Of what is heard for the first time ever, there was nothing to miss.
                instance.sees_again = book.updates > 1

    def _evaluate_all(
        self, instances: Collection[Instance], now_ns: int, received_ns: int, alerts: list[Alert]
    ) -> None:
        if len(instances) > 1:
            instances = sorted(instances, key=_order)
        for instance in instances:
            self._evaluate(instance, now_ns, received_ns, alerts)

    def _evaluate(self, instance: Instance, now_ns: int, received_ns: int, alerts: list[Alert]) -> None:
        arming = instance.arming
        if instance.blind:
            return
        if instance.has_window and not self._is_in_window(instance, now_ns):
            if instance.has_timers:
                self._set_timers(instance, now_ns)
            return
        now_ns = instance.go_on(now_ns)
        state = arming.state
        was_true, suppressed = state.was_true, state.suppressed
        try:
            truth = instance.root.evaluate(now_ns)
            is_left = instance.rearm is not None and instance.rearm.evaluate(now_ns) is True
            calm = instance.root.calm() if instance.has_momentary else truth
            verdict = arming.on_truth(now_ns, truth, calm, is_left)
            if verdict is not None:
                alerts.append(self._alert(instance, verdict, now_ns, received_ns))
        except Exception as error:
            # One bad rule must not take the others down: it is switched off and says why.
            self._roster.disable(instance, f"{type(error).__name__}: {error}")
            return
        instance.sees_again = False
        if instance.settles_alone:
            instance.root.truth = False
            state.was_true = False
        elif instance.is_unsettled():
            instance.mark_due()
        if (
            verdict is not None
            or is_left
            or instance.has_momentary
            or state.was_true is not was_true
            or state.suppressed != suppressed
        ):
            self._roster.mark_dirty(instance)
        if instance.has_timers:
            self._set_timers(instance, now_ns)

    def _is_in_window(self, instance: Instance, now_ns: int) -> bool:
        """Whether the rule has started and not expired; one that will start is looked at again."""
        rule = instance.rule
        if rule.starts_at_ns is not None and now_ns < rule.starts_at_ns:
            instance.mark_due()
            return False
        return rule.expires_at_ns is None or now_ns < rule.expires_at_ns

    def _set_timers(self, instance: Instance, now_ns: int) -> None:
        due_ns = instance.arming.hold_due_ns
        if due_ns is not None and due_ns != instance.hold_due_ns:
            instance.hold_due_ns = due_ns
            self._agenda.add_timer(max(due_ns, now_ns), instance, is_hold=True)
        if not instance.ages:
            return
        now_ns = max(now_ns, instance.latest_ns)
        if instance.timer_ns is not None and instance.timer_ns <= now_ns:
            instance.timer_ns = None  # what it would have asked has been evaluated
        age_ns = instance.next_age_ns(now_ns)
        # An earlier timer still to come will ask again, so that trades add none.
        if age_ns is not None and (instance.timer_ns is None or age_ns < instance.timer_ns):
            instance.timer_ns = age_ns
            self._agenda.add_timer(age_ns, instance, is_hold=False)

    def _alert(self, instance: Instance, verdict: Verdict, now_ns: int, received_ns: int) -> Alert:
        return alert_of(
            instance,
            verdict,
            event_ns=now_ns,
            received_ns=received_ns,
            run_id=self._run_id,
            book_of=self._book,
            timing=Timing.AFTER_GAP if instance.sees_again else Timing.LIVE,
        )


def _order(instance: Instance) -> tuple[int, str]:
    return instance.place, instance.symbol
