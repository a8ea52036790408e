"""An e-mail channel that is set up for a mail server on this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.channels.authority import Authority
from tests.channels.desk import ChannelDesk
from tests.channels.mail_server import MailServer, mail_server
from tests.tcp_proxy import TcpProxy, tcp_proxy
from tradeassist_desktop.channels.email import EmailChannel


def desk_of(authority: Authority, port: int, **changes: Any) -> ChannelDesk:
    given = {
        "smtp.host": "127.0.0.1",
        "smtp.port": str(port),
        "smtp.from": "desk@example.com",
        "smtp.to": "trader@example.com",
        **changes.pop("given", {}),
    }
    secrets = {"smtp": {"user": "desk@example.com", "password": "right-horse-battery"}}
    return ChannelDesk(
        folder=authority.folder,
        given=given,
        tls=authority.trusting,
        **{"secrets": secrets, **changes},
    )


@asynccontextmanager
async def serving(authority: Authority, **changes: Any) -> AsyncIterator[tuple[MailServer, EmailChannel]]:
    """Run a mail server with STARTTLS, and a channel that is set up for it."""
    given = changes.pop("given", {})
    desk_changes = {name: changes.pop(name) for name in ("clock", "secrets") if name in changes}
    async with mail_server(authority.serving("127.0.0.1"), **changes) as server:
        yield server, EmailChannel(desk_of(authority, server.port, given=given, **desk_changes).context)


@asynccontextmanager
async def behind_proxy(
    authority: Authority, *, clock: Any = None
) -> AsyncIterator[tuple[MailServer, TcpProxy, EmailChannel]]:
    async with mail_server(authority.serving("127.0.0.1")) as server, tcp_proxy(server.port) as proxy:
        changes = {} if clock is None else {"clock": clock}
        yield server, proxy, EmailChannel(desk_of(authority, proxy.port, **changes).context)
