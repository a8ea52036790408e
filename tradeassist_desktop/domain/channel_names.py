"""The channels there are, by name."""

from collections.abc import Mapping
from typing import Final

CHANNEL_TITLES: Final[Mapping[str, str]] = {
    "toast": "toasts",
    "tray": "the tray",
    "sound": "tones",
    "slack": "Slack",
    "email": "e-mail",
    "webhook": "the webhook",
}
"""Every channel there is, by the word rules and settings use, as a sentence names it."""
CHANNEL_NAMES: Final = tuple(CHANNEL_TITLES)
_OF_THE_WINDOW: Final = frozenset(("toast", "tray", "sound"))


def why_absent(channel: str) -> str:
    """Return why a desk has no such channel: one of this machine needs the window, others are set up."""
    return "needs the window" if channel in _OF_THE_WINDOW else "is not set up"
