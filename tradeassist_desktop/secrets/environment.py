"""Secrets from environment variables: read once, never written."""

from collections.abc import Mapping

from tradeassist_desktop.domain.secret import (
    SCHWAB_APP,
    SCHWAB_TOKEN,
    SLACK_BOT,
    SLACK_WEBHOOK,
    SMTP,
    WEBHOOK,
    WEBHOOK_HEADERS,
    WEBHOOK_HMAC,
)

VARIABLES: Mapping[str, Mapping[str, str]] = {
    SCHWAB_APP: {"key": "SCHWAB_APP_KEY", "secret": "SCHWAB_APP_SECRET"},
    SCHWAB_TOKEN: {"app_key": "SCHWAB_APP_KEY", "refresh_token": "SCHWAB_REFRESH_TOKEN"},
    SLACK_BOT: {"token": "SLACK_BOT_TOKEN"},
    SLACK_WEBHOOK: {"url": "SLACK_WEBHOOK_URL"},
    SMTP: {"user": "SMTP_USER", "password": "SMTP_PASSWORD"},
    WEBHOOK: {"url": "WEBHOOK_URL"},
    WEBHOOK_HMAC: {"key": "WEBHOOK_HMAC_KEY"},
    WEBHOOK_HEADERS: {"lines": "WEBHOOK_HEADERS"},
}


class EnvironmentKeeper:
    """Reads the variables of ``VARIABLES``; an empty variable counts as absent."""

    name = "environment"
    is_prompt = True

    def __init__(self, *, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def read(self, secret: str) -> dict[str, str] | None:
        """Return the secret if every one of its variables is set."""
        fields = {field: self._environment.get(name, "") for field, name in VARIABLES.get(secret, {}).items()}
        return fields if fields and all(fields.values()) else None

    def write(self, secret: str, fields: dict[str, str]) -> bool:
        """Return ``False``: a process cannot change what its parent gives it next time."""
        return False
