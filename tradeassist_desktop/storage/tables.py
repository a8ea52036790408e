"""The desk's own tables as they are now: rules, alerts, deliveries, the audit log, the watchlist.

The market's are in ``market_tables``. How older files came here is told by ``migrations``. Times are UTC
nanoseconds since 1970.
"""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

METADATA: Final = MetaData()

# A removed rule keeps its row until it is purged, so that removing can be undone.
rules: Final = Table(
    "rules",
    METADATA,
    Column("uid", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("is_active", Integer, nullable=False),
    Column("created_ns", Integer, nullable=False),
    Column("updated_ns", Integer, nullable=False),
    Column("deleted_ns", Integer),
    Index("rules_position", "position"),
    sqlite_with_rowid=False,
)

arming: Final = Table(
    "arming",
    METADATA,
    Column("uid", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("state", Text, nullable=False),
    sqlite_with_rowid=False,
)

# "number" is the order in which alerts were stored, and the key of paging.
alerts: Final = Table(
    "alerts",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("rule_uid", Text, nullable=False),
    Column("rule_name", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("priority", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("event_ns", Integer, nullable=False),
    Column("value", Float),
    Column("message", Text, nullable=False),
    Column("condition", Text, nullable=False),
    Column("reason", Text),
    Column("channels", Text),
    Column("count", Integer, nullable=False),
    Column("legs", Text, nullable=False),
    Column("received_ns", Integer, nullable=False),
    Column("evaluated_ns", Integer, nullable=False),
    Column("committed_ns", Integer, nullable=False),
    Column("acknowledged_ns", Integer),
    Column("timing", Text, nullable=False, server_default="live"),
)

# SQLite uses a partial index only for a condition in the same words, values and all.
IS_OPEN: Final = "state IN ('pending', 'sending')"
IS_GIVEN_UP: Final = "state IN ('uncertain', 'expired', 'dead')"
HAS_RECEIPT: Final = "receipt <> ''"
IS_ENDED: Final = "finished_ns IS NOT NULL"

# The outbox. What is still to be sent is found by a small index of its own. A lease says who sends it,
# so that two desks on one database never send the same.
deliveries: Final = Table(
    "deliveries",
    METADATA,
    Column("alert_id", Text, ForeignKey("alerts.id"), primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("announcement", Integer, primary_key=True),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_ns", Integer, nullable=False),
    Column("next_attempt_ns", Integer, nullable=False),
    Column("finished_ns", Integer),
    Column("detail", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("muting", Text),
    Column("lease_owner", Text, nullable=False, server_default=""),
    Column("leased_until_ns", Integer, nullable=False, server_default="0"),
    CheckConstraint(
        "state IN ('pending', 'sending', 'delivered', 'uncertain', 'suppressed', "
        "'unavailable', 'expired', 'dead')",
        name="delivery_state",
    ),
    Index("deliveries_open", "channel", "state", sqlite_where=text(IS_OPEN)),
    Index("deliveries_given_up", "finished_ns", sqlite_where=text(IS_GIVEN_UP)),
    Index("deliveries_receipts", "channel", "finished_ns", sqlite_where=text(HAS_RECEIPT)),
    # Has all that the figures count, so that no delivery is looked up; written once, as one ends.
    Index(
        "deliveries_settled",
        "channel",
        "state",
        "finished_ns",
        "created_ns",
        "attempts",
        "muting",
        sqlite_where=text(IS_ENDED),
    ),
    sqlite_with_rowid=False,
)

# Every try to send a delivery: the timeline of an alert, and the figures of a channel.
delivery_attempts: Final = Table(
    "delivery_attempts",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("announcement", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_ns", Integer, nullable=False),
    Column("finished_ns", Integer),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    CheckConstraint(
        "outcome IN ('sending', 'delivered', 'failed', 'uncertain', 'unavailable', 'refused', 'postponed')",
        name="attempt_outcome",
    ),
    # Has all that the figures count; written once, as an attempt ends.
    Index(
        "delivery_attempts_ended",
        "channel",
        "started_ns",
        "finished_ns",
        "outcome",
        "detail",
        sqlite_where=text(IS_ENDED),
    ),
    sqlite_with_rowid=False,
)

# What was given up, and its trader does not want to see any more.
discarded_deliveries: Final = Table(
    "discarded_deliveries",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("announcement", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

# What mutes alerts for a time. "until_ns" is empty for "until it is ended", by the trader or by the
# condition being no longer true; what was ended early has "ended_ns". Empty "channels" are all of them.
silences: Final = Table(
    "silences",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("rule_uid", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("channels", Text, nullable=False),
    Column("from_ns", Integer, nullable=False),
    Column("until_ns", Integer),
    Column("cause", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_ns", Integer, nullable=False),
    Column("ended_ns", Integer),
    CheckConstraint("scope IN ('all', 'rule', 'tag', 'symbol', 'rule_symbol')", name="silence_scope"),
    Index("silences_open", "until_ns", sqlite_where=text("ended_ns IS NULL")),
    sqlite_with_rowid=False,
)

# Circuit breakers outlive a restart: "state" is theirs, as JSON.
breakers: Final = Table(
    "breakers",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("saved_ns", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# The audit log: only ever added to (triggers refuse the rest), but for what pruning has moved "through"
# beyond. "chain" is of the row before and of this row's own values, so that a change shows. A row with
# "act" = 'prune' has, in "seal", the link from which the chain goes on, and the seal of older rows kept.
audit: Final = Table(
    "audit",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("at_ns", Integer, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("through", Integer, nullable=False, server_default="0"),
    Column("seal", Text, nullable=False, server_default=""),
    Column("chain", Text, nullable=False),
    Index("audit_time", "at_ns"),
    Index("audit_what", "what", "act", "result", "number"),
)

# Rotations of secrets, under way or the last that ended; versions are named, never shown. A kill leaves
# the step reached, and the next start goes on from it.
rotations: Final = Table(
    "rotations",
    METADATA,
    Column("secret", Text, primary_key=True),
    Column("seen_ns", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("old_version", Text, nullable=False),
    Column("new_version", Text, nullable=False),
    Column("started_ns", Integer, nullable=False),
    Column("stepped_ns", Integer, nullable=False),
    Column("retire_ns", Integer),
    Column("finished_ns", Integer),
    Column("failures", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("snoozed_until_ns", Integer),
    sqlite_with_rowid=False,
)

watchlist: Final = Table(
    "watchlist",
    METADATA,
    Column("position", Integer, primary_key=True),
    Column("symbol", Text, nullable=False, unique=True),
    # Of ``watch_groups``; empty for symbols in none.
    Column("group_name", Text, nullable=False, server_default=""),
)

watch_groups: Final = Table(
    "watch_groups",
    METADATA,
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("is_collapsed", Integer, nullable=False),
)

# Rolls, splits and renames that the trader has applied or dismissed: they are not proposed again.
settled_proposals: Final = Table(
    "settled_proposals",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("settled_ns", Integer, nullable=False),
    CheckConstraint("outcome IN ('applied', 'dismissed')", name="proposal_outcome"),
    sqlite_with_rowid=False,
)

# Whether an alert was worth the interruption, as its trader said.
verdicts: Final = Table(
    "verdicts",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("given_ns", Integer, nullable=False),
    CheckConstraint("verdict IN ('useful', 'noise')", name="verdict_kind"),
    sqlite_with_rowid=False,
)
