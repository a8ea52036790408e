"""The first tables: instruments, ticks, bars, rules, arming, alerts, outbox, runs, watchlist."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "alerts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule_uid", sa.Text(), nullable=False),
        sa.Column("rule_name", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("event_ns", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("channels", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("legs", sa.Text(), nullable=False),
        sa.Column("received_ns", sa.Integer(), nullable=False),
        sa.Column("evaluated_ns", sa.Integer(), nullable=False),
        sa.Column("committed_ns", sa.Integer(), nullable=False),
        sa.Column("acknowledged_ns", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "arming",
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("uid", "symbol"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "instruments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("venue", "symbol"),
    )
    op.create_table(
        "rules",
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("created_ns", sa.Integer(), nullable=False),
        sa.Column("updated_ns", sa.Integer(), nullable=False),
        sa.Column("deleted_ns", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("uid"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("started_ns", sa.Integer(), nullable=False),
        sa.Column("finished_ns", sa.Integer(), nullable=True),
        sa.Column("position_ns", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("runs_source", "runs", ["feed", "source", "started_ns"], unique=False)
    op.create_table(
        "ticks",
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("event_ns", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("received_ns", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=True),
        sa.Column("bid", sa.Integer(), nullable=True),
        sa.Column("ask", sa.Integer(), nullable=True),
        sa.Column("last_size", sa.Float(), nullable=True),
        sa.Column("bid_size", sa.Float(), nullable=True),
        sa.Column("ask_size", sa.Float(), nullable=True),
        sa.Column("volume", sa.Float(), nullable=True),
        sa.Column("trade_ns", sa.Integer(), nullable=True),
        sa.Column("open", sa.Integer(), nullable=True),
        sa.Column("high", sa.Integer(), nullable=True),
        sa.Column("low", sa.Integer(), nullable=True),
        sa.Column("prev_close", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("instrument_id", "event_ns", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "watchlist",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("symbol"),
    )
    op.create_table(
        "bars",
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("start_ns", sa.Integer(), nullable=False),
        sa.Column("end_ns", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("close", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instrument_id"],
            ["instruments.id"],
        ),
        sa.PrimaryKeyConstraint("instrument_id", "timeframe", "start_ns"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deliveries",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_ns", sa.Integer(), nullable=False),
        sa.Column("finished_ns", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'uncertain', 'suppressed', "
            "'unavailable', 'expired', 'dead')",
            name="delivery_state",
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
        ),
        sa.PrimaryKeyConstraint("alert_id", "channel"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "deliveries_open",
        "deliveries",
        ["channel", "state"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
    )
