"""What is known of each secret without its texts, read anew now and then."""

import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from tradeassist_desktop.domain.rotation import CACHE_KEY, WhoRotates
from tradeassist_desktop.domain.rotation_policy import RotationPolicy
from tradeassist_desktop.domain.secret import SCHWAB_TOKEN, KeeperError, KeptSecret
from tradeassist_desktop.feeds.schwab.tokens import REFRESH_LIFE_NS
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.rotation.due import SecretFacts, facts_of
from tradeassist_desktop.services.rotation.keeping import RotatedSecrets
from tradeassist_desktop.services.rotation.rotators import Rotators

log = logging.getLogger(__name__)

Reading = Coroutine[Any, Any, KeptSecret | None]

PATIENCE_S: Final = 10.0
_LOCKED: Final = "the keyring does not answer: unlock it"
_FRESH_NS: Final = 3_600_000_000_000
_ABSENT_NS: Final = 6 * _FRESH_NS
"""Who is given is told of at once; this is for what another program has written."""
_AFTER_FAILURE_NS: Final = 300_000_000_000


class Sight:
    """Looks at secrets rarely: each look is an entry in the audit log, and may cost a request.

    Args:
        policy: Of a secret, as the settings have it.
        has_key: Whether there are copies on this computer, with a key of their own.
    """

    def __init__(
        self,
        *,
        secrets: RotatedSecrets,
        rotators: Rotators,
        policy: Callable[[str], RotationPolicy],
        has_key: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._secrets = secrets
        self._rotators = rotators
        self._policy = policy
        self._has_key = has_key
        self._clock = clock
        self._facts: dict[str, SecretFacts] = {}
        self._again_ns: dict[str, int] = {}
        self._troubles: dict[str, str] = {}
        self._gone: set[str] = set()

    def facts(self, name: str) -> SecretFacts | None:
        """Return what is known of a secret; ``None`` where nobody has it, as far as is known."""
        if name == CACHE_KEY:
            return SecretFacts(who=WhoRotates.PROGRAM) if self._has_key() else None
        return self._facts.get(name)

    def trouble(self, name: str) -> str:
        """Return why a secret could not be looked at the last time; empty where it could."""
        return self._troubles.get(name, "")

    def is_gone(self, name: str) -> bool:
        """Return whether all who could have a secret were asked, and none has it."""
        return name in self._gone

    def forget(self, name: str) -> None:
        """Look anew at a secret the next time."""
        self._again_ns.pop(name, None)

    async def look(self, names: Iterable[str], *, at_once: bool, patience_s: float = PATIENCE_S) -> None:
        """Look at those it is time for; one that cannot be asked for stays as it was known.

        Args:
            at_once: Ask nobody who may ask a person for a password first.
            patience_s: For each of them, as a keyring may wait for a person; the others must not.
        """
        for name in names:
            now_ns = self._clock.monotonic_ns()
            if name != CACHE_KEY and now_ns >= self._again_ns.get(name, now_ns):
                reading = self._secrets.known(name, at_once=at_once)
                await self._look_at(name, reading, is_sure=not at_once, patience_s=patience_s)

    async def look_anew(self, name: str) -> None:
        """Look at what its keeper has now, whatever is remembered."""
        if name != CACHE_KEY:
            await self._look_at(name, self._secrets.read(name), is_sure=True, patience_s=PATIENCE_S)

    async def _look_at(self, name: str, reading: Reading, *, is_sure: bool, patience_s: float) -> None:
        self._gone.discard(name)
        try:
            kept = await within(self._clock, patience_s, reading)
        except (KeeperError, TimeoutError) as error:
            reason = str(error) if isinstance(error, KeeperError) else _LOCKED
            self._again_ns[name] = self._clock.monotonic_ns() + _AFTER_FAILURE_NS
            self._troubles[name] = reason
            log.info("secret not looked at", extra={"secret": name, "reason": reason})
            return
        self._troubles.pop(name, None)
        is_there = kept is not None and bool(kept.secret)
        self._again_ns[name] = self._clock.monotonic_ns() + (_FRESH_NS if is_there else _ABSENT_NS)
        if kept is not None and is_there:
            self._facts[name] = self._seen(kept)
        else:
            self._facts.pop(name, None)
            if is_sure:
                self._gone.add(name)

    def _seen(self, kept: KeptSecret) -> SecretFacts:
        if kept.name == SCHWAB_TOKEN:
            begun = kept.secret.get("authorized_ns", "")
            ends_ns = int(begun) + REFRESH_LIFE_NS if begun.isascii() and begun.isdigit() else None
            return SecretFacts(who=WhoRotates.SIGN_IN, expires_ns=ends_ns)
        policy = self._policy(kept.name)
        who, lacking = self._rotators.who(kept.name, policy, kept.secret)
        ends = self._rotators.ends(kept.name, policy)
        return facts_of(kept, who=who, lacking=lacking, ends=ends)
