"""Names of secrets, and who can keep one."""

from typing import Final, Protocol

SCHWAB_APP: Final = "schwab.app"
"""Fields ``key`` and ``secret``."""

SCHWAB_TOKEN: Final = "schwab.token"
"""Fields ``app_key`` (which app it belongs to), ``refresh_token``, and ``authorized_ns`` (when the
trader signed in, UTC nanoseconds; absent where that is not known)."""

SLACK_BOT: Final = "slack.bot"
"""Field ``token``: of a Slack app's bot."""

SLACK_WEBHOOK: Final = "slack.webhook"
"""Field ``url``: an incoming webhook of a Slack app; lets in whoever knows it."""

SMTP: Final = "smtp"
"""Fields ``user`` and ``password``."""

WEBHOOK: Final = "webhook.main"
"""Field ``url``: its path often lets in whoever knows it."""

WEBHOOK_HMAC: Final = "webhook.hmac"
"""Field ``key``: what the receiver checks signatures with."""

WEBHOOK_HEADERS: Final = "webhook.headers"
"""Field ``lines``: further headers, ``Name: value``, one a line."""


class SecretKeeper(Protocol):
    """One place where secrets are kept. A secret is a few named texts."""

    @property
    def name(self) -> str:
        """What the user knows the place as: ``keyring``, ``environment``."""
        ...

    @property
    def is_prompt(self) -> bool:
        """Whether it answers at once: it never asks a person for a password first."""
        ...

    def read(self, secret: str) -> dict[str, str] | None:
        """Return the secret's fields, or ``None`` where this keeper has none. May block."""
        ...

    def write(self, secret: str, fields: dict[str, str]) -> bool:
        """Keep a secret; return whether this keeper could. May block."""
        ...
