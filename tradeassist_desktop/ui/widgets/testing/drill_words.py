"""How a test alert went, in a line."""

from collections.abc import Sequence

from tradeassist_desktop.services.testing.fire_drill import Drilled


def drill_words(drilled: Sequence[Drilled]) -> str:
    """Return what became of each channel: ``Test alert: Toasts delivered; Slack not set up``."""
    if not drilled:
        return "Not sent: alerts of this rule go to no channel. The Notifications dock says where they go."
    return "Test alert, no alert is counted. " + " · ".join(_one(each) for each in drilled)


def _one(each: Drilled) -> str:
    if each.tested.is_delivered:
        words = f"{each.title}: delivered"
    else:
        words = f"{each.title}: not delivered ({each.tested.words})"
    return f"{words}; an alert would not go there now: {each.muted}" if each.muted else words
