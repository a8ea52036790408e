"""An alert with all that became of it."""

from dataclasses import dataclass

from tradeassist_desktop.domain.alerts import Alert, AlertState
from tradeassist_desktop.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One alert as its trader finds it in the list.

    Args:
        deliveries: One per channel, by channel name; none for a suppressed alert.
        committed_ns: When it was written to disk; ``None`` while it could not be.
        acknowledged_ns: When the trader acknowledged it; ``None`` while new.
        number: Its place in the order of storing, the key of paging; ``None`` while not stored.
    """

    alert: Alert
    state: AlertState = AlertState.NEW
    deliveries: tuple[Delivery, ...] = ()
    committed_ns: int | None = None
    acknowledged_ns: int | None = None
    number: int | None = None
