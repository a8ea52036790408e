"""For every channel of the table a stand: the channel, set up for a real server on this machine."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from tests.channels.authority import Authority
from tests.channels.desk import ChannelDesk
from tests.channels.hook_server import hook_server
from tests.channels.mail_server import mail_server
from tests.channels.slack_desk import desk_on, texts_of
from tests.channels.slack_server import TOKEN, Fault, slack_server
from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.channels.kind import RemoteChannel


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A channel and what its receiver got.

    Args:
        port: Where the server listens.
        texts: Each message received, as people or programs read it there.
        markup: Each message received as far as its texts are taken for markup.
        sizes: Their lengths in bytes.
        keys: Their numbers, the same for each attempt at one message.
        hang: Has the server take the next message and not answer it.
        taken: How many messages the server has been given.
        secrets: What no log may show.
    """

    channel: RemoteChannel
    desk: ChannelDesk
    port: int
    texts: Callable[[], list[str]]
    markup: Callable[[], list[str]]
    sizes: Callable[[], list[int]]
    keys: Callable[[], list[str]]
    hang: Callable[[], None]
    taken: Callable[[], int]
    secrets: tuple[str, ...]


@asynccontextmanager
async def _slack(authority: Authority) -> AsyncIterator[Stand]:
    async with slack_server() as server:
        desk = desk_on(authority.folder, server)
        channel = CHANNELS["slack"].build(desk.context)
        yield Stand(
            channel=channel,
            desk=desk,
            port=server.port,
            texts=lambda: ["\n".join(texts_of(post)) for post in server.posts],
            markup=lambda: ["\n".join(texts_of(post)) for post in server.posts],
            sizes=lambda: [len(json.dumps(post)) for post in server.posts],
            keys=lambda: [post["client_msg_id"] for post in server.posts],
            hang=lambda: server.answers.append(Fault.HANG),
            taken=lambda: len(server.posts),
            secrets=(TOKEN,),
        )
        await channel.close()


@asynccontextmanager
async def _email(authority: Authority) -> AsyncIterator[Stand]:
    async with mail_server(authority.serving("127.0.0.1")) as server:
        desk = ChannelDesk(
            folder=authority.folder,
            given={
                "smtp.host": "127.0.0.1",
                "smtp.port": str(server.port),
                "smtp.from": "desk@example.com",
                "smtp.to": "trader@example.com",
            },
            secrets={"smtp": {"user": server.user, "password": server.password}},
            tls=authority.trusting,
        )
        channel = CHANNELS["email"].build(desk.context)

        def part(kind: str) -> list[str]:
            found = [mail.get_body((kind,)) for mail in server.mails]
            return [str(body.get_content()) for body in found if body is not None]

        def hang() -> None:
            server.before_data_answer = lambda smtp: asyncio.Event().wait()

        yield Stand(
            channel=channel,
            desk=desk,
            port=server.port,
            texts=lambda: [
                f"{mail['Subject']}\n{text}" for mail, text in zip(server.mails, part("plain"), strict=True)
            ],
            markup=lambda: part("html"),
            sizes=lambda: [len(envelope.original_content or b"") for envelope in server.envelopes],
            keys=lambda: [str(mail["Message-ID"]) for mail in server.mails],
            hang=hang,
            taken=lambda: len(server.envelopes),
            secrets=(server.password,),
        )
        await channel.close()


@asynccontextmanager
async def _webhook(authority: Authority) -> AsyncIterator[Stand]:
    async with hook_server(authority.serving("127.0.0.1")) as hook:
        origin = f"https://127.0.0.1:{hook.port}"
        desk = ChannelDesk(
            folder=authority.folder,
            given={"webhook.allow_private": origin},
            secrets={
                "webhook.main": {"url": f"{origin}/hooks/path-that-lets-in"},
                "webhook.hmac": {"key": "key-that-signs-all"},
                "webhook.headers": {"lines": "Authorization: Bearer word-of-the-trader"},
            },
            tls=authority.trusting,
        )
        channel = CHANNELS["webhook"].build(desk.context)

        def hang() -> None:
            async def wait() -> None:
                await asyncio.Event().wait()

            hook.before_answer = wait

        yield Stand(
            channel=channel,
            desk=desk,
            port=hook.port,
            texts=lambda: [_strings(received.document) for received in hook.received],
            markup=lambda: [],  # JSON: its texts are what they are
            sizes=lambda: [len(received.body) for received in hook.received],
            keys=lambda: [received.headers["Idempotency-Key"] for received in hook.received],
            hang=hang,
            taken=lambda: len(hook.received),
            secrets=("path-that-lets-in", "key-that-signs-all", "word-of-the-trader"),
        )
        await channel.close()


def _strings(value: object) -> str:
    if isinstance(value, dict):
        return "\n".join(_strings(part) for part in value.values())
    return "\n".join(map(_strings, value)) if isinstance(value, list) else str(value)


STANDS: Final[Mapping[str, Callable[[Authority], AbstractAsyncContextManager[Stand]]]] = {
    "slack": _slack,
    "email": _email,
    "webhook": _webhook,
}
