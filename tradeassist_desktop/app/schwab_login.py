"""Builds what signing in to Schwab needs: the same for the desk and for the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import httpx

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.domain.access import OPEN, Gate
from tradeassist_desktop.feeds.schwab.auth import TokenManager, Tokens
from tradeassist_desktop.feeds.schwab.tokens import TokenEndpoint
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.services.sign_in.account import SchwabAccount
from tradeassist_desktop.services.sign_in.browser import OpenBrowser, open_in_browser
from tradeassist_desktop.services.sign_in.mark import SignInMark
from tradeassist_desktop.services.sign_in.sign_in import SignIn

KEYRING_S: Final = 1.5
"""How long a start waits for the keyring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchwabLogin:
    """The tokens in use, the sign-in that brings others, and where they are kept."""

    account: SchwabAccount
    tokens: TokenManager
    sign_in: SignIn

    async def load(self, *, clock: Clock, patience_s: float = KEYRING_S) -> None:
        """Take up what is kept.

        A keyring may ask for its password, and Secret Manager may not answer, which must not keep the
        desk from starting: after ``patience_s`` seconds what is at hand answers in their place, and what
        they say later is taken up by the sign-in's ``run``.
        """
        if patience_s <= 0:
            await self.sign_in.load_at_once()
            return
        try:
            await within(clock, patience_s, self.sign_in.load())
        except TimeoutError:
            await self.sign_in.load_at_once()


def schwab_base_url(settings: Settings) -> str:
    """Return where Schwab is, without a slash at its end."""
    return settings.text("schwab.base_url").rstrip("/")


def schwab_login(
    *,
    launch: Launch,
    settings: Settings,
    secrets: SecretStore,
    http: httpx.AsyncClient,
    clock: Clock,
    bus: Bus,
    on_signed_in: Callable[[], None],
    open_browser: OpenBrowser | None = None,
    access: Gate = OPEN,
) -> SchwabLogin:
    """Return the login; it knows no app and no tokens until it is loaded.

    Args:
        on_signed_in: Called when there are new tokens.
        open_browser: Shows Schwab's page; by default in this desktop's browser.
    """
    account = SchwabAccount(secrets=secrets, mask=launch.mask.learn_passing)
    base_url = schwab_base_url(settings)

    async def keep(fresh: Tokens) -> None:
        if tokens.app is not None:
            await account.keep_tokens(tokens.app, fresh)

    async def newer(refused: Tokens) -> Tokens | None:
        kept = None if tokens.app is None else await account.tokens(tokens.app, anew=True)
        return kept if kept is not None and kept.refresh_token != refused.refresh_token else None

    tokens = TokenManager(
        base_url=base_url,
        app=None,
        tokens=None,
        http=http,
        clock=clock,
        on_tokens=keep,
        newer_tokens=newer,
    )
    sign_in = SignIn(
        base_url=base_url,
        account=account,
        tokens=tokens,
        endpoint=TokenEndpoint(base_url=base_url, http=http, clock=clock),
        callback=lambda: settings.text("schwab.callback"),
        folder=launch.places.sign_in,
        mark=SignInMark(folder=launch.places.sign_in),
        open_browser=open_browser or partial(open_in_browser, clock=clock),
        on_signed_in=on_signed_in,
        bus=bus,
        clock=clock,
        access=access,
    )
    return SchwabLogin(account=account, tokens=tokens, sign_in=sign_in)
