"""Repeats and attempts of deliveries, leases, silences, circuit breakers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_OLD = "alert_id, channel, state, attempts, next_attempt_ns, finished_ns, detail"
_NEW = f"{_OLD}, announcement, cause, created_ns, receipt"


def upgrade() -> None:
    """Make the deliveries' table anew, as its key grows; then the new tables."""
    op.drop_index("deliveries_open", "deliveries")
    op.rename_table("deliveries", "deliveries_before")
    op.create_table(
        "deliveries",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("announcement", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_ns", sa.Integer(), nullable=False),
        sa.Column("next_attempt_ns", sa.Integer(), nullable=False),
        sa.Column("finished_ns", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("muting", sa.Text(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=False, server_default=""),
        sa.Column("leased_until_ns", sa.Integer(), nullable=False, server_default="0"),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'uncertain', 'suppressed', "
            "'unavailable', 'expired', 'dead')",
            name="delivery_state",
        ),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.PrimaryKeyConstraint("alert_id", "channel", "announcement"),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO deliveries ({_NEW}) SELECT {_OLD}, 0, 'fired', "  # noqa: S608 - words of this file
        "coalesce((SELECT committed_ns FROM alerts WHERE alerts.id = alert_id), 0), '' FROM deliveries_before"
    )
    op.drop_table("deliveries_before")
    op.create_index(
        "deliveries_open",
        "deliveries",
        ["channel", "state"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index(
        "deliveries_given_up",
        "deliveries",
        ["finished_ns"],
        unique=False,
        sqlite_where=sa.text("state IN ('uncertain', 'expired', 'dead')"),
    )
    op.create_index(
        "deliveries_receipts",
        "deliveries",
        ["channel", "finished_ns"],
        unique=False,
        sqlite_where=sa.text("receipt <> ''"),
    )
    op.create_index(
        "deliveries_settled",
        "deliveries",
        ["channel", "state", "finished_ns", "created_ns", "attempts", "muting"],
        unique=False,
        sqlite_where=sa.text("finished_ns IS NOT NULL"),
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("announcement", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_ns", sa.Integer(), nullable=False),
        sa.Column("finished_ns", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('sending', 'delivered', 'failed', 'uncertain', "
            "'unavailable', 'refused', 'postponed')",
            name="attempt_outcome",
        ),
        sa.PrimaryKeyConstraint("alert_id", "channel", "announcement", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "delivery_attempts_ended",
        "delivery_attempts",
        ["channel", "started_ns", "finished_ns", "outcome", "detail"],
        unique=False,
        sqlite_where=sa.text("finished_ns IS NOT NULL"),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("rule_uid", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("from_ns", sa.Integer(), nullable=False),
        sa.Column("until_ns", sa.Integer(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_ns", sa.Integer(), nullable=False),
        sa.Column("ended_ns", sa.Integer(), nullable=True),
        sa.CheckConstraint("scope IN ('all', 'rule', 'tag', 'symbol', 'rule_symbol')", name="silence_scope"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "silences_open", "silences", ["until_ns"], unique=False, sqlite_where=sa.text("ended_ns IS NULL")
    )
    op.create_table(
        "breakers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("saved_ns", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )
