"""The simulated sign-in: codes, access and refresh tokens, and the token endpoint's refusals."""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.faults.switches import Faults, TokenError


@dataclass(frozen=True, slots=True)
class SignInRules:
    """How long codes and tokens are good.

    Args:
        refresh_life_s: From the sign-in; refreshing does not extend it.
        is_rotating: Each refresh returns a new refresh token and makes the one before it useless.
    """

    access_life_s: float = 1800
    refresh_life_s: float = 7 * 24 * 3600
    code_life_s: float = 30
    is_rotating: bool = False


@dataclass(frozen=True, slots=True)
class AppKeys:
    """The developer app: its key, its secret, and the one callback URL it registered."""

    key: str
    secret: str
    callback: str


@dataclass(frozen=True, slots=True)
class _Grant:
    """Until when something may be used, in UTC nanoseconds; ``None`` is for ever."""

    until_ns: int | None


class SignIn:
    """Knows which codes and tokens are good.

    ``authorization_code`` and ``refresh_token`` are ready to be used once the object exists;
    that code, unlike later ones, does not run out, so that a person can copy it.

    Args:
        keys: The one developer app there is.
        clock: Decides when codes and tokens have run out.
    """

    def __init__(
        self,
        *,
        keys: AppKeys,
        clock: Clock,
        rules: SignInRules | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.keys = keys
        self.rules = rules or SignInRules()
        self._clock = clock
        self._faults = faults or Faults()
        self.authorization_code = _new_code()
        self.refresh_token = _new_refresh_token()
        self._codes = {self.authorization_code: _Grant(until_ns=None)}
        self._refresh = {self.refresh_token: _Grant(until_ns=self._in(self.rules.refresh_life_s))}
        self._access: dict[str, _Grant] = {}
        self.refreshes = 0
        self.token_requests = 0

    def accepts(self, access_token: str) -> bool:
        """Return whether an access token is good now."""
        return self._is_good(self._access, access_token)

    def revoke_access_tokens(self) -> None:
        """Make every access token handed out so far invalid."""
        self._access.clear()

    def expire_access_tokens(self, *, in_s: float) -> None:
        """Let every access token handed out so far run out in ``in_s`` seconds, or before."""
        end_ns = self._in(in_s)
        for token, grant in self._access.items():
            self._access[token] = _Grant(until_ns=min(end_ns, grant.until_ns or end_ns))

    def expire_refresh_tokens(self, *, in_s: float) -> None:
        """Let every refresh token handed out so far run out in ``in_s`` seconds."""
        self._refresh = dict.fromkeys(self._refresh, _Grant(until_ns=self._in(in_s)))

    def revoke_refresh_tokens(self) -> None:
        """Let every refresh token run out, as after Schwab's seven days."""
        self._refresh = dict.fromkeys(self._refresh, _Grant(until_ns=0))

    def supersede_refresh_tokens(self) -> None:
        """Forget every refresh token, as a second sign-in elsewhere can make Schwab do."""
        self._refresh.clear()

    def new_access_token(self) -> str:
        """Hand out an access token without a refresh."""
        token = f"I0.{secrets.token_urlsafe(48)}@"
        self._access[token] = _Grant(until_ns=self._in(self.rules.access_life_s))
        return token

    def routes(self) -> list[web.RouteDef]:
        """Return the HTTP routes."""
        return [
            web.get("/v1/oauth/authorize", self._authorize),
            web.post("/v1/oauth/token", self._token),
        ]

    async def _authorize(self, request: web.Request) -> web.Response:
        query = request.query
        if self._faults.is_authorize_denied or query.get("response_type", "code") != "code":
            return _access_denied()
        if query.get("client_id") != self.keys.key or query.get("redirect_uri") != self.keys.callback:
            return _access_denied()
        code = _new_code()
        self._codes[code] = _Grant(until_ns=self._in(self.rules.code_life_s))
        answer = {"code": code, "session": secrets.token_hex(16)}
        if "state" in query:
            answer["state"] = query["state"]
        scheme, host, path, old, fragment = urlsplit(self.keys.callback)
        target = urlunsplit((scheme, host, path, urlencode([*parse_qsl(old), *answer.items()]), fragment))
        return web.Response(status=302, headers={"Location": target})

    async def _token(self, request: web.Request) -> web.Response:
        self.token_requests += 1
        if self._faults.token_errors:
            return _TOKEN_ERRORS[self._faults.token_errors.pop(0)]()
        if not self._is_the_app(request.headers.get("Authorization", "")):
            return _refusal(401, "invalid_client", "Unauthorized")
        form = {name: str(value) for name, value in (await request.post()).items()}
        grants: Mapping[str, Callable[[dict[str, str]], web.Response]] = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
        }
        grant = grants.get(form.get("grant_type", ""))
        if grant is None:
            return _refusal(
                400, "unsupported_grant_type", "grant_type must be authorization_code or refresh_token"
            )
        return grant(form)

    def _by_code(self, form: dict[str, str]) -> web.Response:
        code = form.get("code", "")
        if form.get("redirect_uri") != self.keys.callback:
            return _refusal(400, "invalid_request", "redirect_uri does not match the registered one")
        is_good = self._is_good(self._codes, code)
        self._codes.pop(code, None)
        if not is_good:
            return _nested_refusal("invalid_grant", "Bad authorization code")
        token = _new_refresh_token()
        self._refresh[token] = _Grant(until_ns=self._in(self.rules.refresh_life_s))
        return self._tokens(token)

    def _by_refresh(self, form: dict[str, str]) -> web.Response:
        token = form.get("refresh_token", "")
        if token not in self._refresh:
            return _not_accepted()
        if not self._is_good(self._refresh, token):
            return _expired()
        self.refreshes += 1
        if self.rules.is_rotating:
            successor = _new_refresh_token()
            self._refresh[successor] = self._refresh.pop(token)
            token = successor
        return self._tokens(token)

    def _tokens(self, refresh_token: str) -> web.Response:
        answer = {
            "expires_in": int(self.rules.access_life_s),
            "token_type": "Bearer",
            "scope": "api",
            "refresh_token": refresh_token,
            "access_token": self.new_access_token(),
            "id_token": f"{_unsigned_part({'alg': 'none'})}.{_unsigned_part({'sub': 'simulator'})}.",
        }
        return web.json_response(answer, headers={"Cache-Control": "no-store"})

    def _is_the_app(self, header: str) -> bool:
        scheme, _, encoded = header.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return False
        expected = f"{self.keys.key}:{self.keys.secret}".encode()
        return scheme.lower() == "basic" and hmac.compare_digest(given, expected)

    def _is_good(self, grants: Mapping[str, _Grant], token: str) -> bool:
        grant = grants.get(token)
        return grant is not None and (grant.until_ns is None or self._clock.now_ns() < grant.until_ns)

    def _in(self, seconds: float) -> int:
        return self._clock.now_ns() + int(seconds * NS_PER_SECOND)


