"""Alerts that go out although the disk would not take them, until it does."""

from collections.abc import Iterable, Sequence

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import (
    Attempt,
    Cause,
    Delivery,
    DeliveryKey,
    DeliveryState,
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

    def announce_again(self, channels: Sequence[str], cause: Cause, *, now_ns: int) -> tuple[Delivery, ...]:
        """Add one more announcement on each channel; return them."""
        last: dict[str, int] = {}
        for key in self.deliveries:
            last[key.channel] = max(key.announcement, last.get(key.channel, -1))
        added = announcements_after(last, self.alert.id, channels, cause, now_ns=now_ns)
        self.deliveries.update({delivery.key: delivery for delivery in added})
        return added

    def release(self, keys: Iterable[DeliveryKey], cause: Cause, *, now_ns: int) -> tuple[Delivery, ...]:
        """Make those of these deliveries wait that are suppressed; return them."""
        released = tuple(
            delivery.released(cause, now_ns=now_ns)
            for key in keys
            if (delivery := self.deliveries.get(key)) is not None
            and delivery.state is DeliveryState.SUPPRESSED
        )
        self.deliveries.update({delivery.key: delivery for delivery in released})
        return released
