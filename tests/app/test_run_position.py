"""How far a run has come, where the disk takes that but not all that came of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.app.run_position import RunPosition
from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.storage import runs
from tradeassist_desktop.storage.database import Database

LONG = Alert(
    id="alert-1",
    rule_uid="rule-1",
    rule_name="ES breaks out",
    symbol="/ES",
    sequence=0,
    priority=Priority.NORMAL,
    status=AlertStatus.FIRED,
    event_ns=1,
    value=1.0,
    message="x" * 100_000,
    condition="last > 1",
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(path=tmp_path / "desk.db")
    await database.start()
    yield database
    await database.stop()


async def let_grow(database: Database, pages: int) -> None:
    await database.run(
        lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}"), durable=True
    )


@pytest.mark.parametrize(
    ("pages", "is_taken_up_again"),
    [pytest.param(1, True, id="full disk"), pytest.param(1_000_000, False, id="all saved")],
)
async def test_a_replay_that_came_to_its_end_is_played_again_while_an_alert_of_it_is_not_saved(
    database: Database, until: Any, pages: int, is_taken_up_again: bool
) -> None:
    bus, clock = Bus(), ManualClock()
    dispatcher = Dispatcher(database=database, bus=bus, clock=clock, channels={})
    alerting = Alerting(
        database=database, bus=bus, clock=clock, plan=to_channels(lambda alert: ()), dispatcher=dispatcher
    )
    await alerting.start()
    run = await database.run(
        lambda connection: runs.begin(connection, run_id="1", feed="replay", source="day.csv", now_ns=1)
    )
    position = RunPosition(
        run=run,
        is_live=False,
        engine=SimpleNamespace(clock_ns=1),  # type: ignore[arg-type]  # what it asks of one
        market=SimpleNamespace(feed_status=FeedStatus(state=FeedState.FINISHED)),  # type: ignore[arg-type]  # the same
        alerting=alerting,
        database=database,
        clock=clock,
        drain_s=lambda: 0.0,
    )
    await let_grow(database, pages)
    alerting.raise_alerts([LONG], {})
    await until(lambda: database.trouble or not alerting.unsaved_count)

    await position.end()
    await alerting.stop()

    left = await database.read(lambda connection: runs.resume(connection, feed="replay", source="day.csv"))
    assert (left is not None) == is_taken_up_again
