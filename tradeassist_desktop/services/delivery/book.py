"""Where every delivery stands: told to the bus, and to the ledger as soon as its alert is stored."""

from collections.abc import Iterable, Sequence

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Attempt, Delivery
from tradeassist_desktop.domain.events import DeliveryChanged
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.delivery.item import Item
from tradeassist_desktop.services.delivery.ledger import DeliveryLedger
from tradeassist_desktop.services.delivery.unsaved import UnsavedAlert


class DeliveryBook:
    """Takes changes of deliveries, and attempts at them, in the order they happen."""

    def __init__(self, *, ledger: DeliveryLedger, bus: Bus) -> None:
        self._ledger = ledger
        self._bus = bus
        self._unsaved: dict[str, UnsavedAlert] = {}

    def change(self, item: Item, delivery: Delivery, attempt: Attempt | None = None) -> None:
        """Let an item's delivery stand elsewhere; ``attempt`` is what brought it there."""
        item.delivery = delivery
        tried = () if attempt is None else (attempt,)
        unsaved = self._unsaved.get(delivery.alert_id)
        if unsaved is None:
            self._ledger.note((delivery,), tried)
        else:
            unsaved.note(delivery, tried)
        self._bus.publish(DeliveryChanged(delivery=delivery))

    def note(self, deliveries: Iterable[Delivery]) -> None:
        """Have deliveries stored that could not be."""
        self._ledger.note(deliveries)

    def add_unsaved(self, alert: Alert, deliveries: Sequence[Delivery]) -> None:
        """Keep what happens to an alert until it is ``saved``."""
        self._unsaved[alert.id] = UnsavedAlert(alert=alert, deliveries=deliveries)

    def unsaved(self, alert_id: str) -> UnsavedAlert | None:
        """Return an alert that could not be saved; ``None`` for any other."""
        return self._unsaved.get(alert_id)

    def saved(self, alert_ids: Sequence[str]) -> None:
        """Take notice that these are stored, with their deliveries as they stood when that began."""
        for alert_id in alert_ids:
            # They may have moved on while they were being stored.
            unsaved = self._unsaved.pop(alert_id, None)
            if unsaved is not None:
                self._ledger.note(unsaved.deliveries.values(), unsaved.attempts.values())
