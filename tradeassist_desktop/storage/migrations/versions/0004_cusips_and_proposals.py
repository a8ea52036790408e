"""What stays when a share is renamed; which rolls, splits and renames the trader has settled."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the instruments' column, and make the table."""
    op.add_column("instruments", sa.Column("cusip", sa.Text(), nullable=True))
    op.create_table(
        "settled_proposals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("settled_ns", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcome IN ('applied', 'dismissed')", name="proposal_outcome"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
