"""One place to ask for a secret."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from tradeassist_desktop.domain.secret import BlockingKeeper
from tradeassist_desktop.runtime.aside import aside


@dataclass(frozen=True, slots=True, repr=False)
class FoundSecret:
    """A secret's fields and who had it. Without a ``repr``, so that no log can show it."""

    fields: dict[str, str]
    source: str


class SecretStore:
    """Asks its keepers in order; what was found or written stays in memory for this run.

    Args:
        keepers: Asked first to last; writes go to the first that can keep them.
        mask: Told every secret text, so that logs never show it.
    """

    def __init__(self, *, keepers: Sequence[BlockingKeeper], mask: Callable[[Iterable[str]], None]) -> None:
        self._keepers = tuple(keepers)
        self._mask = mask
        self._memory: dict[str, FoundSecret] = {}

    async def read(
        self,
        secret: str,
        *,
        is_usable: Callable[[dict[str, str]], bool] = bool,
        anew: bool = False,
        at_once: bool = False,
    ) -> FoundSecret | None:
        """Return the first usable secret of that name, or ``None``; keyrings are asked off the loop.

        Args:
            is_usable: Whether a secret's fields are what the caller needs.
            anew: Ask the keepers first, as another program may have written since.
            at_once: Pass over keepers that may ask a person for a password first.
        """
        remembered = self._memory.get(secret)
        if remembered is not None and not is_usable(remembered.fields):
            remembered = None
        if remembered is not None and not anew:
            return remembered
        for keeper in self._keepers:
            if at_once and not keeper.is_prompt:
                continue
            fields = await aside(partial(keeper.read, secret), name=keeper.name)
            if fields is not None and is_usable(fields):
                return self._remember(secret, fields, keeper.name)
        return remembered

    async def write(self, secret: str, fields: dict[str, str]) -> str:
        """Keep a secret; return where: a keeper's name, or ``memory`` if none could keep it."""
        self._remember(secret, fields, "memory")
        for keeper in self._keepers:
            if await aside(partial(keeper.write, secret, fields), name=keeper.name):
                self._remember(secret, fields, keeper.name)
                return keeper.name
        return "memory"

    def _remember(self, secret: str, fields: dict[str, str], source: str) -> FoundSecret:
        self._mask(fields.values())
        self._memory[secret] = FoundSecret(fields=fields, source=source)
        return self._memory[secret]
