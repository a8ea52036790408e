"""How often each rule has fired since midnight, from the newest alerts."""

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.services.history import KEPT
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.bridge import Bridge

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk


class FiredToday(QObject):
    """Counts alerts as they come; the day is that of this machine's clock.

    Of a day that began long before the program the newest alerts may not tell all: counts are then said
    to be at least that many.
    """

    def __init__(self, *, desk: "Desk", bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._day = self._today()
        self._counts: Counter[str] = Counter()
        records = desk.history.records()
        self._is_whole = len(records) < KEPT or self._day_of(records[-1].alert) != self._day
        for record in records:
            self._count(record.alert)
        bridge.alerts_raised.connect(self._on_alerts)

    def count(self, uid: str) -> int:
        """Return how often a rule fired."""
        self._turn_day()
        return self._counts[uid]

    def shown(self, uid: str) -> str:
        """Return the count as it is shown: ``3``, ``12+``, nothing for none."""
        count = self.count(uid)
        return "" if not count else f"{count:,}" if self._is_whole else f"{count:,}+"

    def _on_alerts(self, raised: list[AlertRaised]) -> None:
        self._turn_day()
        for event in raised:
            self._count(event.alert)

    def _count(self, alert: Alert) -> None:
        if alert.status is AlertStatus.FIRED and self._day_of(alert) == self._day:
            self._counts[alert.rule_uid] += 1

    def _turn_day(self) -> None:
        if self._today() != self._day:
            self._day, self._is_whole = self._today(), True
            self._counts.clear()

    def _today(self) -> object:
        return text.local(self._desk.market.event_now_ns()).date()

    def _day_of(self, alert: Alert) -> object:
        return text.local(alert.event_ns).date()
