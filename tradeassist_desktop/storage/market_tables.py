"""The market's tables as they are now: what was heard, bar by bar and tick by tick, and what was not.

Prices of bars are whole numbers of 1 / ``PRICE_SCALE`` in quote currency: exact for decimals of up to
8 places and prices up to 90,000,000, and shorter on disk than floats. Sizes and volumes are floats,
as is everything within ticks. Otherwise as ``tables``.
"""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from tradeassist_desktop.storage.tables import METADATA

PRICE_SCALE: Final = 100_000_000

# A venue's instruments are its own: the demo market's /ES must never mix with Schwab's.
instruments: Final = Table(
    "instruments",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("venue", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    # What stays when a share is renamed.
    Column("cusip", Text),
    # Of the last regular session, as it was heard.
    Column("heard_close", Integer),
    Column("heard_close_ns", Integer),
    UniqueConstraint("venue", "symbol"),
)

# One row for what came of one symbol together. "number" is the order of arrival; "updates" are
# ticks as MessagePack arrays, in the order of ``Tick``'s fields, to which new ones are only appended.
# No foreign key: checking one would cost a look-up for every row.
tick_batches: Final = Table(
    "tick_batches",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("instrument_id", Integer, nullable=False),
    Column("first_ns", Integer, nullable=False),
    Column("last_ns", Integer, nullable=False),
    Column("updates", LargeBinary, nullable=False),
    # By the instrument first, each row would change a page of its own, and an alert's commit wait for it.
    Index("tick_batches_by_time", "first_ns", "instrument_id", "last_ns"),
)

bars: Final = Table(
    "bars",
    METADATA,
    Column("instrument_id", Integer, ForeignKey("instruments.id"), primary_key=True),
    Column("timeframe", Text, primary_key=True),
    Column("start_ns", Integer, primary_key=True),
    Column("end_ns", Integer, nullable=False),
    Column("open", Integer, nullable=False),
    Column("high", Integer, nullable=False),
    Column("low", Integer, nullable=False),
    Column("close", Integer, nullable=False),
    Column("volume", Float, nullable=False),
    sqlite_with_rowid=False,
)

# What the market was when the program ended: the engine's fields, forming bars and sums of a symbol.
market_state: Final = Table(
    "market_state",
    METADATA,
    Column("venue", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("state", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Stretches without data; an open one has no end yet. "symbol" is empty where a whole feed brought nothing.
gaps: Final = Table(
    "gaps",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("from_ns", Integer, nullable=False),
    Column("until_ns", Integer),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("bars", Integer, nullable=False),
    Column("late_alerts", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    CheckConstraint("state IN ('open', 'repaired', 'partly', 'missing', 'silent')", name="gap_state"),
    Index("gaps_time", "from_ns"),
)

# One row for each start on a source of data; "position_ns" is the event time it has come to.
runs: Final = Table(
    "runs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("started_ns", Integer, nullable=False),
    Column("finished_ns", Integer),
    Column("position_ns", Integer),
    Index("runs_source", "feed", "source", "started_ns"),
    sqlite_with_rowid=False,
)
