"""Sums up for a trader who returns what fired meanwhile."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtGui import QCursor, QWindow
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.toast_card import CardWords
from tradeassist_desktop.ui.widgets.toasts import ToastStack

_MOST_KEPT: Final = 10_000
_LINES: Final = 5
_LONGEST_NAME: Final = 40
_INPUT: Final = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
)


class Absence(QObject):
    """Looks once a second whether the pointer has moved, over whatever window, or a key was pressed in ours.

    Args:
        window: The desk's; need not be shown yet.
        pointer: Returns where the mouse is.
    """

    there = Signal()
    """Somebody has moved the pointer or pressed a key since the last look."""

    def __init__(
        self,
        *,
        context: PanelContext,
        toasts: ToastStack,
        window: QWidget,
        pointer: Callable[[], QPoint] = QCursor.pos,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._watched: QWindow | None = None
        self._desk = context.desk
        self._toasts = toasts
        self._pointer = pointer
        self._last_place = pointer()
        self._last_input_ns = context.desk.clock.monotonic_ns()
        self._last_seen_ns = context.desk.clock.now_ns()
        self._had_input = False
        self._fired: list[Alert] = []
        context.bridge.alerts_raised.connect(self._note)
        context.pulse.second.connect(self.look)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take notice of input; leave it to the window."""
        if event.type() in _INPUT:
            self._had_input = True
        return False

    def look(self) -> None:
        """Sum up if the trader has just returned; else forget what was seen."""
        # Not the application's events: a filter in Python for each of them would cost the desk its speed.
        handle = self._window.windowHandle()
        if handle is not None and handle is not self._watched:
            handle.installEventFilter(self)
            self._watched = handle
        place = self._pointer()
        if place == self._last_place and not self._had_input:
            return
        now_ns = self._desk.clock.monotonic_ns()
        away_ns = now_ns - self._last_input_ns
        since_ns = self._last_seen_ns
        self._last_place, self._had_input = place, False
        self.there.emit()
        self._last_input_ns, self._last_seen_ns = now_ns, self._desk.clock.now_ns()
        fired, self._fired = self._fired, []
        limit_ns = self._desk.settings.number("toast.away_minutes") * 60 * NS_PER_SECOND
        if fired and limit_ns and away_ns >= limit_ns:
            self._sum_up(fired, since_ns)

    def _note(self, raised: Sequence[AlertRaised]) -> None:
        self._fired += [each.alert for each in raised if each.alert.status is AlertStatus.FIRED]
        del self._fired[:-_MOST_KEPT]

    def _sum_up(self, fired: Sequence[Alert], since_ns: int) -> None:
        history = self._desk.history
        waiting = tuple(alert.id for alert in fired if not history.is_acknowledged(alert.id))
        left = f"{len(waiting):,} unacknowledged" if waiting else "all acknowledged"
        words = CardWords(
            title=f"{text.plural(len(fired), 'alert')} while you were away, {left}",
            priority=max((alert.priority for alert in fired), key=lambda priority: priority.loudness),
            fact=f"Since {text.clock_time(since_ns, now_ns=self._desk.clock.now_ns())}",
            body=_by_rule(fired),
        )
        self._toasts.show_summary(words, waiting)


def _by_rule(fired: Sequence[Alert]) -> str:
    """Return a line for each rule, that of the newest alert first."""
    counts = Counter(alert.rule_name for alert in fired)
    newest = {alert.rule_name: alert for alert in sorted(fired, key=lambda alert: alert.event_ns)}
    names = sorted(newest, key=lambda name: -newest[name].event_ns)
    lines = []
    for name in names[:_LINES]:
        times = f" × {counts[name]:,}" if counts[name] > 1 else ""
        lines.append(f"{name[:_LONGEST_NAME]}{times}, last {text.clock_time(newest[name].event_ns)}")
    rest = sum(counts[name] for name in names[_LINES:])
    return "\n".join([*lines, *([f"and {rest:,} more"] if rest else [])])
