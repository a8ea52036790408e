"""The redo log: what a killed desk knew of its deliveries beyond what the database has."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.delivery import Attempt, AttemptOutcome, Delivery, DeliveryState
from tradeassist_desktop.storage import alerts, attempts, outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.leases import Lease
from tradeassist_desktop.storage.redo import RedoLog

PENDING = Delivery(alert_id="alert-1", channel="tray", created_ns=1)
SENDING = replace(PENDING, state=DeliveryState.SENDING, attempts=1)
DELIVERED = replace(SENDING, state=DeliveryState.DELIVERED, finished_ns=3, receipt="7")
BEGUN = Attempt(PENDING.key, 1, 2)
ENDED = replace(BEGUN, finished_ns=3, outcome=AttemptOutcome.DELIVERED)
KILLED = Lease("the killed desk", 2**62)
ALERT = Alert(
    id="alert-1",
    rule_uid="rule-1",
    rule_name="ES breaks out",
    symbol="/ESU24",
    sequence=1,
    priority=Priority.HIGH,
    status=AlertStatus.FIRED,
    event_ns=1,
    value=5530.25,
    message="/ESU24 last 5530.25 crosses above 5530",
    condition="last crosses above 5530",
)


@pytest.fixture
async def stored(database: Database) -> Database:
    """A database with one alert that waits to be sent."""
    await database.run(
        lambda connection: outbox.raise_alerts(
            connection, [(ALERT, (PENDING,))], {}, committed_ns=1, lease=KILLED
        )
    )
    return database


def left(path: Path, *states: tuple[Sequence[Delivery], Sequence[Attempt]]) -> Path:
    """Leave a log as a killed desk does."""
    kept = RedoLog(path=path)
    kept.open()
    for changed, tried in states:
        kept.add(changed, tried)
    assert kept.flush()
    return path


async def redone(database: Database, path: Path) -> tuple[list[DeliveryState], list[AttemptOutcome]]:
    await database.run(RedoLog(path=path).redo)
    (record,) = await database.read(lambda connection: alerts.recent(connection, limit=10))
    tried = await database.read(lambda connection: attempts.of_alert(connection, "alert-1"))
    return [each.state for each in record.deliveries], [each.outcome for each in tried]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([([SENDING], [BEGUN])], (DeliveryState.SENDING, AttemptOutcome.SENDING)),
        ([([SENDING], [BEGUN]), ([DELIVERED], [ENDED])], (DeliveryState.DELIVERED, AttemptOutcome.DELIVERED)),
    ],
    ids=["cut off", "ended"],
)
async def test_deliveries_stand_where_the_killed_desk_had_them(
    stored: Database, tmp_path: Path, states: Any, expected: Any
) -> None:
    found = await redone(stored, left(tmp_path / "redo", *states))

    assert found == ([expected[0]], [expected[1]])


async def test_nothing_goes_back_where_the_database_is_ahead_as_after_a_power_cut(
    stored: Database, tmp_path: Path
) -> None:
    await stored.run(lambda connection: outbox.write(connection, [DELIVERED], [ENDED], KILLED))

    found = await redone(stored, left(tmp_path / "redo", ([SENDING], [BEGUN])))

    assert found == ([DeliveryState.DELIVERED], [AttemptOutcome.DELIVERED])


@pytest.mark.parametrize("rest", [b'[[{"alert_id":"al', b"\0" * 100 + b"\n", b"[]\n"])
async def test_a_log_whose_end_is_missing_or_spoilt_counts_as_far_as_it_goes(
    stored: Database, tmp_path: Path, rest: bytes
) -> None:
    path = left(tmp_path / "redo", ([SENDING], [BEGUN]))
    path.write_bytes(path.read_bytes() + rest)

    assert await redone(stored, path) == ([DeliveryState.SENDING], [AttemptOutcome.SENDING])


async def test_states_of_an_alert_that_is_not_stored_are_passed_over(
    stored: Database, tmp_path: Path
) -> None:
    of_other = replace(SENDING, alert_id="alert-2")
    path = left(tmp_path / "redo", ([of_other], [replace(BEGUN, key=of_other.key)]))

    assert await redone(stored, path) == ([DeliveryState.PENDING], [])
    assert await stored.read(lambda connection: attempts.of_alert(connection, "alert-2")) == []


async def test_a_long_log_is_begun_anew_once_all_is_stored_and_goes_with_the_desk(tmp_path: Path) -> None:
    kept = RedoLog(path=tmp_path / "redo")
    kept.open()
    sizes = []
    for _ in range(1_000):
        kept.add([SENDING], [BEGUN])
        kept.flush()
    for _ in range(2):
        sizes.append((tmp_path / "redo").stat().st_size)
        kept.all_stored()

    kept.close(is_stored=True)

    assert sizes[0] > 64_000
    assert sizes[1] == 0
    assert not (tmp_path / "redo").exists()


async def test_what_no_file_can_take_is_not_said_to_outlive_a_kill(tmp_path: Path) -> None:
    kept, nowhere = RedoLog(path=tmp_path / "redo"), RedoLog(path=tmp_path / "no folder" / "redo")
    kept.open()
    nowhere.open()

    kept.add([replace(SENDING, detail="tone-\udcff.wav")], [])
    nowhere.add([SENDING], [BEGUN])

    assert (kept.flush(), nowhere.flush()) == (False, False)
    kept.all_stored()
    kept.add([SENDING], [BEGUN])
    assert kept.flush()
    kept.close(is_stored=False)
