"""What the editor calls a rule's fields where it speaks of them."""

from collections.abc import Mapping, Sequence
from typing import Final

from tradeassist_desktop.ui.widgets.editor.typed import Typed

FIELD_NAMES: Final[Mapping[str, str]] = {
    "name": "name",
    "symbol": "symbols",
    "when": "condition",
    "on": "when it is looked at",
    "timeframe": "bars",
    "trigger": "how often it fires",
    "hold": "how long it must be true",
    "cooldown": "cooldown",
    "rearm": "rearm",
    "schedule": "schedule",
    "starts_at": "start",
    "expires_at": "expiry",
    "priority": "priority",
    "channels": "channels",
    "notify_clear": "telling when it is over",
    "message": "message",
    "tags": "tags",
    "notes": "notes",
}
_SHOWN: Final = 3
_LONGEST: Final = 60


def told_differences(keys: Sequence[str], typed: Typed) -> str:
    """Return what fields are by now: ``condition: last > 5540; cooldown: 10m``."""
    told = [f"{FIELD_NAMES[key]}: {_short(typed[key]) or 'nothing'}" for key in keys[:_SHOWN]]
    more = len(keys) - _SHOWN
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
