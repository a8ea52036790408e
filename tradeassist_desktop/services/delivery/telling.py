"""Tells of alerts: each once, whether its saving came first or not."""

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Delivery
from tradeassist_desktop.domain.events import AlertRaised, AlertsSaved
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.in_turns import in_turns
from tradeassist_desktop.services.delivery.saving import Saving, Unit, Untold


class Telling:
    """Tells the bus of alerts, and has them sent."""

    def __init__(self, *, bus: Bus, dispatcher: Dispatcher) -> None:
        self._bus = bus
        self._dispatcher = dispatcher

    def tell_unsaved(self, unit: Unit) -> None:
        """Tell of a unit that could not be saved so far, unless that was done."""
        if unit.is_announced:
            return
        unit.is_announced = True
        for alert, deliveries in unit.alerts:
            if self._dispatcher.deliveries_of(alert.id) is None:
                self._announce(AlertRaised(alert=alert, deliveries=deliveries, is_saved=False))

    def tell_all(self, saving: Saving) -> None:
        """Tell of what is saved and untold, at once."""
        while saving.untold:
            self._tell(saving, saving.untold.popleft())
        self._tell_saved(saving)

    async def tell_in_turns(self, saving: Saving) -> None:
        """Tell of what is saved and untold; a storm that was saved at once must not hold up the loop."""
        left = (saving.untold.popleft() for _ in range(len(saving.untold)))
        try:
            await in_turns(left, lambda planned: self._tell(saving, planned))
        finally:
            self._tell_saved(saving)

    def _tell(self, saving: Saving, planned: Untold) -> None:
        unit, alert, deliveries = planned
        if unit.is_announced:
            saving.told_before.append(alert.id)
        elif alert.id in saving.new:
            saving.new.discard(alert.id)
            self._announce(_saved(alert, deliveries, saving))
        else:
            self._dispatcher.never_mind(deliveries)

    def _announce(self, event: AlertRaised) -> None:
        self._bus.publish(event)
        self._dispatcher.dispatch(event.alert, event.deliveries, is_saved=event.is_saved)

    def _tell_saved(self, saving: Saving) -> None:
        told_before, saving.told_before = tuple(saving.told_before), []
        if told_before:
            self._dispatcher.saved(told_before)
            self._bus.publish(AlertsSaved(alert_ids=told_before, committed_ns=saving.committed_ns))


def _saved(alert: Alert, deliveries: tuple[Delivery, ...], saving: Saving) -> AlertRaised:
    return AlertRaised(
        alert=alert,
        deliveries=deliveries,
        is_saved=True,
        committed_ns=saving.committed_ns,
        saved_ns=saving.saved_ns,
    )
