"""What a share closed at as it was heard, whatever its venue makes of the past at a split."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the instruments' columns."""
    op.add_column("instruments", sa.Column("heard_close", sa.Integer(), nullable=True))
    op.add_column("instruments", sa.Column("heard_close_ns", sa.Integer(), nullable=True))
