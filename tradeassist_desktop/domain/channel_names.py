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
