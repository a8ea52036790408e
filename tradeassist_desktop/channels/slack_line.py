"""One request to Slack: whether it went out, and what came back."""

import logging
import re
import socket
import ssl
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tradeassist_desktop.channels.slack_door import Bot, Webhook
from tradeassist_desktop.runtime.retry_after import retry_after_s

if TYPE_CHECKING:
    import aiohttp

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_CODE: Final = re.compile(r"[a-z0-9_]{1,64}")
_LONGEST_RETRY_AFTER_S: Final = 3_600.0
_USUAL_PAUSE_S: Final = 30.0

# slack_sdk writes whole requests and a webhook's secret address at DEBUG, and looks at its logger's
# own level only: this one has one, whatever the program's is.
_quiet: Final = logging.getLogger(f"{__name__}.sdk")
_quiet.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Args:
        body: The answer's object, or a webhook's text; ``None`` where it could not be read.
        is_page: It is a page for people, which Slack's answers are not.
        retry_after_s: How long Slack asks to wait; 0 where it names no time.
        scopes: What the token may do, as Slack says with each answer; ``None`` where it does not.
    """

    status: int
    body: Mapping[str, Any] | str | None
    is_page: bool
    retry_after_s: float
    scopes: frozenset[str] | None = None

    @property
    def pause_s(self) -> float:
        """How long nothing may be sent where Slack asks to slow down, seconds."""
        return self.retry_after_s or _USUAL_PAUSE_S

    @property
    def error(self) -> str:
        """Slack's error code; empty where there is none that could be one."""
        code = self.body if isinstance(self.body, str) else (self.body or {}).get("error")
        return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


class NotSent(Exception):
    """The request did not go out: nothing can have arrived. In words."""


class NoAnswer(Exception):
    """The request went out, and nothing came back that could be read to its end. In words."""


class Journey:
    """How far a request got; told by aiohttp's tracing."""

    def __init__(self) -> None:
        self.is_sent = False
        self.response: aiohttp.ClientResponse | None = None

    def tracing(self) -> "aiohttp.TraceConfig":
        """Return what makes a session tell this journey."""
        import aiohttp

        tracing = aiohttp.TraceConfig()
        tracing.on_request_headers_sent.append(self._on_sent)
        tracing.on_request_end.append(self._on_answer)
        tracing.on_request_redirect.append(self._on_answer)
        tracing.on_request_redirect.append(self._on_redirect)
        return tracing

    async def _on_sent(self, session: object, context: SimpleNamespace, sent: object) -> None:
        self.is_sent = True

    async def _on_answer(self, session: object, context: SimpleNamespace, answer: Any) -> None:
        self.response = answer.response

    async def _on_redirect(self, session: object, context: SimpleNamespace, answer: object) -> None:
        # Followed, an alert would go wherever a captive portal likes, and one attempt make two requests.
        raise _Redirected


class _Redirected(Exception):
    pass


def warm_up() -> None:
    """Import what requests need, which takes a while; may be called in a thread."""
    import slack_sdk.web.async_client
    import slack_sdk.webhook.async_client  # noqa: F401  # for its effect


