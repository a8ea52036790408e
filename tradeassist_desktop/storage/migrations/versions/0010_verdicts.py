"""What the trader thought of alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "verdicts",
        sa.Column("alert_id", sa.Text(), primary_key=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("given_ns", sa.Integer(), nullable=False),
        sa.CheckConstraint("verdict IN ('useful', 'noise')", name="verdict_kind"),
        sqlite_with_rowid=False,
    )
