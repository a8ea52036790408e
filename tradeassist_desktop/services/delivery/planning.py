"""Which announcements a new alert begins with."""

from collections.abc import Callable, Sequence

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Delivery

Plan = Callable[[Alert], tuple[Delivery, ...]]
"""Return an alert's first deliveries, also those that are suppressed. Never waits; never raises."""


def to_channels(names: Callable[[Alert], Sequence[str]]) -> Plan:
    """Return the plan that sends at once: by the channels the rule names, else by those of ``names``."""

    def plan(alert: Alert) -> tuple[Delivery, ...]:
        channels = alert.channels if alert.channels is not None else names(alert)
        return tuple(
            Delivery(alert_id=alert.id, channel=channel, created_ns=alert.evaluated_ns)
            for channel in dict.fromkeys(channels)
        )

    return plan
