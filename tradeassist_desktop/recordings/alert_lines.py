"""An alert as one line of JSON, as ``backtest`` and ``run --headless`` print it."""

import json
from datetime import UTC, datetime

from tradeassist_desktop.domain.alerts import Alert


def alert_line(alert: Alert) -> str:
    """Return the alert as one JSON object, without a line break."""
    return json.dumps(
        {
            "time": utc_text(alert.event_ns),
            "rule": alert.rule_name,
            "symbol": alert.symbol,
            "priority": str(alert.priority),
            "value": alert.value,
            "message": alert.message,
            "status": str(alert.status),
            "reason": alert.reason,
        },
        ensure_ascii=False,
        allow_nan=False,
    )


def utc_text(event_ns: int) -> str:
    """Return ``2024-07-02T00:00:01.000000Z``; what is finer than a microsecond is cut off."""
    seconds, rest_ns = divmod(event_ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest_ns // 1000:06d}Z"
