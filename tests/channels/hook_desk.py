"""A webhook channel that is set up for a receiver on this machine, by a name of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.channels.authority import Authority
from tests.channels.desk import ChannelDesk
from tests.channels.hook_server import HookServer, hook_server
from tradeassist_desktop.channels.webhook import WebhookChannel

NAME = "hook.example"


class Names:
    """Looks names up from a list of answers, the last of which stays."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return [self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]]


def desk_of(
    authority: Authority, port: int, *, path: str = "/hooks/T0P-SECRET", **changes: Any
) -> ChannelDesk:
    secrets = {"webhook.main": {"url": f"https://{NAME}:{port}{path}"}, **changes.pop("secrets", {})}
    return ChannelDesk(
        folder=authority.folder,
        given={"webhook.allow_private": f"https://{NAME}:{port}"},
        tls=authority.trusting,
        secrets=secrets,
        **changes,
    )


@asynccontextmanager
async def serving(authority: Authority, **changes: Any) -> AsyncIterator[tuple[HookServer, WebhookChannel]]:
    """Run a receiver at ``hook.example``, and a channel that is set up for it."""
    desk_changes = {name: changes.pop(name) for name in ("clock", "secrets", "path") if name in changes}
    async with hook_server(authority.serving(NAME), **changes) as hook:
        desk = desk_of(authority, hook.port, **desk_changes)
        yield hook, WebhookChannel(desk.context, resolve=Names("127.0.0.1").resolve)