class SlackLine:
    """Makes single requests, each on a connection of its own, so that a stale one can't cast doubt on it.

    Args:
        timeout_s: For all of a request; shorter than what the dispatcher gives an attempt.
        tls: Of https addresses; ``None`` for plain ones.
    """

    def __init__(self, *, timeout_s: float, tls: ssl.SSLContext | None) -> None:
        self._timeout_s = timeout_s
        self._tls = tls

    async def call(
        self, bot: Bot, method: str, arguments: Mapping[str, Any], *, as_form: bool = False
    ) -> Answer:
        """Call a method of Slack's Web API.

        Args:
            as_form: For the methods that take no JSON.

        Raises:
            NotSent: nothing can have arrived.
            NoAnswer: it may have arrived.
        """
        from slack_sdk.web.async_client import AsyncWebClient

        async def ask(session: "aiohttp.ClientSession") -> object:
            client = AsyncWebClient(
                token=bot.token,
                base_url=bot.base_url,
                ssl=self._tls,
                session=session,
                logger=_quiet,
                retry_handlers=[],  # the default ones post twice when an answer is lost
            )
            client.proxy = _proxy_for(bot.base_url)  # slack_sdk's own choice overlooks no_proxy
            given = dict(arguments)
            response = await client.api_call(
                method, data=given if as_form else None, json=None if as_form else given
            )
            return response.data

        return await self._ask(ask, url=bot.base_url)

    async def post(self, webhook: Webhook, body: Mapping[str, Any]) -> Answer:
        """Post to an incoming webhook; raises as ``call`` does."""
        from slack_sdk.webhook.async_client import AsyncWebhookClient

        async def ask(session: "aiohttp.ClientSession") -> object:
            client = AsyncWebhookClient(
                webhook.url, ssl=self._tls, session=session, logger=_quiet, retry_handlers=[]
            )
            client.proxy = _proxy_for(webhook.url)
            return (await client.send_dict(dict(body))).body

        return await self._ask(ask, url=webhook.url)

    async def put(self, *, url: str, content: bytes) -> Answer:
        """Send a file to where Slack wants it; raises as ``call`` does."""

        async def ask(session: "aiohttp.ClientSession") -> object:
            async with session.post(
                url, data=content, ssl=self._tls or True, proxy=_proxy_for(url)
            ) as response:
                return await response.text()

        return await self._ask(ask, url=url)

    async def _ask(self, ask: Callable[["aiohttp.ClientSession"], Awaitable[object]], *, url: str) -> Answer:
        import aiohttp

        host = urlsplit(url).hostname or "Slack"
        journey = Journey()
        body: object = None
        try:
            async with _session(journey, self._timeout_s) as session:
                body = await ask(session)
        except _Redirected:
            pass  # what there is of an answer is in the journey
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if not journey.is_sent:
                raise NotSent(_why_not_sent(error, host, self._timeout_s)) from None
            raise NoAnswer(_why_no_answer(error, host, self._timeout_s)) from None
        except Exception as error:
            # slack_sdk raises its own error for a refusal, and breaks in many ways on answers that
            # are none of Slack's. Not chained: its texts hold whole answers.
            if journey.response is None:
                raise
            body = getattr(getattr(error, "response", None), "data", None)
        response = journey.response
        assert response is not None
        return Answer(
            status=response.status,
            body=body if isinstance(body, dict | str) else None,
            is_page=_is_page(response, body),
            retry_after_s=retry_after_s(response.headers, most_s=_LONGEST_RETRY_AFTER_S),
            scopes=_scopes(response),
        )


@asynccontextmanager
async def _session(journey: Journey, timeout_s: float) -> "AsyncIterator[aiohttp.ClientSession]":
    import aiohttp

    lines: list[socket.socket] = []

    def new_line(address: "aiohttp.AddrInfoType") -> socket.socket:
        family, kind, protocol, *_ = address
        lines.append(socket.socket(family, kind, protocol))
        return lines[-1]

    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, socket_factory=new_line),
            timeout=aiohttp.ClientTimeout(total=timeout_s),
            trace_configs=[journey.tracing()],
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as session:
            yield session
    finally:
        # Not closed but cut: aiohttp's TLS goodbye waits half a minute for a server that stalls.
        for line in lines:
            with suppress(OSError):  # it is closed already
                line.shutdown(socket.SHUT_RDWR)


def _is_page(response: "aiohttp.ClientResponse", body: object) -> bool:
    if isinstance(body, str):  # webhooks call their plain answers HTML
        return body.lstrip().startswith("<")
    return "json" not in response.content_type


def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment (or Windows, or macOS) wants for an address, if any."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in _LOOPBACK or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def _why_not_sent(error: Exception, host: str, timeout_s: float) -> str:
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"{host} is not found: is this computer on the network?"
    if isinstance(error, aiohttp.ClientSSLError):
        return f"{host} shows no certificate that can be trusted: something stands between here and there"
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return f"the network's proxy does not let it through to {host}"
    if isinstance(error, aiohttp.InvalidURL):
        return "the address of Slack cannot be read"
    if isinstance(error, TimeoutError):
        return f"{host} cannot be reached within {timeout_s:g} s: is the network up?"
    return f"{host} cannot be reached: is the network up?"


def _why_no_answer(error: Exception, host: str, timeout_s: float) -> str:
    if isinstance(error, TimeoutError):
        return f"{host} got the message and did not answer within {timeout_s:g} s: it may have arrived"
    return f"{host} got the message and broke off before its answer was whole: it may have arrived"


def _scopes(response: "aiohttp.ClientResponse") -> frozenset[str] | None:
    text = response.headers.get("X-OAuth-Scopes")
    return None if text is None else frozenset(scope.strip() for scope in text.split(","))
