"""Row B52: what of breakers is on disk, also where the disk's contents are none."""

import logging
import threading

import pytest
from sqlalchemy import text

from tradeassist_desktop.domain.breakers import BreakerState, SavedBreaker
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import KeptBreakers

OPEN = SavedBreaker("slack", BreakerState.OPEN, trips=3, until_ns=2**61, saved_ns=2**60)
FORCED = SavedBreaker("smtp", BreakerState.FORCED_OPEN, trips=0, until_ns=0, saved_ns=2**60)


async def test_b52_breakers_are_kept_by_name_as_they_stood_last(database: Database) -> None:
    kept = KeptBreakers(database=database)
    kept.keep(SavedBreaker("slack", BreakerState.HALF_OPEN, trips=2, until_ns=0, saved_ns=1))

    kept.keep(FORCED)
    kept.keep(OPEN)
    await database.settle()

    assert await kept.load() == {"slack": OPEN, "smtp": FORCED}


async def test_b52_a_breaker_may_be_kept_from_another_thread(database: Database) -> None:
    kept = KeptBreakers(database=database)

    thread = threading.Thread(target=kept.keep, args=(OPEN,))
    thread.start()
    thread.join()
    await database.settle()

    assert await kept.load() == {"slack": OPEN}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("''", id="empty"),
        pytest.param('\'{"state": "ope\'', id="cut short"),
        pytest.param("CAST(x'ff00fe' AS TEXT)", id="bytes that are no text"),
        pytest.param("7", id="a number"),
        pytest.param("'[]'", id="a list"),
        pytest.param('\'{"state": "ajar", "trips": 1, "until_ns": 1}\'', id="a state that is none"),
        pytest.param('\'{"state": "open", "trips": -1, "until_ns": 1}\'', id="negative trips"),
        pytest.param('\'{"state": "open", "trips": 1, "until_ns": "soon"}\'', id="a time that is none"),
        pytest.param("'" + "[" * 100_000 + "'", id="nested without end"),
    ],
)
async def test_b52_a_state_that_cannot_be_read_is_logged_and_costs_no_other(
    database: Database, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept = KeptBreakers(database=database)
    kept.keep(FORCED)
    await database.settle()
    await database.run(
        lambda connection: connection.execute(
            text("INSERT INTO breakers VALUES ('slack', " + value.replace(":", "\\:") + ", 1)")
        )
    )

    with caplog.at_level(logging.WARNING):
        found = await kept.load()

    assert found == {"smtp": FORCED}
    assert "cannot be read" in caplog.text
