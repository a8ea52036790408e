"""The groups of the watchlist."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table, and add the watchlist's column: all that is watched is in no group."""
    op.create_table(
        "watch_groups",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_collapsed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("name"),
    )
    op.add_column("watchlist", sa.Column("group_name", sa.Text(), nullable=False, server_default=""))
