import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tradeassist_desktop.storage.database import Database


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM watchlist")).scalar_one())


def add(symbol: str):
    return lambda connection: connection.execute(
        text("INSERT INTO watchlist (symbol) VALUES (:symbol)"), {"symbol": symbol}
    )


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Database(path=tmp_path / "data" / "desk.db")
    await first.start()
    await first.run(add("AAPL"), durable=True)
    first.submit(add("MSFT"))
    await first.stop()

    second = Database(path=tmp_path / "data" / "desk.db")
    await second.start()
    symbols = await second.read(count)
    await second.stop()

    assert symbols == 2
    assert second.notices == ()
