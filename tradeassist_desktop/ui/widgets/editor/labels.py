"""What the editor calls a rule's fields where it speaks of them."""

from collections.abc import Mapping, Sequence
from typing import Final

from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.ui.widgets.editor.drafts import Draft, key_of
from tradeassist_desktop.ui.widgets.editor.typed import typed_of

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


def state_in_words(draft: Draft, faults: Sequence[Fault], *, is_unfinished: bool = False) -> str:
    """Return how a draft stands: what is still to be mended, or whether it is saved.

    Args:
        is_unfinished: Whether nothing is wrong but that its condition is still being typed.
    """
    if faults and is_unfinished:
        return f"Unfinished: {FIELD_NAMES['when']}"
    if faults and draft.is_changed and not draft.is_begun_only:
        keys = dict.fromkeys(key_of(fault) for fault in faults)
        names = ", ".join(FIELD_NAMES.get(key, key) for key in keys)
        # The condition's fault stands right below it; another field may be out of sight.
        reason = f", which {faults[0].message}" if list(keys) == ["rearm"] else ""
        return f"To mend: {names}{reason}"
    if draft.is_gone:
        return "Deleted elsewhere; Save adds it again."
    if not draft.is_kept:
        return "Not kept yet."
    return "Not saved yet." if draft.is_changed else "Saved."


def told_of_elsewhere(draft: Draft) -> str:
    """Return what was changed elsewhere meanwhile, field by field; empty for nothing."""
    if draft.elsewhere is None:
        return ""
    theirs, keys = typed_of(draft.elsewhere), draft.differences()
    told = [f"{FIELD_NAMES[key]}: {_short(theirs[key]) or 'nothing'}" for key in keys[:_SHOWN]]
    more = len(keys) - _SHOWN
    words = "; ".join(told) + (f"; and {more} more" if more > 0 else "")
    return f"This rule was changed elsewhere meanwhile. {words[:1].upper()}{words[1:]}."


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
