"""Slack: by an app's bot token, or by an incoming webhook."""

import json
import re
import ssl
import uuid
from typing import Any, Final

from tradeassist_desktop.channels.kind import ChannelContext, ChannelField, ChannelKind
from tradeassist_desktop.channels.slack_blocks import rendered
from tradeassist_desktop.channels.slack_door import (
    Bot,
    Webhook,
    address_fault,
    door,
    refresh_token_fault,
    token_fault,
)
from tradeassist_desktop.channels.slack_line import NoAnswer, NotSent, SlackLine, warm_up
from tradeassist_desktop.channels.slack_pictures import SlackPictures
from tradeassist_desktop.channels.slack_verdict import Posted, posted_by_bot, posted_by_webhook
from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.channels import (
    ChannelTraits,
    MessageRefused,
    Misshapen,
    Receipt,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.domain.delivery import Cause
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.secret import SLACK_BOT, SLACK_WEBHOOK
from tradeassist_desktop.runtime.aside import aside

TIMEOUT_S: Final = 8.0
"""For one request; the attempt's time is longer, so that it can be said how far the request got."""

_NUMBERS: Final = uuid.UUID("6f1c0f0e-3d0a-5c39-9b1e-0c7a4b6a9d21")
_STAMP: Final = re.compile(r"[0-9]{1,20}\.[0-9]{1,10}")
_PLAIN_KEPT: Final = 200


class SlackChannel:
    """Posts messages; one call of ``send`` is one request that posts.

    What Slack found wrong in a message's shape (too long, a layout or a thread it does not take) is
    sent as plain text by the next attempt: the attempt itself is over, as one row stands for one
    request. A picture of the chart follows by itself, once its message is delivered.

    What comes after an alert (a reminder, an escalation, that it has cleared) answers in its thread; a
    new firing begins one. A reply notifies nobody, so that it is shown in the channel too, unless it
    is a reminder below high priority, or tells that the alert has cleared.
    """

    name: Final = "slack"
    traits: Final = ChannelTraits(
        is_local=False, interval_s=1.0, digest_above=10, expires_s=12 * 3600.0, attempt_s=TIMEOUT_S + 7
    )

    def __init__(self, *, context: ChannelContext, timeout_s: float = TIMEOUT_S) -> None:
        self._context = context
        self._timeout_s = timeout_s
        self._is_warm = False
        self._tls: ssl.SSLContext | None = None
        self._plain: dict[str, None] = {}  # what is to go out as plain text, oldest first
        self._pictures = SlackPictures(illustrator=context.illustrator, clock=context.clock)

    async def missing(self) -> str:
        """Return in words what has to be given before anything can be sent; empty where nothing is."""
        try:
            await door(self._context)
        except Undeliverable as error:
            return error.reason
        return ""

    async def send(self, message: Message) -> Receipt:
        """Post one message.

        Raises:
            ChannelUnavailable: no token and no webhook was given, or no channel.
            ChannelBarred: Slack does not take the token or the webhook.
            RateLimited: Slack asks to wait.
            Uncertain: it may have arrived.
            Misshapen: Slack did not take it so; it goes out as plain text next time.
            MessageRefused: Slack did not take it as plain text either.
            Undeliverable: it has not arrived.
        """
        way = await door(self._context)
        is_plain = _number(message) in self._plain
        line = await self._line(way)
        try:
            posted = await self._post(line, way, message, is_plain=is_plain)
        except NotSent as error:
            raise Undeliverable(str(error), retry=True) from None
        except NoAnswer as error:
            raise Uncertain(str(error)) from None
        except Misshapen as error:
            if is_plain:
                raise MessageRefused(error.reason) from None
            self._remember_plain(message)
            raise Misshapen(f"{error.reason}: next time it goes out as plain text") from None
        self._plain.pop(_number(message), None)
        if isinstance(way, Webhook):
            return Receipt("posted by webhook")
        if self._context.settings.flag("slack.pictures"):
            self._pictures.follow(message, line=line, bot=way, posted=posted)
        note = self._pictures.take_note()
        return Receipt(f"posted in {way.channel}{f'; {note}' if note else ''}", posted.reference(way))

    @property
    def is_drawing(self) -> bool:
        """Whether a picture is under way."""
        return self._pictures.is_busy

    async def close(self) -> None:
        """Let go of what is under way; nothing is sent afterwards."""
        await self._pictures.close()

    async def _line(self, way: Bot | Webhook) -> SlackLine:
        url = way.url if isinstance(way, Webhook) else way.base_url
        if not self._is_warm:
            # A fifth of a second of reading files, which must not stop the window.
            await aside(warm_up, name="Slack")
            self._is_warm = True
        if url.startswith("https:") and self._tls is None:
            self._tls = await aside(self._context.tls, name="certificates")
        return SlackLine(timeout_s=self._timeout_s, tls=self._tls if url.startswith("https:") else None)

    # --- one message

    async def _post(self, line: SlackLine, way: Bot | Webhook, message: Message, *, is_plain: bool) -> Posted:
        look = rendered(message, is_plain=is_plain)
        body: dict[str, Any] = {
            "text": look.text,
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if not is_plain:
            body |= {"blocks": list(look.blocks), **_metadata(message)}
        if isinstance(way, Webhook):
            return posted_by_webhook(await line.post(way, body))
        body |= {"channel": way.channel, "link_names": False, "parse": "none"}
        root = _thread(message.reply_to, way) if _answers(message) and not is_plain else None
        if root is not None:
            body |= {"thread_ts": root, "reply_broadcast": _shows_in_channel(message)}
        if message.idempotency_key and not is_plain:
            # Of two messages with one number Slack keeps the first.
            body["client_msg_id"] = str(uuid.uuid5(_NUMBERS, message.idempotency_key))
        answer = await line.call(way, "chat.postMessage", body)
        return posted_by_bot(answer, channel=way.channel, root=root)

    def _remember_plain(self, message: Message) -> None:
        self._plain[_number(message)] = None
        while len(self._plain) > _PLAIN_KEPT:
            del self._plain[next(iter(self._plain))]


def _number(message: Message) -> str:
    return message.idempotency_key or message.alert_id


def _metadata(message: Message) -> dict[str, Any]:
    if not message.idempotency_key:
        return {}
    payload = {"idempotency_key": message.idempotency_key, "alert_id": message.alert_id}
    return {"metadata": {"event_type": "tradeassist_alert", "event_payload": payload}}


def _thread(reference: str, bot: Bot) -> str | None:
    """Return the first message of the thread to answer in; ``None`` for none, or one of another channel."""
    try:
        earlier = json.loads(reference)
    except ValueError:
        return None
    if not isinstance(earlier, dict) or earlier.get("to") != bot.channel:
        return None
    # Slack wants the message a thread began with, not a reply in it.
    root = earlier.get("thread_ts") or earlier.get("ts")
    return root if isinstance(root, str) and _STAMP.fullmatch(root) else None


def _answers(message: Message) -> bool:
    return message.cause is not Cause.FIRED or message.status is AlertStatus.CLEARED


def _shows_in_channel(message: Message) -> bool:
    is_reminder = message.cause is Cause.REPEAT and message.priority in (Priority.LOW, Priority.NORMAL)
    return not is_reminder and message.status is not AlertStatus.CLEARED


def _build(context: ChannelContext) -> SlackChannel:
    return SlackChannel(context=context)


SLACK: Final = ChannelKind(
    name="slack",
    title="Slack",
    fields=(
        ChannelField(
            key="token",
            label="Bot token",
            hint="Of your Slack app: OAuth & Permissions, Bot User OAuth Token; begins xoxb-.",
            secret=SLACK_BOT,
            is_hidden=True,
            is_optional=True,
            check=token_fault,
        ),
        ChannelField(
            key="slack.channel",
            label="Channel",
            hint="Such as #alerts, or its id. Invite the app to it: /invite and the app's name.",
            is_optional=True,
        ),
        ChannelField(
            key="url",
            label="Webhook address",
            hint="Instead of a token: an incoming webhook of your Slack app, for one channel.",
            secret=SLACK_WEBHOOK,
            is_hidden=True,
            is_optional=True,
            check=address_fault,
        ),
        ChannelField(
            key="slack.mode",
            label="Way",
            hint="auto posts with the token where there is one.",
            is_optional=True,
        ),
        ChannelField(
            key="slack.pictures",
            label="Pictures",
            hint="A small chart under each alert; the token needs the scope files:write.",
            is_optional=True,
        ),
        ChannelField(
            key="refresh_token",
            label="Refresh token",
            hint="Where the app rotates its tokens: then a new one is fetched before the token runs out.",
            secret=SLACK_BOT,
            is_hidden=True,
            is_optional=True,
            check=refresh_token_fault,
        ),
        ChannelField(
            key="client_id",
            label="Client ID",
            hint="With the refresh token: of your Slack app, under Basic Information.",
            secret=SLACK_BOT,
            is_optional=True,
        ),
        ChannelField(
            key="client_secret",
            label="Client secret",
            hint="With the refresh token: beside the client ID.",
            secret=SLACK_BOT,
            is_hidden=True,
            is_optional=True,
        ),
    ),
    breaker="slack",
    build=_build,
)
