"""Schwab's token endpoint: one question, and what each of its answers means."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import msgspec

from tradeassist_desktop.domain.health import Remedy
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.failures import ConnectionLost, FeedRefused
from tradeassist_desktop.feeds.http_answers import HttpAnswer, ask
from tradeassist_desktop.runtime.clock import Clock

REFRESH_LIFE_NS: Final = 7 * 24 * 3600 * NS_PER_SECOND
"""From the sign-in; refreshing does not extend it. Schwab has been seen to end it somewhat off."""
_LONGEST_LIFE_S: Final = 24 * 3600
_EDGE_REFUSAL_WAIT_S: Final = 120.0
_SIGN_IN_AGAIN: Final = "Schwab's sign-in has run out: sign in again."
_WRONG_KEYS: Final = "Schwab does not accept the app key and secret: check them, then sign in again."
_INVALID_CLIENT: Final = "invalid_client"
_NOT_ACCEPTED: Final = "refresh_token_authentication_error"
_TERMINAL: Final = frozenset({"invalid_grant"})


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """The user's own developer app at Schwab. Neither part appears in a repr."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gave; an empty ``access_token`` is fetched when first needed.

    ``expires_ns`` is when the access token runs out, UTC nanoseconds; ``authorized_ns`` when the
    trader signed in, ``None`` where nobody wrote that down.
    """

    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    expires_ns: int = 0
    authorized_ns: int | None = None

    @property
    def refresh_expires_ns(self) -> int | None:
        """When the trader must have signed in again, UTC nanoseconds; ``None`` if that is not known."""
        return None if self.authorized_ns is None else self.authorized_ns + REFRESH_LIFE_NS


class SignInNeeded(FeedRefused):
    """Schwab will not give another access token; the trader must sign in, or mend the keys."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, remedy=Remedy.SIGN_IN)


class TokenEndpoint:
    """Asks Schwab for tokens.

    Args:
        base_url: Schwab's, without a slash at its end.
    """

    def __init__(self, *, base_url: str, http: httpx.AsyncClient, clock: Clock) -> None:
        self._url = f"{base_url}/v1/oauth/token"
        self._http = http
        self._clock = clock

    async def refresh(self, app: AppCredentials, tokens: Tokens) -> Tokens:
        """Return new tokens for an old refresh token.

        Raises:
            SignInNeeded: the refresh token, or the app, is no longer accepted.
            ConnectionLost: Schwab could not be asked, or did not answer sensibly.
        """
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        answer = await self._ask(app, form)
        if _problem(answer) == _NOT_ACCEPTED:
            # Seen to pass at the second try where another refresh had just been under way.
            answer = await self._ask(app, form)
        problem = _problem(answer)
        if problem == _NOT_ACCEPTED or problem in _TERMINAL:
            raise SignInNeeded(_SIGN_IN_AGAIN)
        return self._read(answer, problem, old=tokens)

    async def exchange(self, app: AppCredentials, code: str, callback: str) -> Tokens:
        """Return the first tokens of a sign-in; a code is good once, for half a minute.

        Raises:
            SignInNeeded: the code, the callback or the app is not accepted.
            ConnectionLost: Schwab could not be asked, or did not answer sensibly.
        """
        now_ns = self._clock.now_ns()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback}
        answer = await self._ask(app, form)
        problem = _problem(answer)
        if problem in _TERMINAL or problem == _NOT_ACCEPTED:
            raise SignInNeeded(
                "Schwab did not take the code any more: it lives for half a minute. Try again."
            )
        if problem == "invalid_request":
            raise SignInNeeded(
                f"Schwab did not take the callback address: the app must have registered exactly {callback}"
            )
        tokens = self._read(answer, problem, old=Tokens(refresh_token="", authorized_ns=now_ns))
        if not tokens.refresh_token:
            raise ConnectionLost("Schwab answered without a refresh token")
        return tokens

    async def _ask(self, app: AppCredentials, form: Mapping[str, str]) -> HttpAnswer:
        pair = base64.b64encode(f"{app.key}:{app.secret}".encode()).decode()
        request = self._http.build_request(
            "POST",
            self._url,
            headers={"Authorization": f"Basic {pair}", "Accept": "application/json"},
            data=form,
        )
        return await ask(self._http, request)

    def _read(self, answer: HttpAnswer, problem: str | None, *, old: Tokens) -> Tokens:
        if problem == _INVALID_CLIENT:
            raise SignInNeeded(_WRONG_KEYS)
        if problem is not None:
            raise _transient(answer)
        fresh = _tokens_in(answer.body, old, self._clock.now_ns())
        if fresh is None:
            raise ConnectionLost("Schwab answered without a token", wait_s=answer.retry_after_s)
        return fresh


def _problem(answer: HttpAnswer) -> str | None:
    """Return ``None`` for success, the true error's name, or ``unknown`` where it may well pass."""
    if answer.status == httpx.codes.OK:
        return None
    document = _object(answer.body)
    outer = document.get("error")
    if outer in (_INVALID_CLIENT, "invalid_request"):
        return str(outer)
    # The outer code alone has been seen to recover; the true one is nested inside its description.
    description = str(document.get("error_description", ""))
    nested = _object(description[description.find("{") : description.rfind("}") + 1].encode())
    return str(nested.get("error", "unknown"))


def _transient(answer: HttpAnswer) -> ConnectionLost:
    if b"access denied" in answer.body.lower():
        # The edge network refuses us, not Schwab; it takes minutes to forget.
        return ConnectionLost("Schwab's front door refused the sign-in", wait_s=_EDGE_REFUSAL_WAIT_S)
    return ConnectionLost(f"Schwab's sign-in answered {answer.status}", wait_s=answer.retry_after_s)


def _tokens_in(body: bytes, old: Tokens, now_ns: int) -> Tokens | None:
    document = _object(body)
    access, life_s = document.get("access_token"), document.get("expires_in")
    if not isinstance(access, str) or not access:
        return None
    if isinstance(life_s, bool) or not isinstance(life_s, int) or not 0 < life_s <= _LONGEST_LIFE_S:
        return None
    refresh = document.get("refresh_token")
    return Tokens(
        refresh_token=refresh if isinstance(refresh, str) and refresh else old.refresh_token,
        access_token=access,
        expires_ns=now_ns + life_s * NS_PER_SECOND,
        authorized_ns=old.authorized_ns,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (ValueError, RecursionError):
        return {}
