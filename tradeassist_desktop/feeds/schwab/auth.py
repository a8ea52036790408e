"""Schwab's tokens: keeps an access token fresh, one refresh at a time, and never loses a good one."""

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import httpx

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.schwab.tokens import AppCredentials, SignInNeeded, TokenEndpoint, Tokens
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

__all__ = ["AppCredentials", "SignInNeeded", "TokenManager", "Tokens"]

log = logging.getLogger(__name__)

EARLY_S: Final = 300
"""An access token with less to live than this is replaced before it is handed out."""
_AGAIN_S: Final = 10.0
_KEEPER_S: Final = 5.0
"""How long a keyring is waited for: a locked one may ask for its password until somebody comes."""
_NO_APP: Final = "Schwab needs the key and secret of your developer app: enter them, then sign in."
_SIGNED_OUT: Final = "You are not signed in to Schwab: sign in."


class TokenManager:
    """Hands out an access token that is good now, to the stream and to REST alike.

    Callers at one time share one refresh, and its failure. After Schwab has refused for good it is
    not asked again until there are other tokens.

    Args:
        base_url: Schwab's, without a slash at its end.
        app: The developer app; ``None`` until the trader has entered it.
        tokens: Of an earlier sign-in; ``None`` for none.
        on_tokens: Awaited with the new tokens after each refresh, to keep them.
        newer_tokens: Awaited after a refusal: returns what another sign-in has kept meanwhile, in
            this program or beside it, or ``None``.
    """

    def __init__(
        self,
        *,
        base_url: str,
        app: AppCredentials | None,
        tokens: Tokens | None,
        http: httpx.AsyncClient,
        clock: Clock,
        on_tokens: Callable[[Tokens], Awaitable[None]],
        newer_tokens: Callable[[Tokens], Coroutine[Any, Any, Tokens | None]] | None = None,
    ) -> None:
        self._endpoint = TokenEndpoint(base_url=base_url, http=http, clock=clock)
        self._app = app
        self._tokens = tokens
        self._clock = clock
        self._on_tokens = on_tokens
        self._newer_tokens = newer_tokens
        self._turn = asyncio.Lock()
        self._keeping: set[asyncio.Task[None]] = set()
        self._tries = 0
        self._failure: ConnectionLost | None = None
        self._refusal: SignInNeeded | None = None
        self._not_before_ns = 0

    @property
    def tokens(self) -> Tokens | None:
        """The tokens in use; ``None`` while nobody has signed in."""
        return self._tokens

    @property
    def app(self) -> AppCredentials | None:
        """The developer app in use; ``None`` until there is one."""
        return self._app

    @property
    def refusal(self) -> str | None:
        """Why only a sign-in helps now, as a sentence; ``None`` while none is needed."""
        if self._app is None:
            return _NO_APP
        if self._tokens is None:
            return _SIGNED_OUT
        return None if self._refusal is None else str(self._refusal)

    def adopt(self, tokens: Tokens | None, app: AppCredentials | None = None) -> None:
        """Use other tokens from now on; a refresh of the old ones that is under way changes nothing.

        Args:
            tokens: ``None`` signs out.
            app: The developer app they belong to, where it is another than before.
        """
        self._tokens = tokens
        self._app = app or self._app
        self._failure = self._refusal = None
        self._not_before_ns = 0

    def forget(self) -> None:
        """Know no app and no tokens any more."""
        self.adopt(None)
        self._app = None

    def try_now(self) -> None:
        """Ask Schwab with the next question, though it is to be left alone: the trader wants it."""
        self._not_before_ns = 0

    async def access_token(self) -> str:
        """Return a token with at least five minutes to live, or what there is while Schwab gives no other.

        Raises:
            SignInNeeded: nobody is signed in, or the refresh token is no longer accepted.
            ConnectionLost: Schwab could not be asked, or did not answer sensibly; tokens are kept.
        """
        tries = self._tries
        async with self._turn:
            if self._lives_for(EARLY_S):
                return self._access()
            if self._lives_for(0):
                return await self._renew_early()
            return await self._renew(tries)

    async def replace(self, rejected: str) -> str:
        """Return another token than ``rejected``, which Schwab refused before its time.

        Raises:
            SignInNeeded: as ``access_token``.
            ConnectionLost: as ``access_token``.
        """
        tries = self._tries
        async with self._turn:
            if self._access() not in (rejected, ""):
                return self._access()
            return await self._renew(tries)

    # --- under the lock

    def _access(self) -> str:
        return "" if self._tokens is None else self._tokens.access_token

    def _lives_for(self, seconds: int) -> bool:
        tokens = self._tokens
        if tokens is None or not tokens.access_token:
            return False
        return self._clock.now_ns() < tokens.expires_ns - seconds * NS_PER_SECOND

    async def _renew_early(self) -> str:
        """Refresh if that can be had; the token of now is good for some minutes yet."""
        if self._refusal is not None or self._clock.monotonic_ns() < self._not_before_ns:
            return self._access()
        try:
            await self._refresh()
        except SignInNeeded:
            return self._access()
        except ConnectionLost as lost:
            wait_ns = int(max(lost.wait_s, _AGAIN_S) * NS_PER_SECOND)
            self._not_before_ns = self._clock.monotonic_ns() + wait_ns
        return self._access()

    async def _renew(self, tries_before: int) -> str:
        """Refresh, or fail as the try did that was under way when the caller came."""
        if self._failure is not None:
            is_of_that_try = self._tries != tries_before
            left_s = (self._not_before_ns - self._clock.monotonic_ns()) / NS_PER_SECOND
            if left_s > 0:
                raise ConnectionLost(self._failure.reason, wait_s=left_s)
            if is_of_that_try:
                raise copy.copy(self._failure)
        await self._refresh()
        return self._access()

    async def _refresh(self) -> None:
        """Have new tokens; those that were adopted meanwhile win over what an old one brought."""
        while True:
            refusal = self.refusal
            if refusal is not None:
                raise SignInNeeded(refusal)
            app, tokens = self._app, self._tokens
            assert app is not None
            assert tokens is not None
            try:
                fresh = await self._endpoint.refresh(app, tokens)
            except SignInNeeded as refused:
                newer = await self._newer(tokens)
                if self._tokens is tokens:
                    if newer is None:
                        log.warning("sign-in refused", extra={"reason": str(refused)})
                        self._refusal = refused
                        raise
                    self._tokens = newer
            except ConnectionLost as lost:
                if self._tokens is tokens:
                    self._tries += 1
                    self._failure = lost
                    self._not_before_ns = self._clock.monotonic_ns() + int(lost.wait_s * NS_PER_SECOND)
                    raise
            else:
                if self._tokens is tokens:
                    self._tokens = fresh
                    await self._keep(fresh)
            if self._lives_for(0):
                self._tries += 1
                self._failure = None
                return

    async def _newer(self, refused: Tokens) -> Tokens | None:
        if self._newer_tokens is None:
            return None
        try:
            return await within(self._clock, _KEEPER_S, self._newer_tokens(refused))
        except TimeoutError:
            log.warning("keyring not heard", extra={"seconds": _KEEPER_S})
            return None

    async def _keep(self, fresh: Tokens) -> None:
        """Have tokens kept; a keeper that takes its time goes on by itself, and the stream goes on too."""
        keeping = asyncio.create_task(self._keep_sometime(fresh), name="tokens to be kept")
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)
        limit = asyncio.ensure_future(self._clock.sleep(_KEEPER_S))
        try:
            await asyncio.wait({keeping, limit}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            limit.cancel()

    async def _keep_sometime(self, fresh: Tokens) -> None:
        try:
            await self._on_tokens(fresh)
        except Exception:
            # A keeper that fails costs the next start a sign-in, but must not end this stream.
            log.exception("tokens not kept")
