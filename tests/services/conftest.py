import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.empty_database import empty_database
from tests.fakes import ManualClock
from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Leg, Priority
from tradeassist_desktop.domain.events import (
    AlertRaised,
    AlertsAcknowledged,
    AlertsCounted,
    AlertsSaved,
    DeliveryChanged,
    StorageTroubled,
)
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.storage.database import Database

AlertMaker = Callable[..., Alert]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def rng() -> random.Random:
    return random.Random(5)


@pytest.fixture
def make_alert() -> AlertMaker:
    def make(number: int = 1, **changes: object) -> Alert:
        values: dict[str, object] = {
            "id": f"alert-{number}",
            "rule_uid": "rule-1",
            "rule_name": "ES breaks out",
            "symbol": "/ESU24",
            "sequence": number,
            "priority": Priority.HIGH,
            "status": AlertStatus.FIRED,
            "event_ns": 1_719_900_000_000_000_000 + number,
            "value": 5530.25,
            "message": "/ESU24 last 5530.25 crosses above 5530",
            "condition": "last crosses above 5530",
            "legs": (Leg(text="last crosses above 5530", left=5530.25, right=5530.0, is_true=True),),
        }
        return Alert(**{**values, **changes})  # type: ignore[arg-type]  # a test names the fields it changes

    return make


class Listener:
    """Remembers what the bus said, in order."""

    def __init__(self, bus: Bus) -> None:
        self.events: list[object] = []
        for kind in (
            AlertRaised,
            AlertsSaved,
            AlertsAcknowledged,
            AlertsCounted,
            DeliveryChanged,
            StorageTroubled,
        ):
            bus.subscribe(kind, self.events.append)

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def heard(bus: Bus) -> Listener:
    return Listener(bus)


@pytest.fixture
async def database(tmp_path: Path, bus: Bus) -> AsyncIterator[Database]:
    database = Database(path=empty_database(tmp_path / "desk.db"), bus=bus)
    await database.start()
    yield database
    await database.stop()
