from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tradeassist_desktop.domain.rotation import Rotation, RotationStep
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.rotations import RotationStore


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(path=tmp_path / "desk.db")
    await database.start()
    yield database
    await database.stop()


async def test_a_rotation_is_found_again_as_it_stood(database: Database) -> None:
    store = RotationStore(database=database)
    first = Rotation(secret="slack.bot", seen_ns=10, step=RotationStep.MAKE, started_ns=20, stepped_ns=21)
    second = replace(
        first, step=RotationStep.RETIRE, old_version="3", new_version="4", retire_ns=50, finished_ns=40
    )
    other = Rotation(secret="smtp", seen_ns=5, failures=3, detail="no answer", snoozed_until_ns=99)

    for rotation in (first, other, second):
        await store.keep(rotation)

    assert set(await store.load()) == {second, other}
