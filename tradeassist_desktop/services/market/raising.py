"""Hands what the engine has decided to alerting, and with it what its rules are doing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tradeassist_desktop.domain.alerts import Alert, Timing
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.instant import InstantOrder
from tradeassist_desktop.services.alerting import Alerting


class Raising:
    """Between the engine and alerting.

    Args:
        venue: What rules are doing is kept for each apart.
        is_live: Where not, alerts are given out as a backtest prints them, and marked as replayed.
        quiet_until_ns: Before which event time a replay raises nothing: it only gets there.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        alerting: Alerting,
        venue: str,
        is_live: bool,
        quiet_until_ns: Callable[[], int],
    ) -> None:
        self._engine = engine
        self._alerting = alerting
        self._prefix = f"{venue}:"
        self._is_live = is_live
        self._quiet_until_ns = quiet_until_ns
        self._order = InstantOrder(engine)

    def restore(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Let the engine go on from what was kept of this venue."""
        own = {
            key.removeprefix(self._prefix): state
            for key, state in kept.items()
            if key.startswith(self._prefix)
        }
        self._engine.restore(own)

    def take(self, alerts: Sequence[Alert]) -> None:
        """Take what was just decided."""
        if not self._is_live:
            # By rule within an instant, which can be told only once it is over.
            alerts = [done for alert in alerts for done in self._order.take(alert)]
        self.hand_over(alerts)

    def on_time_passed(self) -> None:
        """Hand over what waited for its instant to be over."""
        self.hand_over(self._order.past())

    def finish(self) -> None:
        """Hand over all that waits."""
        self.hand_over(self._order.rest())

    def hand_over(self, alerts: Sequence[Alert]) -> None:
        """Have alerts saved and delivered, together with what their rules are doing."""
        if alerts and not self._is_live:
            quiet_until_ns = self._quiet_until_ns()
            alerts = [
                replace(alert, timing=Timing.REPLAYED) if alert.timing is Timing.LIVE else alert
                for alert in alerts
                if alert.event_ns >= quiet_until_ns
            ]
        if alerts:
            # The arming goes into the alerts' own transaction: a crash can then neither
            # lose an alert nor fire it twice.
            counts = self._engine.take_suppression_counts()  # before the arming, which forgets them
            self._alerting.raise_alerts(alerts, self._take_arming())
            if counts:
                self._alerting.save_counts(counts)

    def save(self) -> None:
        """Keep what rules are doing, where that has changed without an alert."""
        counts = self._engine.take_suppression_counts()
        dirty = self._take_arming()
        if dirty:
            self._alerting.save_arming(dirty)
        if counts:
            self._alerting.save_counts(counts)

    @property
    def is_saved(self) -> bool:
        """Whether every alert is on disk."""
        return not self._alerting.unsaved_count

    def _take_arming(self) -> dict[str, dict[str, Any]]:
        # A replay's is rebuilt by replaying. A venue's is its own: what is true of made-up prices
        # must not keep a rule quiet on real ones.
        dirty = self._engine.take_dirty()
        return {f"{self._prefix}{key}": state for key, state in dirty.items()} if self._is_live else {}
