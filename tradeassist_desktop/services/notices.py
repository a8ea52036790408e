"""What the desk itself has to tell its trader, on the way that alerts take."""

import logging
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.routing.inhibition import Inhibition

log = logging.getLogger(__name__)

_LOUD: Final = (Priority.HIGH, Priority.URGENT)


class Notices:
    """Makes an alert of each notice: stored, listed and delivered by toast, tray and tone like any.

    It has no rule and no symbol (``Alert.is_notice``).

    Args:
        inhibition: Told which notices are only part of something; ``None`` where nothing is.
    """

    def __init__(self, *, alerting: Alerting, clock: Clock, inhibition: Inhibition | None = None) -> None:
        self._alerting = alerting
        self._clock = clock
        self._inhibition = inhibition

    def tell(
        self,
        key: str,
        title: str,
        text: str,
        priority: Priority,
        *,
        about_ns: int | None = None,
        channels: Sequence[str] | None = None,
        part_of: str = "",
    ) -> str:
        """Tell the trader something, once; return the alert's id.

        Args:
            key: What kind of notice this is: ``sign-in-48h``.
            title: Stands where a rule's name would.
            text: Sentences that say what happened, and what to do.
            about_ns: The instant it is about, UTC; a notice of the same key about the same instant
                is told once, also over restarts. ``None`` is now.
            channels: Names of those to tell it through; ``None`` for those of its priority.
            part_of: While this stands, the notice is kept and not sent: ``feed-down:schwab``.
        """
        now_ns = self._clock.now_ns()
        about = f"notice\0{key}\0{now_ns if about_ns is None else about_ns}"
        log.log(
            logging.WARNING if priority in _LOUD else logging.INFO,
            "notice",
            extra={"key": key, "title": title, "text": text},
        )
        alert = Alert(
            id=blake2b(about.encode(), digest_size=12).hexdigest(),
            rule_uid="",
            rule_name=title,
            symbol="",
            sequence=0,
            priority=priority,
            status=AlertStatus.FIRED,
            event_ns=now_ns,
            value=None,
            message=text,
            condition="",
            channels=None if channels is None else tuple(channels),
        )
        if part_of and self._inhibition is not None:
            self._inhibition.note(alert.id, part_of)
        self._alerting.raise_alerts([alert], {})
        return alert.id

    def tell_barred(self, channel: str, reason: str, *, through: Sequence[str]) -> str:
        """Tell, through other channels, that one is of no use until its trader changes something."""
        return self.tell(
            f"channel-barred-{channel}",
            f"No alerts by {CHANNEL_TITLES.get(channel, channel)} until you change its settings",
            f"It answered: {reason}. Its alerts wait, and go out once its settings or secrets are changed.",
            Priority.HIGH,
            channels=through,
        )
