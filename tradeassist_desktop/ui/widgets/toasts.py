"""The toast stack: up to five cards where there is room, more than that as one with a count."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QKeySequence, QScreen
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui import message_words as say
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.toast import Summary, Toast
from tradeassist_desktop.ui.widgets.toast_card import CardWords, ToastCard
from tradeassist_desktop.ui.widgets.toast_cards import Gathered, ToastCards, ToastLimits
from tradeassist_desktop.ui.widgets.toast_spot import Spot, spot_of
from tradeassist_desktop.ui.widgets.toast_window import ToastWindow

MOST_CARDS: Final = 5
# Beyond these the oldest are counted, and no longer kept one by one.
_MOST_KEPT: Final = 50
_MOST_LINES: Final = 20
_MOST_IDS: Final = 10_000
# With the painting that follows each, draws take about a fifth of the desk's time at most, over a while.
_RESTS_PER_DRAW: Final = 8
_OWED_AT_MOST_NS: Final = 250_000_000


class ToastStack(QObject):
    """Keeps what is to be seen and the little window that shows it.

    Urgent ones stay until acknowledged or closed; others for ``toast.seconds``, longer while the
    pointer rests on the stack or the keyboard is in it. Meanwhile its cards stay where they are, and
    what comes is shown beside them: a click must not meet another alert than the one that was read.

    Args:
        screen: Returns the screen to be on; ``None`` where there is none.
        room: Returns what the window leaves to toasts; ``None`` where it has no room.
    """

    keys_unused = Signal(QKeySequence)
    """Keys were pressed that do nothing on the stack."""

    def __init__(
        self,
        *,
        theme: Theme,
        settings: Settings,
        clock: Clock,
        requests: AlertRequests,
        screen: Callable[[], QScreen | None],
        room: Callable[[], Spot | None] = lambda: None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._clock = clock
        self._screen = screen
        self._room = room
        self._toasts: list[Toast] = []
        self._summary: Summary | None = None
        self._gathered: Gathered | None = None  # the card of those that do not stand alone
        self._alone: list[Toast] = []  # each on a card of its own, as they stand on the screen
        self._are_held = False
        self._is_low = False  # there is room for cards that say less
        self._ages_from_ns: list[int] = []
        self._window = ToastWindow()
        self._window.keys_unused.connect(self.keys_unused)
        self._cards = ToastCards(theme=theme, requests=requests, on_done=self.remove)
        self._beat = QTimer(self)
        self._beat.setInterval(250)
        self._beat.timeout.connect(self.refresh)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.timeout.connect(self._draw_and_paint)
        self._rested_ns = 0  # when no rest is owed any more
        self._theme = theme
        theme.changed.connect(self._repaint)

    @property
    def window(self) -> QWidget:
        """The window of the cards; hidden while there are none."""
        return self._window

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """The alerts on the stack, newest first."""
        return tuple(
            alert_id for toast in self._toasts for alert_id in reversed(say.alert_ids(toast.message))
        )

    @property
    def count(self) -> int:
        """How many alerts the stack stands for."""
        return sum(toast.count for toast in self._toasts)

    def add(self, message: Message) -> None:
        """Show a message on top of the stack; one already there is shown anew."""
        ids = set(say.alert_ids(message))
        toast = Toast(message, self._clock.monotonic_ns(), waiting=ids)
        self._alone = [toast if before.waiting == ids else before for before in self._alone]
        self._forget(ids)
        self._toasts.insert(0, toast)
        if len(self._toasts) > _MOST_KEPT:
            self._merge_oldest()
        self._beat.start()
        self._draw_soon()

    def show_summary(self, words: CardWords, waiting: tuple[str, ...]) -> None:
        """Say what happened while nobody was there, above all else and until it is closed.

        Args:
            waiting: The alerts that are not acknowledged.
        """
        self._summary = Summary(words, self._clock.monotonic_ns(), waiting)
        self._beat.start()
        self._draw_soon()

    def remove(self, alert_ids: Sequence[str]) -> None:
        """Take alerts off the stack: they were acknowledged or silenced, here or elsewhere."""
        gone = set(alert_ids)
        if self._summary is not None and self._summary.waiting and gone.issuperset(self._summary.waiting):
            self._end_summary()
        if all(toast.waiting.isdisjoint(gone) for toast in self._toasts):
            return
        self._forget(gone)
        self._draw()

    def clear(self) -> None:
        """Take everything away."""
        self._toasts, self._summary = [], None
        self._draw()

    def restrict(self, limits: ToastLimits) -> None:
        """Show cards as who is at the desk may see and use them."""
        if self._cards.restrict(limits):
            self._repaint()

    def take_keyboard(self) -> None:
        """Have Tab, Return and Escape in the stack, if there is something on it."""
        self._window.take_keyboard()

    def give_back_keyboard(self) -> None:
        """Let the keyboard return to where it came from, if the stack has it."""
        self._window.give_back_keyboard()

    def refresh(self) -> None:
        """Drop what has been seen long enough, show ages, follow settings and window."""
        now_ns = self._clock.monotonic_ns()
        if self._window.is_attended:
            for toast in self._toasts:
                toast.held_ns = now_ns + 2 * NS_PER_SECOND
        shown_for_ns = int(self._settings.number("toast.seconds")) * NS_PER_SECOND
        left = [
            toast
            for toast in self._toasts
            if toast.stays or max(toast.shown_ns + shown_for_ns, toast.held_ns) > now_ns
        ]
        has_left = self._are_held and not self._window.is_attended
        if has_left or len(left) != len(self._toasts) or self._is_other_room():
            self._toasts = left
            self._draw()
        self._place()
        self._show_ages()

    def close(self) -> None:
        """End timers and the window."""
        self._theme.changed.disconnect(self._repaint)  # it outlives this desk's toasts
        self._beat.stop()
        self._redraw.stop()
        self._toasts, self._summary = [], None
        self._window.close()
        self._window.deleteLater()

    def _forget(self, alert_ids: set[str]) -> None:
        for toast in self._toasts:
            if not toast.waiting.isdisjoint(alert_ids):
                toast.forget(alert_ids)
        self._toasts = [toast for toast in self._toasts if toast.waiting]

    # --- drawing

    def _draw_soon(self) -> None:
        """Draw in the next turn: an alert waits for this. A storm owes the rests it does not take at once."""
        if not self._redraw.isActive():
            wait_ns = self._rested_ns - _OWED_AT_MOST_NS - self._clock.monotonic_ns()
            self._redraw.start(max(0, wait_ns // 1_000_000))

    def _draw_and_paint(self) -> None:
        self._draw()
        self._window.paint_now()

    def _repaint(self) -> None:
        self._forget_cards()
        self._draw_soon()

    def _forget_cards(self) -> None:
        self._gathered = None
        for toast in self._toasts:
            toast.card = None

    def _draw(self) -> None:
        begun_ns = self._clock.monotonic_ns()
        self._draw_cards()
        took_ns = self._clock.monotonic_ns() - begun_ns
        self._rested_ns = max(self._rested_ns, begun_ns) + (1 + _RESTS_PER_DRAW) * took_ns

    def _draw_cards(self) -> None:
        if not self._toasts and self._summary is None:
            self._beat.stop()
            self._alone, self._gathered, self._are_held = [], None, False
            self._window.show_cards([])
            return
        spot = self._spot()
        was_low, self._is_low = self._is_low, spot is not None and spot.is_low
        if was_low is not self._is_low:
            self._forget_cards()
        kept = [toast for toast in self._alone if toast in self._toasts] if self._window.is_attended else []
        self._are_held = bool(kept) and self._show_beside(kept)
        if not self._are_held:
            self._show_all()
        self._place()
        self._show_ages()
        self._window.show()

    def _show_all(self) -> None:
        self._alone = self._toasts[:] if len(self._toasts) <= MOST_CARDS else []
        if self._alone:
            self._show(self._alone)
        if not self._alone or not self._fits():
            self._alone = []
            for toast in self._toasts:
                toast.card = None
            self._show([], gathered=self._toasts)

    def _show_beside(self, kept: list[Toast]) -> bool:
        """Leave these where they are, with what came since at the end that grows; return whether all fit."""
        newer = [toast for toast in self._toasts if toast not in kept]
        spot = self._spot()
        grows_down = spot is not None and spot.vertical == "top"
        if len(kept) + len(newer) > MOST_CARDS:
            self._show(kept, gathered=newer, is_last=grows_down)
        else:
            kept = [*kept, *newer] if grows_down else [*newer, *kept]
            self._show(kept)
        self._alone = kept
        return self._fits()

    def _show(self, alone: Sequence[Toast], *, gathered: Sequence[Toast] = (), is_last: bool = False) -> None:
        cards = [(self._card(toast), toast.shown_ns) for toast in alone]
        self._gathered = self._gathered if len(gathered) > 1 else None
        if gathered:
            card = self._gathered_card(gathered)
            cards.insert(len(cards) if is_last else 0, (card, gathered[0].shown_ns))
        if self._summary is not None:
            cards[:0] = [(card, self._summary.shown_ns) for card in self._summary_cards(self._summary)]
        self._ages_from_ns = [shown_ns for _, shown_ns in cards]
        self._window.show_cards([card for card, _ in cards])

    def _show_ages(self) -> None:
        now_ns = self._clock.monotonic_ns()
        self._window.show_ages([now_ns - shown_ns for shown_ns in self._ages_from_ns])

    def _gathered_card(self, toasts: Sequence[Toast]) -> ToastCard:
        if len(toasts) == 1:
            return self._card(toasts[0])
        for toast in toasts:  # those that stood alone go, and are made anew should they do so again
            toast.card = None
        self._gathered = self._group(toasts, before=self._gathered)
        return self._gathered.card

    def _card(self, toast: Toast) -> ToastCard:
        if toast.card is None:
            is_one = toast.message.digest is None
            toast.card = (
                self._cards.of_message(toast.message, is_low=self._is_low)
                if is_one
                else self._group([toast]).card
            )
        return toast.card

    def _group(self, toasts: Sequence[Toast], *, before: Gathered | None = None) -> Gathered:
        return self._cards.of_many(
            [toast.message for toast in toasts],
            count=sum(toast.count for toast in toasts),
            waiting=tuple(alert_id for toast in toasts for alert_id in toast.waiting),
            is_low=self._is_low,
            before=before,
        )

    def _summary_cards(self, summary: Summary) -> list[ToastCard]:
        return [self._cards.of_summary(summary.words, summary.waiting, self._end_summary)]

    def _end_summary(self) -> None:
        self._summary = None
        self._draw()

    def _merge_oldest(self) -> None:
        newer, older = self._toasts[-2:]
        message = say.merged(older.message, newer.message, most_lines=_MOST_LINES, most_ids=_MOST_IDS)
        waiting = (older.waiting | newer.waiting) & set(say.alert_ids(message))
        self._toasts[-2:] = [Toast(message, newer.shown_ns, waiting, newer.held_ns)]

    # --- placing

    def _spot(self) -> Spot | None:
        return spot_of(self._settings.text("toast.position"), self._room_for_all, self._screen)

    def _room_for_all(self) -> Spot | None:
        room = self._room()
        # A summary cannot say less, nor stand beside what came since in the room of one card.
        return None if room is not None and room.is_low and self._summary is not None else room

    def _is_other_room(self) -> bool:
        """Return whether cards are to say less than they do, or may say more."""
        spot = self._spot()
        return spot is not None and spot.is_low is not self._is_low

    def _fits(self) -> bool:
        spot = self._spot()
        return spot is None or self._window.measure()[1] <= spot.height_px

    def _place(self) -> None:
        spot = self._spot()
        if spot is not None:
            self._window.place(spot.of(*self._window.measure()))
