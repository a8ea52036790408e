import pytest
from sqlalchemy import Connection, text

from tradeassist_desktop.storage.compiled import insert_rows
from tradeassist_desktop.storage.database import Database

PUT = "INSERT INTO watchlist (symbol, position) VALUES (?, ?) ON CONFLICT (symbol) DO NOTHING"


@pytest.mark.parametrize("count", [0, 1, 3, 32, 33, 100])
async def test_every_row_is_written_in_its_order(database: Database, count: int) -> None:
    rows = [(f"S{number:03}", number) for number in range(count)]

    def write(connection: Connection) -> int:
        return insert_rows(connection, PUT, rows)

    written = await database.run(write)
    kept = await database.read(lambda connection: list(connection.execute(text("SELECT * FROM watchlist"))))

    assert written == count
    assert sorted(row.symbol for row in kept) == [symbol for symbol, _ in rows]


async def test_rows_passed_over_are_not_counted(database: Database) -> None:
    await database.run(lambda connection: insert_rows(connection, PUT, [("S001", 1), ("S003", 3)]))

    written = await database.run(
        lambda connection: insert_rows(connection, PUT, [(f"S{number:03}", number) for number in range(5)])
    )

    assert written == 3
