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
    KeptSecret,
    Secret,
    SecretVersion,
    VersionState,
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
    is_remote = False

    def __init__(self, *, environment: Mapping[str, str]) -> None:
        self._environment = environment

    async def read(self, name: str, *, version: str = "") -> KeptSecret | None:
        """Return the secret if every one of its variables is set."""
        fields = {
            field: self._environment.get(variable, "") for field, variable in VARIABLES.get(name, {}).items()
        }
        if not fields or not all(fields.values()):
            return None
        return KeptSecret(name=name, secret=Secret(fields), source=self.name)

    async def write(self, name: str, secret: Secret) -> SecretVersion | None:
        """Return ``None``: a process cannot change what its parent gives it next time."""
        return None

    async def delete(self, name: str) -> bool:
        """Return ``False``, as for ``write``."""
        return False

    async def versions(self, name: str) -> tuple[SecretVersion, ...]:
        """Return the one version a variable has, if it is set."""
        return () if await self.read(name) is None else (SecretVersion(version=""),)

    async def set_state(self, name: str, version: SecretVersion, state: VersionState) -> SecretVersion | None:
        """Return ``None``: there are no versions."""
        return None

    async def absence(self) -> str:
        """Return ``""``: every process has an environment."""
        return ""

    async def asks_first(self) -> bool:
        """Return ``False``."""
        return False

    async def close(self) -> None:
        """Nothing is held."""
