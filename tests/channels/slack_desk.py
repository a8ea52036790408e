"""A Slack channel that is set up for a Slack on this machine."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.channels.desk import ChannelDesk, message
from tests.channels.slack_server import CHANNEL, TOKEN, Answer, Fault, SlackServer, slack_server
from tradeassist_desktop.channels.slack import SlackChannel
from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.domain.messages import Message

BOT = {"slack.bot": {"token": TOKEN}}


def desk_on(
    folder: Path, server: SlackServer, *, port: int | None = None, base_url: str = "", **changes: Any
) -> ChannelDesk:
    """Return what a channel is made of: a bot's token, unless ``secrets`` says otherwise."""
    given = {
        "slack.base_url": base_url or f"http://127.0.0.1:{port or server.port}/api",
        "slack.channel": CHANNEL,
        **changes.pop("given", {}),
    }
    return ChannelDesk(folder=folder, given=given, is_dev=True, **{"secrets": BOT, **changes})


@asynccontextmanager
async def slack_at(
    folder: Path,
    *answers: Answer | Fault | None,
    timeout_s: float = 5.0,
    by_webhook: bool = False,
    **changes: Any,
) -> AsyncIterator[tuple[SlackServer, SlackChannel]]:
    """Run a Slack and a channel that posts there."""
    async with slack_server(*answers) as server:
        if by_webhook:
            changes["secrets"] = {"slack.webhook": {"url": server.hook_url}}
        channel = SlackChannel(context=desk_on(folder, server, **changes).context, timeout_s=timeout_s)
        try:
            yield server, channel
        finally:
            await channel.close()


async def failure_of(channel: SlackChannel, sent: Message | None = None) -> Undeliverable:
    """Return how sending fails."""
    try:
        receipt = await channel.send(sent or message())
    except Undeliverable as error:
        return error
    raise AssertionError(f"it was delivered: {receipt}")


def texts_of(body: Mapping[str, Any]) -> list[str]:
    """Return every text in a posted message, its fallback too."""
    found = [body["text"]] if "text" in body else []
    for block in body.get("blocks", ()):
        parts = [block["text"]] if "text" in block else []
        found += [part["text"] for part in (*parts, *block.get("fields", ()), *block.get("elements", ()))]
    return found
