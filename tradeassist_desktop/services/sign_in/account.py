"""The developer app and the sign-in at Schwab, as kept among the secrets."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.secret import NOBODY, SCHWAB_APP, SCHWAB_TOKEN, KeeperError, KeptSecret
from tradeassist_desktop.feeds.schwab.tokens import AppCredentials, Tokens
from tradeassist_desktop.secrets.answers import IsUsable
from tradeassist_desktop.secrets.store import SecretStore

log = logging.getLogger(__name__)

_WHO: Final = "schwab sign-in"


class SchwabAccount:
    """Reads and keeps what a sign-in needs. Access tokens stay in memory: they live for half an hour.

    Args:
        mask: Told every token as it comes, so that logs never show one; ``secrets`` tell what they keep.
    """

    def __init__(self, *, secrets: SecretStore, mask: Callable[[Iterable[str]], None]) -> None:
        self._secrets = secrets
        self._mask = mask
        self._kept: Tokens | None = None
        self._one_write = asyncio.Lock()
        self.is_silent = False
        """Whether the last time one that might keep the sign-in could not be asked."""
        self.is_lasting = True
        """Whether what was kept last outlives this run."""

    async def app(self, *, anew: bool = False, at_once: bool = False) -> AppCredentials | None:
        """Return the kept developer app.

        Args:
            anew: Ask the keepers even if one was read before.
            at_once: Pass over keepers that may ask a person for a password first.
        """
        found = await self._read(SCHWAB_APP, _is_app, anew=anew, at_once=at_once)
        if found is None:
            return None
        return AppCredentials(key=found.secret["key"], secret=found.secret["secret"])

    async def tokens(
        self, app: AppCredentials, *, anew: bool = False, at_once: bool = False
    ) -> Tokens | None:
        """Return the kept sign-in of this app: one kept for another would only be refused."""
        found = await self._read(SCHWAB_TOKEN, _IsOf(app.key), anew=anew, at_once=at_once)
        if found is None:
            return None
        authorized = found.secret.get("authorized_ns", "")
        self._kept = Tokens(
            refresh_token=found.secret["refresh_token"],
            authorized_ns=int(authorized) if authorized.isascii() and authorized.isdigit() else None,
        )
        return self._kept

    async def keep_app(self, app: AppCredentials) -> str:
        """Keep the developer app; return where: a keeper's name, or ``memory`` for this run only."""
        return await self._write(SCHWAB_APP, {"key": app.key, "secret": app.secret})

    async def keep_tokens(self, app: AppCredentials, tokens: Tokens) -> str | None:
        """Keep a sign-in; return where, or ``None`` where the same is kept already."""
        self._mask((tokens.access_token, tokens.refresh_token))
        async with self._one_write:
            lasting = Tokens(refresh_token=tokens.refresh_token, authorized_ns=tokens.authorized_ns)
            if lasting == self._kept:
                return None
            fields = {"app_key": app.key, "refresh_token": tokens.refresh_token}
            if tokens.authorized_ns is not None:
                fields["authorized_ns"] = str(tokens.authorized_ns)
            where = await self._write(SCHWAB_TOKEN, fields)
            self._kept = lasting
            self.is_lasting = where != NOBODY
            return where

    async def _read(self, name: str, is_usable: IsUsable, *, anew: bool, at_once: bool) -> KeptSecret | None:
        try:
            found = await self._secrets.read(name, who=_WHO, is_usable=is_usable, anew=anew, at_once=at_once)
        except KeeperError as error:
            self.is_silent = True
            # The feed says that it needs a sign-in, and a sign-in can always be made.
            log.warning("sign-in not read", extra={"secret": name, "reason": str(error)})
            return None
        self.is_silent = False
        return found

    async def _write(self, name: str, fields: Mapping[str, str]) -> str:
        try:
            return (await self._secrets.write(name, fields, who=_WHO)).source
        except KeeperError as error:
            log.warning("sign-in not kept", extra={"secret": name, "reason": str(error)})
            return NOBODY


def _is_app(fields: Mapping[str, str]) -> bool:
    return bool(fields.get("key")) and bool(fields.get("secret"))


@dataclass(frozen=True, slots=True, repr=False)
class _IsOf:
    """Whether a sign-in is of the app with this key."""

    app_key: str

    def __call__(self, fields: Mapping[str, str]) -> bool:
        return fields.get("app_key") == self.app_key and bool(fields.get("refresh_token"))
