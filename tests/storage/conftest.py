from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.empty_database import empty_database
from tradeassist_desktop.storage.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(path=empty_database(tmp_path / "desk.db"))
    await database.start()
    yield database
    await database.stop()
