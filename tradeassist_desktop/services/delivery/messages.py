"""What a channel is given: one alert in words, or many as one digest."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority, Timing
from tradeassist_desktop.domain.delivery import Delivery
from tradeassist_desktop.domain.messages import Digest, DigestLine, Message, alert_title
from tradeassist_desktop.services.delivery.item import Batch

_LATE_AFTER_NS: Final = 60_000_000_000
_MOST_LINES: Final = 20
_RANKS: Final = {priority: rank for rank, priority in enumerate(Priority)}


def title_of(alert: Alert) -> str:
    """Return an alert's title: what of, and which rule; a notice's own."""
    return alert.rule_name if alert.is_notice else alert_title(alert.symbol, alert.rule_name)


def message_of(
    alert: Alert,
    delivery: Delivery,
    *,
    now_ns: int,
    is_saved: bool,
    is_second_try: bool,
    reply_to: str,
    tags: tuple[str, ...],
) -> Message:
    """Return the message of one alert."""
    return Message(
        alert_id=alert.id,
        rule_uid=alert.rule_uid,
        title=title_of(alert),
        body=alert.message,
        symbol=alert.symbol,
        priority=alert.priority,
        status=alert.status,
        event_ns=alert.event_ns,
        value=alert.value,
        value_symbol=alert.value_symbol,
        value_unit=alert.value_unit,
        is_late=_is_late(alert, delivery, now_ns),
        is_saved=is_saved,
        timing=alert.timing,
        late_by_ns=max(0, now_ns - alert.event_ns) if alert.timing is Timing.LATE else 0,
        rule_name=alert.rule_name,
        condition=alert.condition,
        tags=tags,
        idempotency_key=delivery.idempotency_key,
        announcement=delivery.announcement,
        cause=delivery.cause,
        is_second_try=is_second_try,
        reply_to=reply_to,
    )


def digest_message(batch: Batch, *, now_ns: int, is_saved: bool) -> Message:
    """Return the one message that stands for all of a batch; of its newest alert, where it must be of one."""
    # One that was announced again while it waited is one alert all the same.
    alerts = list({item.alert.id: item.alert for item in batch.items}.values())
    digest = digest_of(alerts)
    newest = alerts[-1]
    rules = {alert.rule_uid for alert in alerts}
    symbols = {alert.symbol for alert in alerts}
    keys = "\0".join(item.delivery.idempotency_key for item in batch.items)
    highest = max((alert.priority for alert in alerts), key=_RANKS.__getitem__)
    return Message(
        alert_id=newest.id,
        rule_uid=newest.rule_uid if len(rules) == 1 else "",
        title=f"{digest.count:,} alerts",
        body=_in_words(digest),
        symbol=newest.symbol if len(symbols) == 1 else "",
        priority=highest,
        status=AlertStatus.FIRED,
        event_ns=max(alert.event_ns for alert in alerts),
        value=None,
        is_late=any(_is_late(item.alert, item.delivery, now_ns) for item in batch.items),
        is_saved=is_saved,
        timing=_timing_of(alerts),
        rule_name=newest.rule_name if len(rules) == 1 else "",
        idempotency_key=f"digest-{blake2b(keys.encode(), digest_size=12).hexdigest()}",
        is_second_try=any(item.may_have_arrived for item in batch.items),
        digest=digest,
    )


def digest_of(alerts: Sequence[Alert]) -> Digest:
    """Group alerts by their titles: the most urgent first, then the most frequent."""
    groups: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        groups[title_of(alert)].append(alert)
    lines = [
        DigestLine(
            title=title,
            count=len(like),
            priority=max((alert.priority for alert in like), key=_RANKS.__getitem__),
            last_ns=max(alert.event_ns for alert in like),
            alert_ids=tuple(alert.id for alert in like),
        )
        for title, like in groups.items()
    ]
    return Digest(
        count=len(alerts),
        lines=tuple(sorted(lines, key=lambda line: (-_RANKS[line.priority], -line.count))),
        alert_ids=tuple(alert.id for alert in alerts),
    )


def _timing_of(alerts: Iterable[Alert]) -> Timing:
    # That some were late is told of each; that nothing has happened now at all is told of the whole.
    are_replayed = all(alert.timing is Timing.REPLAYED for alert in alerts)
    return Timing.REPLAYED if are_replayed else Timing.LIVE


def _in_words(digest: Digest) -> str:
    shown = [f"{line.count:,} × {line.title}" for line in digest.lines[:_MOST_LINES]]
    rest = digest.lines[_MOST_LINES:]
    if rest:
        shown.append(f"{sum(_counts(rest)):,} × {len(rest):,} others")
    return "\n".join(shown)


def _counts(lines: Iterable[DigestLine]) -> Iterable[int]:
    return (line.count for line in lines)


def _is_late(alert: Alert, delivery: Delivery, now_ns: int) -> bool:
    return now_ns - (delivery.created_ns or alert.evaluated_ns) > _LATE_AFTER_NS
