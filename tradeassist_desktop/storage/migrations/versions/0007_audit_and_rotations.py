"""The audit log, and rotations of secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at_ns", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
    )
    op.create_index("audit_time", "audit", ["at_ns"])
    op.create_index("audit_what", "audit", ["what", "act", "number"])
    op.create_table(
        "rotations",
        sa.Column("secret", sa.Text(), primary_key=True),
        sa.Column("seen_ns", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("old_version", sa.Text(), nullable=False),
        sa.Column("new_version", sa.Text(), nullable=False),
        sa.Column("started_ns", sa.Integer(), nullable=False),
        sa.Column("stepped_ns", sa.Integer(), nullable=False),
        sa.Column("retire_ns", sa.Integer(), nullable=True),
        sa.Column("finished_ns", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("snoozed_until_ns", sa.Integer(), nullable=True),
        sqlite_with_rowid=False,
    )
