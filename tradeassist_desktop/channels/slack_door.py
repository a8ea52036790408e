"""The two ways into Slack: a bot's token and a channel, or the address of an incoming webhook."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tradeassist_desktop.channels.kind import ChannelContext
from tradeassist_desktop.channels.wording import cleaned
from tradeassist_desktop.domain.channels import ChannelUnavailable
from tradeassist_desktop.domain.secret import SLACK_BOT, SLACK_WEBHOOK

_TOKEN: Final = re.compile(r"xox[!-~]+")
_CHANNEL_LENGTH: Final = 80
_WANTED: Final = {"bot": "a bot token", "webhook": "the address of an incoming webhook"}


@dataclass(frozen=True, slots=True, repr=False)
class Bot:
    """An app's token and where it posts. Without a ``repr``, so that no log can show it."""

    base_url: str
    token: str
    channel: str


@dataclass(frozen=True, slots=True, repr=False)
class Webhook:
    """An incoming webhook; its address is a secret."""

    url: str


async def door(context: ChannelContext) -> Bot | Webhook:
    """Return the way the trader has opened: the token where there is one, unless he said otherwise.

    Raises:
        ChannelUnavailable: none is open; in words what to give.
    """
    settings, mode = context.settings, context.settings.text("slack.mode")
    bot = None if mode == "webhook" else await context.read_secret(SLACK_BOT)
    token = "" if bot is None else bot.get("token", "").strip()
    if token:
        channel = cleaned(settings.text("slack.channel"), _CHANNEL_LENGTH, is_one_line=True)
        fault = token_fault(token) or ("" if channel else "give the channel to post in, such as #alerts")
        if fault:
            raise _not_set_up(fault)
        return Bot(base_url=settings.text("slack.base_url"), token=token, channel=channel)
    hook = None if mode == "bot" else await context.read_secret(SLACK_WEBHOOK)
    url = "" if hook is None else hook.get("url", "").strip()
    if not url:
        wanted = _WANTED.get(mode) or " or ".join(_WANTED.values())
        raise _not_set_up(f"give {wanted} of your Slack app")
    is_own = context.is_dev and url.startswith("http://")
    fault = "" if is_own else address_fault(url)
    if fault:
        raise _not_set_up(fault)
    # Whoever knows the address is let in, and a log may hold its path alone.
    context.mask([urlsplit(url).path])
    return Webhook(url=url)


def _not_set_up(fault: str) -> ChannelUnavailable:
    return ChannelUnavailable(f"Slack is not set up: {fault}")


def token_fault(text: str) -> str:
    """Return what is wrong with a token, as far as it shows; empty for nothing."""
    return "" if _TOKEN.fullmatch(text.strip()) else "a bot token begins with xoxb- and has no spaces"


def refresh_token_fault(text: str) -> str:
    """Return what is wrong with a refresh token, as far as it shows; empty for nothing."""
    is_one = _TOKEN.fullmatch(text.strip()) and text.strip().startswith("xoxe-")
    return "" if is_one else "a refresh token begins with xoxe- and has no spaces"


def address_fault(text: str) -> str:
    """Return what is wrong with a webhook's address, as far as it shows; empty for nothing."""
    try:
        parts = urlsplit(text.strip())
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not text.isprintable() or parts.scheme != "https":
        return "a webhook's address begins with https:// and is copied whole"
    return ""
