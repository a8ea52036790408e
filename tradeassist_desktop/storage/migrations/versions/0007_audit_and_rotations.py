"""The audit log, rotations of secrets, and dead letters put away."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TRIGGERS = (
    """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
        SELECT RAISE(ABORT, 'the audit log is only added to');
    END""",
    """CREATE TRIGGER audit_grows_at_its_end BEFORE INSERT ON audit
    WHEN NEW.number <= (SELECT max(number) FROM audit) BEGIN
        SELECT RAISE(ABORT, 'the audit log is only added to');
    END""",
    # Pruning writes first how far it goes.
    """CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
    WHEN OLD.number > coalesce((SELECT through FROM audit WHERE what = 'audit log' AND act = 'prune'
                                AND result = 'ok' ORDER BY number DESC LIMIT 1), 0) BEGIN
        SELECT RAISE(ABORT, 'the audit log is only added to');
    END""",
)


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
        sa.Column("through", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("seal", sa.Text(), nullable=False, server_default=""),
        sa.Column("chain", sa.Text(), nullable=False),
    )
    op.create_index("audit_time", "audit", ["at_ns"])
    op.create_index("audit_what", "audit", ["what", "act", "result", "number"])
    for trigger in _TRIGGERS:
        op.execute(trigger)
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
    op.create_table(
        "discarded_deliveries",
        sa.Column("alert_id", sa.Text(), primary_key=True),
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("announcement", sa.Integer(), primary_key=True),
        sqlite_with_rowid=False,
    )
