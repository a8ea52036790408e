"""What stands on the toast stack: a message, or a summary, and the alerts it is still about."""

from dataclasses import dataclass, field

from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.ui import message_words as say
from tradeassist_desktop.ui.widgets.toast_card import CardWords, ToastCard


@dataclass(slots=True, eq=False)
class Toast:
    """A message as it stands on the stack.

    Args:
        waiting: The alerts it is still about.
        held_ns: Until when it is kept as the pointer rests on the stack, monotonic.
        card: Kept while it says what is so: to make one takes a millisecond.
    """

    message: Message
    shown_ns: int
    waiting: set[str] = field(default_factory=set)
    held_ns: int = 0
    card: ToastCard | None = None

    @property
    def stays(self) -> bool:
        """Whether it is there until it is dealt with."""
        message = self.message
        is_urgent = message.priority is Priority.URGENT and message.status is AlertStatus.FIRED
        return is_urgent and not message.is_test

    @property
    def count(self) -> int:
        """How many alerts it still stands for."""
        return 1 if self.message.digest is None else self.message.digest.count

    def forget(self, alert_ids: set[str]) -> None:
        """Stand for these no more."""
        self.waiting -= alert_ids
        self.message = say.without(self.message, alert_ids)
        self.card = None


@dataclass(slots=True)
class Summary:
    """What happened while nobody was there; ``waiting`` are the alerts that are not acknowledged."""

    words: CardWords
    shown_ns: int
    waiting: tuple[str, ...]
