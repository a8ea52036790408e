"""A day of alerts with what became of them, for pictures of a desk that has been in use."""

import random
import time
from functools import partial
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.delivery import Attempt, AttemptOutcome, Delivery, DeliveryState, Muting
from tradeassist_desktop.storage import attempts, outbox
from tradeassist_desktop.storage.database import Database

_ALERTS: Final = 220
_APART_NS: Final = 380_000_000_000
_OUTAGE: Final = range(205, 212)
"""The alerts during which Slack could not be reached."""
_MEDIAN_NS: Final = {"toast": 9e6, "tray": 14e6, "sound": 12e6, "slack": 310e6, "email": 1.4e9}
_RULES: Final = (
    ("/ES", "ES breaks out", "last crosses above 5530"),
    ("AAPL", "Apple at its target", "last crosses above 218"),
    ("$VIX", "Fear returns", "last crosses above 20"),
)


async def fill(file: Path) -> None:
    """Put it into a new database."""
    chance = random.Random(3)
    database = Database(path=file)
    await database.start()
    began_ns = time.time_ns() - (_ALERTS + 1) * _APART_NS
    tried: list[Attempt] = []
    for number in range(_ALERTS):
        alert = _alert(number, began_ns + number * _APART_NS + chance.randrange(_APART_NS // 2))
        batch: list[tuple[Alert, list[Delivery]]] = [(alert, [])]
        for channel in _MEDIAN_NS:
            delivery, rows = _sent(alert, channel, number, chance)
            batch[0][1].append(delivery)
            tried += rows
        committed_ns = alert.evaluated_ns + 1_900_000
        await database.run(
            partial(outbox.raise_alerts, batch=batch, arming_states={}, committed_ns=committed_ns)
        )
    await database.run(lambda connection: attempts.put(connection, tried))
    await database.stop()


def _alert(number: int, event_ns: int) -> Alert:
    symbol, name, condition = _RULES[number % len(_RULES)]
    return Alert(
        id=f"sent-before-{number}",
        rule_uid=f"rule-{number % len(_RULES)}",
        rule_name=name,
        symbol=symbol,
        sequence=number,
        priority=Priority.HIGH,
        status=AlertStatus.FIRED,
        event_ns=event_ns,
        value=5530.25,
        message=f"{symbol} {condition}",
        condition=condition,
        received_ns=event_ns + 12_000_000,
        evaluated_ns=event_ns + 12_050_000,
    )


def _sent(alert: Alert, channel: str, number: int, chance: random.Random) -> tuple[Delivery, list[Attempt]]:
    planned_ns = alert.evaluated_ns
    took_ns = round(_MEDIAN_NS[channel] * chance.lognormvariate(0, 0.5))
    base = Delivery(alert.id, channel, created_ns=planned_ns, attempts=1)
    if channel == "sound" and number < 60:
        return _ended(base, DeliveryState.SUPPRESSED, planned_ns, "quiet hours", Muting.QUIET_HOURS), []
    if channel == "slack" and number in _OUTAGE:
        ended_ns = planned_ns + 95_000_000_000
        failed = [
            Attempt(base.key, place, planned_ns + place * 30_000_000_000, planned_ns + place * 30_000_000_000
                    + 1_200_000_000, AttemptOutcome.FAILED, "slack.com cannot be reached (no route to host)")
            for place in (1, 2)
        ]  # fmt: skip
        last = Attempt(base.key, 3, ended_ns - took_ns, ended_ns, AttemptOutcome.DELIVERED)
        return _ended(base, DeliveryState.DELIVERED, ended_ns, "", attempts=3), [*failed, last]
    if channel == "email" and number % 55 == 54:
        ended_ns = planned_ns + 10_000_000_000
        words = "smtp.example.com did not answer in time: it may have arrived"
        row = Attempt(base.key, 1, planned_ns, ended_ns, AttemptOutcome.UNCERTAIN, words)
        return _ended(base, DeliveryState.UNCERTAIN, ended_ns, words), [row]
    ended_ns = planned_ns + took_ns
    row = Attempt(base.key, 1, planned_ns + took_ns // 5, ended_ns, AttemptOutcome.DELIVERED)
    return _ended(base, DeliveryState.DELIVERED, ended_ns, ""), [row]


def _ended(
    base: Delivery,
    state: DeliveryState,
    ended_ns: int,
    detail: str,
    muting: Muting | None = None,
    attempts: int = 1,
) -> Delivery:
    return Delivery(
        alert_id=base.alert_id,
        channel=base.channel,
        state=state,
        attempts=0 if muting else attempts,
        finished_ns=ended_ns,
        detail=detail,
        created_ns=base.created_ns,
        muting=muting,
    )
