"""E-mail over SMTP, encrypted."""

import base64
import ipaddress
import ssl
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.channels.kind import ChannelContext, ChannelField, ChannelKind
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    ChannelTraits,
    ChannelUnavailable,
    Receipt,
    Undeliverable,
)
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.secret import SMTP
from tradeassist_desktop.runtime.aside import aside

if TYPE_CHECKING:
    from tradeassist_desktop.channels.email_session import MailServer

_LIMIT_S: Final = 40.0
_SETTLED_KEPT: Final = 1_000

_FIELDS: Final = (
    ChannelField(key="smtp.host", label="Server", hint="Your provider's, such as smtp.example.com."),
    ChannelField(key="smtp.port", label="Port", hint="587 for starttls, 465 for tls.", is_optional=True),
    ChannelField(
        key="smtp.security",
        label="Encryption",
        hint="starttls begins it after the greeting, tls from the first byte.",
        is_optional=True,
    ),
    ChannelField(
        key="user",
        secret=SMTP,
        label="User name",
        hint="Mostly your address; empty where the server asks for none.",
        is_optional=True,
    ),
    ChannelField(
        key="password",
        secret=SMTP,
        label="Password",
        hint="Many providers want an app password, made for this program alone.",
        is_hidden=True,
        is_optional=True,
    ),
    ChannelField(key="smtp.from", label="From", hint="The address alerts come from; mostly your own."),
    ChannelField(key="smtp.to", label="To", hint="Who gets them; several with commas."),
)


class EmailChannel:
    """Sends each message as one mail over a connection of its own.

    Settings and credentials are read at each attempt. A recipient who is put off (greylisting) has
    the attempt fail; the next goes to those alone who have been neither reached nor refused. A mail
    that has reached somebody is delivered, and its receipt names whom it has not reached.
    """

    name: Final = "email"
    traits: Final = ChannelTraits(
        is_local=False, interval_s=2.0, digest_above=5, expires_s=48 * 3600.0, attempt_s=_LIMIT_S + 5
    )

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        self._settings = context.settings
        self._tls: ssl.SSLContext | None = None
        self._settled: OrderedDict[str, Mapping[str, str]] = OrderedDict()

    async def missing(self) -> str:
        """Return which settings are empty, in words."""
        fields = [field.label for field in _FIELDS if not field.is_optional and not self._is_given(field.key)]
        return f"E-mail is not set up: {', '.join(fields)} must be given" if fields else ""

    async def send(self, message: Message) -> Receipt:
        """Send one mail; the receipt's reference is its ``Message-ID``.

        Raises:
            Undeliverable: it was not taken for every recipient.
        """
        if missing := await self.missing():
            raise ChannelUnavailable(missing)
        sender, recipients = self._settings.text("smtp.from"), self._settings.names("smtp.to")
        now_ns = self._context.clock.now_ns()
        # The first time it imports for a tenth of a second, and later it writes for some milliseconds.
        identity, content = await aside(
            partial(_written, message, sender, recipients, now_ns), name="writing an e-mail"
        )
        from tradeassist_desktop.channels.email_session import MailSession

        server = await self._server()
        settled = self._settled.get(identity, {})
        left = [recipient for recipient in recipients if recipient not in settled]
        if not left:  # those who were put off have been taken out of the settings since
            return self._receipt(identity, "taken earlier", settled)
        session = MailSession(server=server, tls=await self._usual_tls())
        accepted = await session.hand_over(
            content,
            sender=sender,
            recipients=left,
            clock=self._context.clock,
            limit_s=_LIMIT_S,
        )
        ends = {recipient: accepted.refused.get(recipient, "") for recipient in left}
        settled = {**settled, **{who: why for who, why in ends.items() if who not in accepted.later}}
        if accepted.later:
            self._remember(identity, settled)
            raise Undeliverable(f"not taken yet for {_named(accepted.later)}", retry=True)
        return self._receipt(identity, accepted.answer or "taken earlier", settled)

    async def close(self) -> None:
        """Nothing stays open between two mails."""

    def _is_given(self, key: str) -> bool:
        return bool(self._settings.names(key) if key == "smtp.to" else self._settings.text(key))

    async def _server(self) -> "MailServer":
        from tradeassist_desktop.channels.email_session import MailServer

        host, security = self._settings.text("smtp.host"), self._settings.text("smtp.security")
        if security == "none" and not (self._context.is_dev and _is_this_machine(host)):
            raise ChannelBarred(
                f"a mail to {host} without encryption could be read by anybody on the way: "
                "set Encryption to starttls or tls"
            )
        login = await self._context.read_secret(SMTP) or {}
        user, password = login.get("user", ""), login.get("password", "")
        # What a password looks like on the wire, should a server's answer repeat it.
        self._context.mask(
            base64.b64encode(text.encode()).decode()
            for text in (password, f"\0{user}\0{password}")
            if password
        )
        return MailServer(
            host=host,
            port=int(self._settings.number("smtp.port")),
            security=security,
            user=user,
            password=password,
        )

    async def _usual_tls(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = await aside(self._context.tls, name="certificates")
        return self._tls

    def _receipt(self, identity: str, answer: str, settled: Mapping[str, str]) -> Receipt:
        self._settled.pop(identity, None)
        lost = {recipient: why for recipient, why in settled.items() if why}
        if len(lost) == len(settled):
            host = self._settings.text("smtp.host")
            raise Undeliverable(f"{host} takes no mail for {_named(lost)}", retry=False)
        detail = f"{answer}; refused for {_named(lost)}" if lost else answer
        return Receipt(detail=detail, reference=identity)

    def _remember(self, identity: str, settled: Mapping[str, str]) -> None:
        self._settled[identity] = settled
        if len(self._settled) > _SETTLED_KEPT:
            self._settled.popitem(last=False)


def _written(message: Message, sender: str, recipients: Sequence[str], now_ns: int) -> tuple[str, bytes]:
    """Return a mail's ``Message-ID`` and bytes, with all imported that sending it needs."""
    import tradeassist_desktop.channels.email_session  # noqa: F401
    from tradeassist_desktop.channels.email_text import email_of, message_id

    mail = email_of(message, sender=sender, recipients=recipients, now_ns=now_ns)
    return message_id(message.idempotency_key, sender), mail.as_bytes()


def _named(reasons: Mapping[str, str]) -> str:
    return ", ".join(f"{recipient} ({why})" for recipient, why in reasons.items())


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


EMAIL: Final = ChannelKind(name="email", title="E-mail", fields=_FIELDS, breaker="smtp", build=EmailChannel)
