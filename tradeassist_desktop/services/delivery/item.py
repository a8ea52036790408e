"""What waits in a channel's lane, and what of it goes out as one message."""

from dataclasses import dataclass

from tradeassist_desktop.domain.alerts import Alert, Priority
from tradeassist_desktop.domain.delivery import Delivery


class Item:
    """One delivery with its alert, as it stands.

    Args:
        tries: How many attempts were begun, those included that are not counted against it.
        may_have_arrived: One of them may have reached the receiver.
        begun_ns: When an attempt was begun that is not made yet, and is written down already; else ``None``.
    """

    __slots__ = ("alert", "begun_ns", "delivery", "due_ns", "may_have_arrived", "order", "tries")

    def __init__(
        self,
        *,
        alert: Alert,
        delivery: Delivery,
        tries: int = 0,
        may_have_arrived: bool = False,
        begun_ns: int | None = None,
    ) -> None:
        self.alert = alert
        self.delivery = delivery
        self.tries = tries
        self.may_have_arrived = may_have_arrived
        self.begun_ns = begun_ns
        self.order = 0
        self.due_ns = 0

    @property
    def is_urgent(self) -> bool:
        """Whether it must not wait behind, or be hidden among, what is not."""
        return self.alert.priority is Priority.URGENT


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes out as one message: one alert, or several as a digest. Never empty; oldest first.

    Args:
        is_part: Of a digest that was not taken.
    """

    items: tuple[Item, ...]
    is_part: bool = False

    @property
    def is_digest(self) -> bool:
        """Whether it stands for several."""
        return len(self.items) > 1

    def halves(self) -> tuple["Batch", "Batch"]:
        """Return its older and its newer half."""
        middle = len(self.items) // 2
        return Batch(self.items[:middle], is_part=True), Batch(self.items[middle:], is_part=True)
