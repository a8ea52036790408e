"""Ticks in batches instead of one row each; what the market was when the program ended."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SPAN_NS = 60_000_000_000
_MOST_A_BATCH = 1_000
_PRICE_SCALE = 100_000_000
_FIRST_PRICES = slice(3, 6)  # last, bid, ask
_SESSION_PRICES = slice(10, 14)  # open, high, low, prev_close
_OLD = (
    "SELECT i.symbol, t.event_ns, t.received_ns, t.last, t.bid, t.ask, t.last_size, t.bid_size, t.ask_size, "
    "t.volume, t.open, t.high, t.low, t.prev_close, t.trade_ns FROM ticks AS t "
    "JOIN instruments AS i ON i.id = t.instrument_id WHERE t.instrument_id = ? ORDER BY t.event_ns, t.n"
)
_NEW = "INSERT INTO tick_batches (instrument_id, first_ns, last_ns, updates) VALUES (?, ?, ?, ?)"


def upgrade() -> None:
    """Make the tables, and bring the ticks over."""
    op.create_table(
        "market_state",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tick_batches",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("first_ns", sa.Integer(), nullable=False),
        sa.Column("last_ns", sa.Integer(), nullable=False),
        sa.Column("updates", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("tick_batches_of", "tick_batches", ["instrument_id", "first_ns"], unique=False)
    # A new rule goes to the end: without this all others are read to find it.
    op.create_index("rules_position", "rules", ["position"], unique=False)
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    for (instrument_id,) in driver.execute("SELECT id FROM instruments").fetchall():
        encode = msgspec.msgpack.Encoder().encode
        driver.executemany(
            _NEW,
            (
                (instrument_id, batch[0][1], batch[-1][1], encode(batch))
                for batch in _batches(driver, instrument_id)
            ),
        )
    op.drop_table("ticks")


def _batches(driver: sqlite3.Connection, instrument_id: int) -> Iterator[list[list[Any]]]:
    batch: list[list[Any]] = []
    for row in driver.execute(_OLD, (instrument_id,)):
        tick = list(row)
        for prices in (_FIRST_PRICES, _SESSION_PRICES):
            tick[prices] = [None if price is None else price / _PRICE_SCALE for price in tick[prices]]
        if batch and (len(batch) == _MOST_A_BATCH or tick[1] - batch[0][1] > _SPAN_NS):
            yield batch
            batch = []
        batch.append(tick)
    if batch:
        yield batch
