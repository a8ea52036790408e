"""Alerts that go out although the disk would not take them, until it does."""

from collections.abc import Iterable

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import (
    Announcement,
    Attempt,
    Delivery,
    DeliveryKey,
    announcements_after,
)


class UnsavedAlert:
    """One such alert with its deliveries as they stand: what the database would otherwise know."""

    def __init__(self, *, alert: Alert, deliveries: Iterable[Delivery]) -> None:
        self.alert = alert
        self.deliveries = {delivery.key: delivery for delivery in deliveries}
        self.attempts: dict[tuple[DeliveryKey, int], Attempt] = {}

    def note(self, delivery: Delivery, attempts: Iterable[Attempt]) -> None:
        """Take a new state of a delivery, and of attempts at it."""
        self.deliveries[delivery.key] = delivery
        self.attempts.update({(attempt.key, attempt.number): attempt for attempt in attempts})

    def announce_again(self, announcement: Announcement, *, now_ns: int) -> tuple[Delivery, ...]:
        """Add one more announcement on each channel; return them."""
        last: dict[str, int] = {}
        for key in self.deliveries:
            last[key.channel] = max(key.announcement, last.get(key.channel, -1))
        added = announcements_after(last, announcement, now_ns=now_ns)
        self.deliveries.update({delivery.key: delivery for delivery in added})
        return added
