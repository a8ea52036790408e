"""An alert as one line of JSON, as ``backtest`` and ``run --headless`` print it."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Alert, Leg, Timing
from tradeassist_desktop.domain.rules import RulePhase

_PHASES: Final = {None: RulePhase.FIRING, "cooldown": RulePhase.COOLING, "snoozed": RulePhase.SNOOZED}


def alert_line(alert: Alert, *, explains: bool = False) -> str:
    """Return the alert as one JSON object, without a line break.

    Args:
        explains: Add what the comparisons and their operands were when the condition became true.
    """
    plain: dict[str, Any] = {
        "time": utc_text(alert.event_ns),
        "rule": alert.rule_name,
        "symbol": alert.symbol,
        "priority": str(alert.priority),
        "value": alert.value,
        "message": alert.message,
        "status": str(alert.status),
        "reason": alert.reason,
    }
    # A replay prints what a backtest of its recording prints.
    if alert.timing not in (Timing.LIVE, Timing.REPLAYED):
        plain["timing"] = str(alert.timing)
    if explains:
        plain["explain"] = {
            "condition": alert.condition,
            "truth": True,
            "phase": str(phase_then(alert)),
            "legs": [_leg(leg) for leg in alert.legs],
        }
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)


def phase_then(alert: Alert) -> RulePhase:
    """Return what the rule was doing when its condition became true; armed where a schedule held it back."""
    return _PHASES.get(alert.reason, RulePhase.ARMED)


def utc_text(event_ns: int) -> str:
    """Return ``2024-07-02T00:00:01.000000Z``; what is finer than a microsecond is cut off."""
    seconds, rest_ns = divmod(event_ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest_ns // 1000:06d}Z"


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "text": leg.text,
        "truth": leg.is_true,
        "left": leg.left,
        "right": leg.right,
        "operands": [
            {"text": operand.text, "value": operand.value, "missing": operand.missing}
            for operand in leg.operands
        ],
    }
