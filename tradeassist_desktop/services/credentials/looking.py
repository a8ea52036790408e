"""Looks at each secret without holding anybody up: who keeps it, since when, until when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.rotation import EXPIRES_FIELD, RotationStanding
from tradeassist_desktop.domain.secret import SCHWAB_TOKEN, KeeperError, KeptSecret
from tradeassist_desktop.feeds.schwab.tokens import REFRESH_LIFE_NS
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.rotation.journal import WHO as ROTATION

WHO: Final = "credentials page"
LOOKERS: Final = (WHO, ROTATION, "channel form")
"""Who reads a secret only to show or replace it: that is no use of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the last look at one secret showed; never a text of it.

    Args:
        kept: Without its texts; ``None`` where nobody keeps it.
        trouble: Why nobody could say, in words; empty where somebody did.
    """

    kept: KeptSecret | None = None
    expires_ns: int | None = None
    trouble: str = ""


class Looking:
    """Asks each secret's keepers in a task of its own: one that waits for a person hides no other.

    Args:
        on_seen: Called after each look.
    """

    def __init__(self, *, secrets: SecretStore, on_seen: Callable[[], None]) -> None:
        self._secrets = secrets
        self._on_seen = on_seen
        self._looks: dict[str, Look] = {}
        self._asking: set[str] = set()
        self._again: set[str] = set()

    def last(self, name: str) -> Look | None:
        """Return what the last look showed; ``None`` before the first has ended."""
        return self._looks.get(name)

    def is_asking(self, name: str) -> bool:
        """Return whether an answer is being waited for."""
        return name in self._asking

    async def look(self, name: str) -> None:
        """Look at a secret; where that is being done, have it done once more afterwards."""
        if name in self._asking:
            self._again.add(name)
            return
        self._asking.add(name)
        try:
            is_wanted = True
            while is_wanted:
                self._again.discard(name)
                self._looks[name] = await self._seen(name)
                is_wanted = name in self._again
        finally:
            self._asking.discard(name)
        self._on_seen()

    async def _seen(self, name: str) -> Look:
        try:
            found = await self._secrets.read(name, who=WHO)
        except KeeperError as error:
            return Look(trouble=str(error))
        if found is None or not found.secret:
            return Look()
        return Look(kept=found.without_texts(), expires_ns=_expires_ns(found))


def since_ns(kept: KeptSecret | None, standing: RotationStanding | None) -> int | None:
    """Return since when a credential is what it is; ``None`` where nobody knows."""
    if kept is not None and kept.source == EnvironmentKeeper.name:
        return None  # a variable may be years old: when it was first seen here tells nothing
    if kept is not None and kept.version.created_ns is not None:
        return kept.version.created_ns
    return None if standing is None or not standing.is_present else standing.since_ns


def _expires_ns(kept: KeptSecret) -> int | None:
    if kept.name == SCHWAB_TOKEN:
        begun_ns = _instant(kept.secret.get("authorized_ns", ""))
        return None if begun_ns is None else begun_ns + REFRESH_LIFE_NS
    return _instant(kept.secret.get(EXPIRES_FIELD, ""))


def _instant(digits: str) -> int | None:
    return int(digits) if digits.isascii() and digits.isdigit() else None
