"""Schwab's tokens: keeps an access token fresh, one refresh at a time, and never loses a good one."""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import msgspec

from tradeassist_desktop.domain.health import Remedy
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.failures import ConnectionLost, FeedRefused
from tradeassist_desktop.feeds.http_answers import HttpAnswer, ask
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

_EARLY_S: Final = 60
_LONGEST_LIFE_S: Final = 24 * 3600
_EDGE_REFUSAL_WAIT_S: Final = 120.0
_SIGN_IN_AGAIN: Final = "Schwab's sign-in has run out: sign in again."
_TERMINAL: Final = frozenset({"invalid_grant"})


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """The user's own developer app at Schwab. Neither part appears in a repr."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gave; an empty ``access_token`` is fetched when first needed.

    ``expires_ns`` is when the access token runs out, UTC nanoseconds.
    """

    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    expires_ns: int = 0


class SignInNeeded(FeedRefused):
    """Schwab will not give another access token; the trader must sign in, or mend the keys."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, remedy=Remedy.SIGN_IN)


class TokenManager:
    """Hands out an access token that is good now.

    Args:
        base_url: Schwab's, without a slash at its end.
        on_tokens: Awaited with the new tokens after each refresh, to keep them.
    """

    def __init__(
        self,
        *,
        base_url: str,
        app: AppCredentials,
        tokens: Tokens,
        http: httpx.AsyncClient,
        clock: Clock,
        on_tokens: Callable[[Tokens], Awaitable[None]],
    ) -> None:
        self._url = f"{base_url}/v1/oauth/token"
        self._app = app
        self._tokens = tokens
        self._http = http
        self._clock = clock
        self._on_tokens = on_tokens
        self._turn = asyncio.Lock()

    async def access_token(self) -> str:
        """Return a token with at least a minute to live; callers at one time share one refresh.

        Raises:
            SignInNeeded: the refresh token is no longer accepted.
            ConnectionLost: Schwab could not be asked, or did not answer sensibly; tokens are kept.
        """
        async with self._turn:
            if self._clock.now_ns() >= self._tokens.expires_ns - _EARLY_S * NS_PER_SECOND:
                await self._refresh()
            return self._tokens.access_token

    async def replace(self, rejected: str) -> str:
        """Return another token than ``rejected``, which Schwab refused before its time.

        Raises:
            SignInNeeded: as ``access_token``.
            ConnectionLost: as ``access_token``.
        """
        async with self._turn:
            if self._tokens.access_token == rejected or not self._tokens.access_token:
                await self._refresh()
            return self._tokens.access_token

    async def _refresh(self) -> None:
        answer = await self._ask_for_tokens()
        problem = _problem(answer)
        if problem == "refresh_token_authentication_error":
            # Seen to pass at the second try where another refresh had just been under way.
            answer = await self._ask_for_tokens()
            problem = _problem(answer)
            if problem == "refresh_token_authentication_error":
                raise SignInNeeded(_SIGN_IN_AGAIN)
        if problem in _TERMINAL:
            raise SignInNeeded(_SIGN_IN_AGAIN)
        if problem == "invalid_client":
            raise SignInNeeded(
                "Schwab does not accept the app key and secret: check them, then sign in again."
            )
        if problem is not None:
            raise _transient(answer)
        fresh = _tokens_in(answer.body, self._tokens.refresh_token, self._clock.now_ns())
        if fresh is None:
            raise ConnectionLost("Schwab answered without a token", wait_s=answer.retry_after_s)
        self._tokens = fresh
        try:
            await self._on_tokens(fresh)
        except Exception:
            # A keeper that fails costs the next start a sign-in, but must not end this stream.
            log.exception("tokens not kept")

    async def _ask_for_tokens(self) -> HttpAnswer:
        pair = base64.b64encode(f"{self._app.key}:{self._app.secret}".encode()).decode()
        request = self._http.build_request(
            "POST",
            self._url,
            headers={"Authorization": f"Basic {pair}", "Accept": "application/json"},
            data={"grant_type": "refresh_token", "refresh_token": self._tokens.refresh_token},
        )
        return await ask(self._http, request)


def _problem(answer: HttpAnswer) -> str | None:
    """Return ``None`` for success, the true error's name, or ``unknown`` where it may well pass."""
    if answer.status == httpx.codes.OK:
        return None
    document = _object(answer.body)
    outer = document.get("error")
    if outer == "invalid_client":
        return "invalid_client"
    # The outer code alone has been seen to recover; the true one is nested inside its description.
    description = str(document.get("error_description", ""))
    nested = _object(description[description.find("{") : description.rfind("}") + 1].encode())
    return str(nested.get("error", "unknown"))


def _transient(answer: HttpAnswer) -> ConnectionLost:
    if b"access denied" in answer.body.lower():
        # The edge network refuses us, not Schwab; it takes minutes to forget.
        return ConnectionLost("Schwab's front door refused the sign-in", wait_s=_EDGE_REFUSAL_WAIT_S)
    return ConnectionLost(f"Schwab's sign-in answered {answer.status}", wait_s=answer.retry_after_s)


def _tokens_in(body: bytes, old_refresh_token: str, now_ns: int) -> Tokens | None:
    document = _object(body)
    access, life_s = document.get("access_token"), document.get("expires_in")
    if not isinstance(access, str) or not access:
        return None
    if isinstance(life_s, bool) or not isinstance(life_s, int) or not 0 < life_s <= _LONGEST_LIFE_S:
        return None
    refresh = document.get("refresh_token")
    return Tokens(
        refresh_token=refresh if isinstance(refresh, str) and refresh else old_refresh_token,
        access_token=access,
        expires_ns=now_ns + life_s * NS_PER_SECOND,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (ValueError, RecursionError):
        return {}
