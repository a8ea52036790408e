"""What a channel is given: one alert, or many as a digest."""

from dataclasses import dataclass

from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.delivery import Cause


def alert_title(symbol: str, rule_name: str) -> str:
    """Return an alert's title: what of, and which rule; a name that begins with the symbol tells both."""
    bare = symbol.lstrip("/$")
    first = rule_name.partition(" ")[0].rstrip(":,").lstrip("/$")
    # A symbol of one letter may be a word of the name: "A new high" does not say that it is of Agilent.
    return rule_name if first == bare and len(bare) > 1 else f"{symbol}: {rule_name}"


@dataclass(frozen=True, slots=True)
class DigestLine:
    """Alerts of one title within a digest.

    Args:
        last_ns: Event time of the newest.
        alert_ids: Of all of them, oldest first; of those that are not known any more it has none.
    """

    title: str
    count: int
    priority: Priority
    last_ns: int
    alert_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """What one message stands for where many alerts go out as one. The counts of its lines add up.

    Args:
        alert_ids: Of all of them, oldest first: what "Acknowledge all" is about.
    """

    count: int
    lines: tuple[DigestLine, ...]
    alert_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is given: plain text, no markup, plus what it may want to show.

    Args:
        title: One line. ``body`` too is complete by itself, also for a digest.
        value_symbol: What ``value`` is of: empty for ``symbol``, ``None`` for several together.
        value_unit: Stands behind it: ``%``, ``s`` or nothing.
        is_late: Of its sending: it was to go out earlier.
        timing: Of the market: it was found out after the fact, ``late_by_ns`` after ``event_ns``.
        idempotency_key: The same in every attempt at the same announcement.
        is_second_try: An earlier attempt may have arrived; channels mark it where they can.
        reply_to: Receipt of an earlier message about the same rule and symbol; empty for none.
        digest: The alerts it stands for, where that is more than one.
        is_test: Sent by the trader's "Send a test".
    """

    alert_id: str
    rule_uid: str
    title: str
    body: str
    symbol: str
    priority: Priority
    status: AlertStatus
    event_ns: int
    value: float | None
    is_late: bool = False
    is_saved: bool = True
    timing: Timing = Timing.LIVE
    late_by_ns: int = 0
    value_symbol: str | None = ""
    value_unit: str = ""
    rule_name: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    idempotency_key: str = ""
    announcement: int = 0
    cause: Cause = Cause.FIRED
    is_second_try: bool = False
    reply_to: str = ""
    digest: Digest | None = None
    is_test: bool = False