def _new_code() -> str:
    return f"C0.{secrets.token_urlsafe(32)}@"


def _new_refresh_token() -> str:
    return f"{secrets.token_urlsafe(64)}@"


def _unsigned_part(words: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(words).encode()).decode().rstrip("=")


def _refusal(status: int, error: str, description: str) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=status)


def _nested_refusal(error: str, description: str) -> web.Response:
    # Schwab hides the true error in a JSON object inside the description's text.
    inner = json.dumps({"error_description": description, "error": error})
    return _refusal(400, "unsupported_token_type", f'400 Bad Request: "{inner}"')


def _expired() -> web.Response:
    return _nested_refusal("invalid_grant", "Refresh token is invalid, expired or revoked")


def _not_accepted() -> web.Response:
    return _nested_refusal(
        "refresh_token_authentication_error", "Exception while authenticating refresh token"
    )


def _access_denied() -> web.Response:
    page = (
        "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>"
        f"Reference #18.{secrets.token_hex(4)}.{secrets.token_hex(4)}</BODY></HTML>"
    )
    return web.Response(status=403, text=page, content_type="text/html")


_TOKEN_ERRORS: Final[Mapping[TokenError, Callable[[], web.Response]]] = {
    "invalid_grant": _expired,
    "refresh_token_authentication_error": _not_accepted,
    "invalid_client": lambda: _refusal(401, "invalid_client", "Unauthorized"),
    "unreadable_error": lambda: _refusal(400, "unsupported_token_type", "400 Bad Request: {no JSON"),
    "access_denied": _access_denied,
    "server_error": lambda: web.Response(status=503, text="upstream connect error"),
    "no_token": lambda: web.json_response({"message": "Unauthorized"}),
}
