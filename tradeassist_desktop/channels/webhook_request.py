"""One POST to a checked address, and what its answer means."""

import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import httpx

from tradeassist_desktop.channels.webhook_guard import Address, Target
from tradeassist_desktop.channels.webhook_line import Line
from tradeassist_desktop.channels.wording import cleaned
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    MessageRefused,
    RateLimited,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import Limit
from tradeassist_desktop.runtime.retry_after import retry_after_s

_MOST_ANSWER_BYTES: Final = 64 * 1024
_TOLD_LENGTH: Final = 200
_CONNECT_S: Final = 3.0
_READ_OFF_S: Final = 0.5
_MOST_WAIT_S: Final = 3_600.0
_USUAL_WAIT_S: Final = 30.0
_LATER: Final = frozenset((408, 409, 421, 425))
_PERHAPS: Final = frozenset((502, 504))


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, how long it asks to wait (0 if it does not), and what it says in one line."""

    status: int
    wait_s: float
    told: str


class Post:
    """A POST that is sent once, to the first of the checked addresses that can be connected to.

    Redirects are not followed, proxies of the environment not used, cookies not kept.

    Args:
        line: Of this target; the certificate must be for its own name.
    """

    def __init__(
        self,
        *,
        target: Target,
        addresses: Sequence[Address],
        headers: Mapping[str, str],
        body: bytes,
        line: Line,
        clock: Clock,
    ) -> None:
        self._target = target
        self._addresses = addresses
        self._headers = headers
        self._body = body
        self._line = line
        self._clock = clock
        self._is_sent = False

    async def send(self, *, limit_s: float) -> str:
        """Send it, and return in words what was answered.

        Args:
            limit_s: For all of it, seconds, however busily the answer trickles in.

        Raises:
            Undeliverable: it was not taken; see the kinds.
        """
        try:
            async with Limit(self._clock, limit_s), self._line.lent() as transport:
                answer = await self._first_answer(transport)
        except TimeoutError:
            raise self._broken(f"did not answer within {limit_s:g} s") from None
        return self._judged(answer)

    async def _first_answer(self, transport: httpx.AsyncHTTPTransport) -> Answer:
        *others, last = self._addresses
        for address in others:
            try:
                return await self._ask(transport, address)
            except httpx.HTTPError as error:
                if self._is_sent:
                    raise self._lost(error) from error
        try:
            return await self._ask(transport, last)
        except httpx.HTTPError as error:
            raise self._lost(error) from error

    async def _ask(self, transport: httpx.AsyncHTTPTransport, address: Address) -> Answer:
        target = self._target
        request = httpx.Request(
            "POST",
            target.url.copy_with(host=str(address), port=target.port),
            content=self._body,
            headers={**self._headers, "Host": target.url.netloc.decode("ascii")},
            extensions={
                # The connection goes to the checked address; name and certificate are the target's.
                "sni_hostname": target.host,
                "trace": self._on_progress,
                # Of one address: the next must have its turn within the limit of all of it.
                "timeout": httpx.Timeout(None, connect=_CONNECT_S).as_dict(),
            },
        )
        response = await transport.handle_async_request(request)
        try:
            # A status is the word that counts: a body cut short takes nothing from a 200.
            told = await self._read_off(response) if response.is_success else await _told(response)
        finally:
            await response.aclose()
        return Answer(
            status=response.status_code,
            wait_s=retry_after_s(response.headers, most_s=_MOST_WAIT_S),
            told=told,
        )

    async def _read_off(self, response: httpx.Response) -> str:
        """Read what nobody needs to know: else the connection could not be kept. Not for long."""
        with suppress(TimeoutError):
            async with Limit(self._clock, _READ_OFF_S):
                await _told(response)
        return ""

    async def _on_progress(self, event: str, _: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            self._is_sent = True

    def _judged(self, answer: Answer) -> str:
        host, status = self._target.host, answer.status
        reply = f"{status} {answer.told}".strip()
        if 200 <= status < 300:
            return f"{host} answered {status}"
        if 300 <= status < 400:
            raise ChannelBarred(f"{host} sends us elsewhere ({status}): enter the address it has now")
        if status in (401, 403):
            raise ChannelBarred(f"{host} does not let us in ({reply}): check the address, key and headers")
        if status in (404, 410):
            raise ChannelBarred(f"{host} has nothing at this address ({reply}): enter the address it has now")
        if status == 429 or (status == 503 and answer.wait_s):
            wait_s = answer.wait_s or _USUAL_WAIT_S
            raise RateLimited(f"{host} asks for a pause of {wait_s:.0f} s", retry_after_s=wait_s)
        if status in _PERHAPS:
            raise Uncertain(f"{host} answered {reply}: it may have arrived")
        if status in _LATER or not 400 <= status < 500:
            raise Undeliverable(f"{host} answered {reply}", retry=True)
        raise MessageRefused(f"{host} refused the message: {reply}")

    def _lost(self, error: httpx.HTTPError) -> Undeliverable:
        host = self._target.host
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Undeliverable(
                f"the certificate of {host} is not to be trusted ({cause.verify_message}); nothing was sent",
                retry=True,  # a hotel's network in between passes
            )
        if not self._is_sent:
            why = "it does not speak TLS there" if cause is not None else "nobody answers"
            return Undeliverable(f"{host}:{self._target.port} cannot be reached ({why})", retry=True)
        return self._broken("broke the connection off before it had answered")

    def _broken(self, what: str) -> Undeliverable:
        if self._is_sent:
            return Uncertain(f"{self._target.host} {what}: it may have arrived")
        return Undeliverable(f"{self._target.host} {what}", retry=True)


async def _told(response: httpx.Response) -> str:
    """Return what an answer says, in one line; nothing where it cannot be read."""
    body = bytearray()
    try:
        # Raw: what is packed stays so, however small it was made.
        async for piece in response.aiter_raw():
            body += piece
            if len(body) >= _MOST_ANSWER_BYTES:
                break
    except httpx.HTTPError:
        return ""
    text = bytes(body[: 4 * _TOLD_LENGTH]).decode("utf-8", "replace")
    return "" if "<" in text else cleaned(text, _TOLD_LENGTH, is_one_line=True)
