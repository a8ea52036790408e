"""One mail handed to one server over SMTP, and what its answers mean."""

import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import aiosmtplib

from tradeassist_desktop.channels.wording import cleaned
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    MessageRefused,
    RateLimited,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

# An address literal: our own name is nobody's business, and finding it out may block on DNS.
_OUR_NAME: Final = "[127.0.0.1]"
_REPLY_LENGTH: Final = 200
_GOODBYE_S: Final = 1.0
_WITH_SYSTEM: Final = "5.7.9"  # Google's word for "an app password is needed"
_QUOTA: Final = "5.4.5"  # Google's and others' word for "no more mails from you today"; else for congestion
_QUOTA_WAIT_S: Final = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails go, and as whom. ``user`` is empty where the server wants no sign-in."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the server took. ``refused`` and ``later`` are the others, each with its answer.

    ``answer`` is to the mail itself: empty where it is for nobody, and was not handed over.
    ``later`` may be taken at another try (greylisting); ``refused`` never will.
    """

    answer: str
    refused: Mapping[str, str]
    later: Mapping[str, str]


class MailSession:
    """One connection for one mail; a second attempt needs a new one.

    Args:
        tls: What the server's certificate is checked against.
    """

    def __init__(self, *, server: MailServer, tls: ssl.SSLContext) -> None:
        self._server = server
        self._client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=False,  # done by hand: the library would go on without it
            tls_context=tls,
            local_hostname=_OUR_NAME,
            timeout=None,  # one limit for all of it
        )
        self._doing = "connecting"
        self._is_handed_over = False

    async def hand_over(
        self, content: bytes, *, sender: str, recipients: Sequence[str], clock: Clock, limit_s: float
    ) -> Accepted:
        """Deliver ``content`` to the server within ``limit_s`` seconds.

        Raises:
            Undeliverable: it did not take the mail; see the kinds.
        """
        try:
            return await within(clock, limit_s, self._converse(content, sender, recipients, clock))
        except TimeoutError:
            raise self._broken(f"did not answer within {limit_s:g} s while {self._doing}") from None

    async def _converse(
        self, content: bytes, sender: str, recipients: Sequence[str], clock: Clock
    ) -> Accepted:
        client = self._client
        try:
            await self._connect()
            await self._sign_in()
            self._doing = "naming sender and recipients"
            await client.mail(sender)
            taken, refused, later = await self._name(recipients)
            if not taken:
                return Accepted(answer="", refused=refused, later=later)
            self._doing, self._is_handed_over = "taking the mail", True
            answer = await client.data(content)
            await self._say_goodbye(clock)
            return Accepted(answer=_told(answer.message), refused=refused, later=later)
        except aiosmtplib.SMTPException as error:
            raise self._in_words(error) from error
        except OSError as error:
            raise self._lost(error) from error
        finally:
            # Not closed but cut: a TLS goodbye may wait half a minute for a server that stalls.
            if client.transport is not None:
                client.transport.abort()  # type: ignore[attr-defined]  # asyncio's own transports have it
            client.close()

    async def _connect(self) -> None:
        client = self._client
        await client.connect()
        self._doing = "greeting"
        await client.ehlo()
        if self._server.security != "starttls":
            return
        if not client.supports_extension("starttls"):
            raise ChannelBarred(
                f"{self._server.host} offers no STARTTLS on port {self._server.port}, and without it "
                "anybody on the way could read the mail: set Encryption to tls (mostly port 465)"
            )
        self._doing = "starting TLS"
        await client.starttls()
        await client.ehlo()

    async def _sign_in(self) -> None:
        client, server = self._client, self._server
        if not server.user:
            return
        self._doing = "signing in"
        offered = client.server_auth_methods
        # One method, once: to try all with a wrong password locks accounts.
        if "plain" in offered:
            await client.auth_plain(server.user, server.password)
        elif "login" in offered:
            await client.auth_login(server.user, server.password)
        elif "cram-md5" in offered:
            await client.auth_crammd5(server.user, server.password)
        else:
            ways = ", ".join(offered) or "none"
            raise ChannelBarred(
                f"{server.host} offers no way to sign in with a password (it offers: {_told(ways)})"
            )

    async def _name(self, recipients: Sequence[str]) -> tuple[list[str], dict[str, str], dict[str, str]]:
        taken: list[str] = []
        refused: dict[str, str] = {}
        later: dict[str, str] = {}
        for recipient in recipients:
            try:
                await self._client.rcpt(recipient)
            except aiosmtplib.SMTPRecipientRefused as error:
                if error.code == 421 or _is_quota(error):  # and then it hangs up, or takes nobody
                    raise
                (later if _is_passing(error.code) else refused)[recipient] = _reply(error)
            else:
                taken.append(recipient)
        return taken, refused, later

    async def _say_goodbye(self, clock: Clock) -> None:
        """Take leave; the mail is delivered whatever becomes of it."""
        try:
            await within(clock, _GOODBYE_S, self._client.quit())
        except (aiosmtplib.SMTPException, OSError):  # a TimeoutError is one
            return

    # --- what it means

    def _in_words(self, error: aiosmtplib.SMTPException) -> Undeliverable:
        host = self._server.host
        if isinstance(error, aiosmtplib.SMTPServerDisconnected):
            return self._broken(f"broke the connection off while {self._doing}")
        if isinstance(error, aiosmtplib.SMTPConnectError) and isinstance(error.__cause__, OSError):
            return self._lost(error.__cause__)
        if not isinstance(error, aiosmtplib.SMTPResponseException) or error.code < 400:
            return self._broken(f"answered what no mail server says while {self._doing}")
        reply = _reply(error)
        if _is_passing(error.code):
            return Undeliverable(f"{host} asks to try again later: {reply}", retry=True)
        if _is_quota(error):
            return RateLimited(f"{host} takes no more mails for now: {reply}", retry_after_s=_QUOTA_WAIT_S)
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            hint = ": your provider wants an app password" if _WITH_SYSTEM in error.message else ""
            return ChannelBarred(f"{host} does not take the user name and password{hint} ({reply})")
        if isinstance(error, aiosmtplib.SMTPDataError):
            return MessageRefused(f"{host} refused the mail: {reply}")
        if error.code == 530:
            return ChannelBarred(f"{host} wants a user name and password: enter them ({reply})")
        if isinstance(error, aiosmtplib.SMTPSenderRefused):
            return ChannelBarred(f"{host} takes no mail from the address in From: {reply}")
        return ChannelBarred(f"{host} turns this computer away while {self._doing}: {reply}")

    def _lost(self, error: OSError) -> Undeliverable:
        """Return what a fault of the network, or of TLS, means."""
        server = self._server
        if isinstance(error, ssl.SSLCertVerificationError):
            return Undeliverable(
                f"the certificate of {server.host} is not to be trusted ({error.verify_message}); "
                "nothing was sent. Check Server: it must be the name in the certificate",
                retry=True,  # a hotel's network in between passes
            )
        if isinstance(error, ssl.SSLError):
            return ChannelBarred(
                f"{server.host} does not speak TLS on port {server.port} ({error.reason or 'no reason'}): "
                "tls goes with port 465, starttls with 587"
            )
        if self._doing == "connecting":
            return Undeliverable(
                f"{server.host}:{server.port} cannot be reached ({_cause(error)})", retry=True
            )
        return self._broken(f"broke the connection off while {self._doing}")

    def _broken(self, what: str) -> Undeliverable:
        if self._is_handed_over:
            return Uncertain(f"{self._server.host} {what}: it may have arrived")
        return Undeliverable(f"{self._server.host} {what}", retry=True)


def _is_quota(error: aiosmtplib.SMTPResponseException) -> bool:
    return error.message.startswith(_QUOTA)


def _is_passing(code: int) -> bool:
    return 400 <= code < 500


def _reply(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {_told(error.message)}".strip()


def _told(text: str) -> str:
    return cleaned(text, _REPLY_LENGTH, is_one_line=True)


def _cause(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "there is no such name, or no network"
    if isinstance(error, ConnectionRefusedError):
        return "nobody answers on that port"
    return error.strerror or _told(str(error)) or type(error).__name__
