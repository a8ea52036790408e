"""Stretches without data; whether an alert came late or after one of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, and the alerts' column."""
    op.create_table(
        "gaps",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("from_ns", sa.Integer(), nullable=False),
        sa.Column("until_ns", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bars", sa.Integer(), nullable=False),
        sa.Column("late_alerts", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'repaired', 'partly', 'missing', 'silent')", name="gap_state"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("gaps_time", "gaps", ["from_ns"], unique=False)
    op.add_column("alerts", sa.Column("timing", sa.Text(), nullable=False, server_default="live"))
