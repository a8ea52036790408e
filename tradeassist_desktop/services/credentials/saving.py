"""Gives a secret that is in memory only to who can keep it, as a person asks for."""

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.secret import NOBODY, KeeperError
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.credentials.looking import WHO
from tradeassist_desktop.services.rotation.words import title


async def saved(secrets: SecretStore, name: str) -> str:
    """Keep it, which may ask for a keyring's password; return in words where it is.

    Raises:
        TradeAssistError: nobody can keep it yet.
    """
    try:
        held = await secrets.read(name, who=WHO)
        if held is not None and held.source == NOBODY:
            held = await secrets.write(name, held.secret, who=WHO)
    except KeeperError as error:
        raise TradeAssistError(f"{title(name)}: {error}") from None
    if held is None:
        raise TradeAssistError(f"{title(name)}: there is none any more.")
    if held.source == NOBODY:
        why = "; ".join(held.failures) or "there is nobody here who keeps secrets"
        raise TradeAssistError(f"{title(name)} is still in memory only: {why}.")
    return f"It is in the {held.source} now."
