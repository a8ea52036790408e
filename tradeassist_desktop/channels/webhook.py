"""The webhook: a signed POST of JSON to an address of the trader's."""

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.channels.kind import ChannelContext, ChannelField, ChannelKind
from tradeassist_desktop.domain.channels import ChannelTraits, ChannelUnavailable, Receipt, Undeliverable
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.secret import WEBHOOK, WEBHOOK_HEADERS, WEBHOOK_HMAC
from tradeassist_desktop.runtime.aside import aside

if TYPE_CHECKING:
    from tradeassist_desktop.channels.webhook_guard import Resolve, Target
    from tradeassist_desktop.channels.webhook_line import Line

_LIMIT_S: Final = 12.0
_USUAL_HEADERS: Final = {
    "Content-Type": "application/json",
    "User-Agent": "TradeAssist-Desktop",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
}
"""Where the trader has set none of his own, however he writes its name."""


def _check_address(text: str) -> str:
    from tradeassist_desktop.channels.webhook_guard import target_of

    return _refusal(lambda: target_of(text))


def _check_headers(text: str) -> str:
    from tradeassist_desktop.channels.webhook_guard import further_headers

    return _refusal(lambda: further_headers(text))


def _check_key(text: str) -> str:
    from tradeassist_desktop.channels.webhook_text import signature

    return _refusal(lambda: signature(text, of_id="", timestamp=0, body=b""))


def _refusal(read: Callable[[], object]) -> str:
    try:
        read()
    except Undeliverable as error:
        return error.reason
    return ""


_FIELDS: Final = (
    ChannelField(
        key="url",
        secret=WEBHOOK,
        label="Address",
        hint="Begins with https://; kept like a password, as its path often is one.",
        is_hidden=True,
        check=_check_address,
    ),
    ChannelField(
        key="key",
        secret=WEBHOOK_HMAC,
        label="Signing key",
        hint="A word of yours, or whsec_…; the receiver checks signatures with it (Standard Webhooks).",
        is_hidden=True,
        is_optional=True,
        check=_check_key,
    ),
    ChannelField(
        key="lines",
        secret=WEBHOOK_HEADERS,
        label="Headers",
        hint="Such as Authorization: Bearer …, one a line.",
        is_hidden=True,
        is_optional=True,
        check=_check_headers,
    ),
    ChannelField(
        key="webhook.allow_private",
        label="Private addresses",
        hint="Receivers in your own network it may go to, such as http://192.168.1.20:8123.",
        is_optional=True,
    ),
)


class WebhookChannel:
    """Posts each message once to the address that is set at the time.

    Args:
        resolve: Looks names up; by default as this machine does.
    """

    name: Final = "webhook"
    traits: Final = ChannelTraits(
        is_local=False, digest_above=20, expires_s=12 * 3600.0, attempt_s=_LIMIT_S + 12
    )

    def __init__(self, context: ChannelContext, *, resolve: "Resolve | None" = None) -> None:
        self._context = context
        self._resolve = resolve
        self._tls: ssl.SSLContext | None = None
        self._lines: dict[str, Line] = {}

    async def missing(self) -> str:
        """Return in words that there is no address; empty where there is one."""
        if await self._secret(WEBHOOK, "url"):
            return ""
        return "The webhook is not set up: Address must be given"

    async def send(self, message: Message) -> Receipt:
        """Post one message; one call is one request.

        Raises:
            Undeliverable: it was not taken.
        """
        from tradeassist_desktop.channels.webhook_guard import (
            addresses_of,
            further_headers,
            is_allowed,
            system_resolve,
            target_of,
        )
        from tradeassist_desktop.channels.webhook_request import Post
        from tradeassist_desktop.channels.webhook_text import encoded, identity, signature

        if missing := await self.missing():
            raise ChannelUnavailable(missing)
        target = target_of(await self._secret(WEBHOOK, "url"))
        # Libraries log and errors quote the path alone too.
        self._context.mask([target.url.raw_path.decode("ascii"), target.url.path])
        own = further_headers(await self._secret(WEBHOOK_HEADERS, "lines"))
        self._context.mask(value.rpartition(" ")[2] for value in own.values())
        body, id_ = encoded(message), identity(message.idempotency_key)
        timestamp = self._context.clock.now_ns() // NS_PER_SECOND
        given = {name.lower() for name in own}
        headers = {
            **{name: value for name, value in _USUAL_HEADERS.items() if name.lower() not in given},
            **own,
            "Idempotency-Key": id_,
            "webhook-id": id_,
            "webhook-timestamp": str(timestamp),
        }
        if key := await self._secret(WEBHOOK_HMAC, "key"):
            headers["webhook-signature"] = signature(key, of_id=id_, timestamp=timestamp, body=body)
        addresses = await addresses_of(
            target,
            may_be_private=is_allowed(target, self._context.settings.names("webhook.allow_private")),
            resolve=self._resolve or system_resolve,
            clock=self._context.clock,
        )
        post = Post(
            target=target,
            addresses=addresses,
            headers=headers,
            body=body,
            line=await self._line_to(target),
            clock=self._context.clock,
        )
        return Receipt(detail=await post.send(limit_s=_LIMIT_S), reference=id_)

    async def close(self) -> None:
        """Close what the last posts have left open."""
        lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            await line.close()

    async def _secret(self, name: str, field: str) -> str:
        return ((await self._context.read_secret(name)) or {}).get(field, "")

    async def _line_to(self, target: "Target") -> "Line":
        from tradeassist_desktop.channels.webhook_line import Line

        if self._tls is None:
            self._tls = await aside(self._context.tls, name="certificates")
        if target.origin not in self._lines:
            self._lines[target.origin] = Line(clock=self._context.clock, tls=self._tls)
        return self._lines[target.origin]


WEBHOOK_KIND: Final = ChannelKind(
    name="webhook", title="Webhook", fields=_FIELDS, breaker="webhook", build=WebhookChannel
)
