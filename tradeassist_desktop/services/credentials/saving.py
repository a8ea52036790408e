"""Gives a secret that is in memory only to who can keep it, as a person asks for."""

from dataclasses import dataclass

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.secret import NOBODY, KeeperError
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.credentials.looking import WHO
from tradeassist_desktop.services.rotation.words import title


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it: where the secret is now, in words, and whether it is another than was in memory."""

    words: str
    is_another: bool = False


async def saved(secrets: SecretStore, name: str) -> Saved:
    """Keep it, which may ask for a keyring's password.

    Raises:
        TradeAssistError: nobody can keep it yet.
    """
    try:
        before = await secrets.read(name, who=WHO)
        held = None if before is None else await secrets.keep(name, who=WHO)
    except KeeperError as error:
        raise TradeAssistError(f"{title(name)}: {error}") from None
    if before is None or held is None:
        raise TradeAssistError(f"{title(name)}: there is none any more.")
    if held.source == NOBODY:
        why = "; ".join(held.failures) or "there is nobody here who keeps secrets"
        raise TradeAssistError(f"{title(name)} is still in memory only: {why}.")
    if held.secret != before.secret:
        words = f"Another was put into the {held.source} later: that one is used, and yours is forgotten."
        return Saved(words, is_another=True)
    return Saved(f"It is in the {held.source} now.")
