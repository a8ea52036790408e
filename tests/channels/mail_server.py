"""A mail server over a real socket: STARTTLS or TLS, sign-in, and refusals on request."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailServer:
    """Keeps the mails it takes. ``answers`` replaces its answer to MAIL, RCPT or DATA, by recipient too."""

    user: str = "desk@example.com"
    password: str = "right-horse-battery"
    answers: dict[str, str] = field(default_factory=dict)
    sign_in_answer: AuthResult | None = None
    before_data_answer: Callable[["SMTP"], Any] = lambda server: None
    envelopes: list[Envelope] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    sign_ins: int = 0
    connects: int = 0
    open_now: int = 0
    port: int = 0

    read: list[EmailMessage] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        # Each is read once: for every connection aiosmtpd looks at all that is in here.
        self.read += [
            message_from_bytes(envelope.original_content or b"", policy=default)  # type: ignore[misc]
            for envelope in self.envelopes[len(self.read) :]
        ]
        return self.read

    # --- aiosmtpd's hooks

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, self.answers.get("RCPT", "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        waits = self.before_data_answer(server)
        if asyncio.iscoroutine(waits):
            await waits
        return self.answers.get("DATA", "250 2.0.0 OK: queued as 4711")

    def sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any
    ) -> AuthResult:
        self.sign_ins += 1
        if self.sign_in_answer is not None:
            return self.sign_in_answer
        assert isinstance(login, LoginPassword)
        is_right = (login.login.decode(), login.password.decode()) == (self.user, self.password)
        if is_right:
            self.signed_in.append(login.login.decode())
        return AuthResult(success=is_right, handled=False)


class _Counted(SMTP):
    """Tells its server of each connection."""

    desk: MailServer

    def connection_made(self, transport: Any) -> None:
        if self.transport is None:  # not once more for the same line under TLS
            self.desk.connects += 1
            self.desk.open_now += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.desk.open_now -= 1
        super().connection_lost(error)


@asynccontextmanager
async def mail_server(
    tls: ssl.SSLContext | None,
    *,
    is_tls_from_start: bool = False,
    wants_sign_in: bool = True,
    **changes: Any,
) -> AsyncIterator[MailServer]:
    """Run one on 127.0.0.1; without ``tls`` it offers none."""
    desk = MailServer(**changes)

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sign-ins without STARTTLS: that is what is tested
            made = _Counted(
                desk,
                hostname="mail.example.com",
                tls_context=None if is_tls_from_start else tls,
                require_starttls=tls is not None and not is_tls_from_start,
                auth_required=wants_sign_in,
                auth_require_tls=not is_tls_from_start and tls is not None,
                authenticator=desk.sign_in,
                loop=asyncio.get_running_loop(),
            )
        made.desk = desk
        return made

    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", 0, ssl=tls if is_tls_from_start else None
    )
    desk.port = int(server.sockets[0].getsockname()[1])
    try:
        yield desk
    finally:
        server.close()
        await server.wait_closed()
