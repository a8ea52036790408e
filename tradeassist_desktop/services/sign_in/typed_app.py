"""The key and secret of a developer app, as somebody typed or pasted them."""

from typing import Final

from tradeassist_desktop.domain.errors import UsageError
from tradeassist_desktop.feeds.schwab.tokens import AppCredentials

_LEAST_LENGTH: Final = 32
"""Of key and secret together; Schwab's have more, and each an even number of characters."""


def typed_app(key: str, secret: str) -> AppCredentials:
    """Return them as a developer app, without the blanks around them.

    Raises:
        UsageError: they cannot be one; the text says why, and what to do.
    """
    key, secret = key.strip(), secret.strip()
    for name, text in (("app key", key), ("app secret", secret)):
        if not text or not text.isascii() or not text.isprintable() or " " in text or ":" in text:
            raise UsageError(
                f"The {name} is a word of letters and digits, as Schwab's developer page shows it."
            )
    length = len(key) + len(secret)
    if length < _LEAST_LENGTH:
        raise UsageError(
            f"The app key and the app secret are too short: together they have at least {_LEAST_LENGTH} "
            f"characters, these have {length}. Copy each whole from Schwab's developer page."
        )
    for name, text in (("app key", key), ("app secret", secret)):
        if len(text) % 2:
            raise UsageError(
                f"The {name} has {len(text)} characters; Schwab's always have an even number. One is "
                "missing or too many: copy it whole from Schwab's developer page."
            )
    return AppCredentials(key=key, secret=secret)
