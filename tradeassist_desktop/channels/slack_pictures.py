"""The picture of the chart that follows an alert into its thread, where the token may upload."""

import asyncio
import json
import logging
from typing import Final

from tradeassist_desktop.channels.slack_door import Bot
from tradeassist_desktop.channels.slack_line import Answer, NoAnswer, NotSent, SlackLine
from tradeassist_desktop.channels.slack_text import escaped
from tradeassist_desktop.channels.slack_verdict import Posted
from tradeassist_desktop.channels.wording import cleaned
from tradeassist_desktop.domain.channels import Illustrator
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

_TITLE_LENGTH: Final = 200
_SCOPE: Final = "files:write"
_NO_SCOPE: Final = f"no pictures: the Slack app lacks the scope {_SCOPE}"


class SlackPictures:
    """Uploads one picture at a time, beside the messages: no alert waits for one, or fails by it.

    An alert that comes while a picture is under way goes without. What fails is noted once.

    Args:
        illustrator: Draws them; ``None`` where nothing can.
    """

    def __init__(self, *, illustrator: Illustrator | None, clock: Clock) -> None:
        self._illustrator = illustrator
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._not_before_ns = 0
        self._refused_token = ""
        self._note = ""
        self._is_told = True

    @property
    def is_busy(self) -> bool:
        """Whether a picture is under way."""
        return self._task is not None and not self._task.done()

    def follow(self, message: Message, *, line: SlackLine, bot: Bot, posted: Posted) -> None:
        """Send the picture of a message that was posted, if there is one; returns at once."""
        if self._illustrator is None or not self._may_upload(bot, posted) or self.is_busy:
            return
        if self._clock.monotonic_ns() < self._not_before_ns or not message.symbol or message.digest:
            return
        work = self._send(self._illustrator, message, line=line, bot=bot, posted=posted)
        self._task = asyncio.create_task(work, name="picture for Slack")

    def take_note(self) -> str:
        """Return what went wrong with pictures since it was last asked; empty for nothing new."""
        note = "" if self._is_told else self._note
        self._is_told = True
        return note

    async def close(self) -> None:
        """Break off what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _may_upload(self, bot: Bot, posted: Posted) -> bool:
        if posted.scopes is None:
            return bot.token != self._refused_token
        if _SCOPE in posted.scopes:
            return True
        self._say(_NO_SCOPE)
        return False

    async def _send(
        self, illustrator: Illustrator, message: Message, *, line: SlackLine, bot: Bot, posted: Posted
    ) -> None:
        try:
            picture = await illustrator.illustrate(message)
            if picture is not None:
                self._say(await self._upload(picture, message, line=line, bot=bot, posted=posted))
        except (NotSent, NoAnswer):
            self._say("no picture: Slack did not answer")
        except Exception:  # the message is delivered, whatever becomes of its picture
            log.exception("picture failed")
            self._say("no picture: it could not be drawn")

    async def _upload(
        self, picture: bytes, message: Message, *, line: SlackLine, bot: Bot, posted: Posted
    ) -> str:
        """Return what went wrong; empty if nothing did."""
        title, symbol = (
            escaped(cleaned(text, _TITLE_LENGTH, is_one_line=True), _TITLE_LENGTH)
            for text in (message.title, message.symbol)
        )
        place = await line.call(
            bot,
            "files.getUploadURLExternal",
            {"filename": "chart.png", "length": len(picture), "alt_txt": f"Chart of {symbol}"},
            as_form=True,
        )
        url, file_id = _text(place, "upload_url"), _text(place, "file_id")
        # Only to where Slack itself may be: never from https to plain http.
        if not url.startswith(bot.base_url.partition("//")[0]) or not file_id:
            return self._refusal(place, bot)
        sent = await line.put(url=url, content=picture)
        if sent.status != 200:
            return self._refusal(sent, bot)
        done = await line.call(
            bot,
            "files.completeUploadExternal",
            {
                "files": json.dumps([{"id": file_id, "title": title}]),
                "channel_id": posted.channel_id,
                "thread_ts": posted.root or posted.stamp,
            },
            as_form=True,
        )
        return "" if _is_ok(done) else self._refusal(done, bot)

    def _refusal(self, answer: Answer, bot: Bot) -> str:
        if answer.status == 429 or answer.error in ("ratelimited", "rate_limited"):
            self._not_before_ns = self._clock.monotonic_ns() + int(answer.pause_s * 1e9)
            return ""  # they go on by themselves
        if answer.error in ("missing_scope", "not_allowed_token_type"):
            self._refused_token = bot.token
            return _NO_SCOPE
        return f"no picture: Slack refused it ({answer.error or answer.status})"

    def _say(self, note: str) -> None:
        if note and note != self._note:  # the same failure once, then on change
            log.warning("picture not sent", extra={"channel": "slack", "reason": note})
            self._is_told = False
        self._note = note


def _is_ok(answer: Answer) -> bool:
    return answer.status == 200 and isinstance(answer.body, dict) and answer.body.get("ok") is True


def _text(answer: Answer, key: str) -> str:
    value = answer.body.get(key) if _is_ok(answer) and isinstance(answer.body, dict) else None
    return value if isinstance(value, str) else ""
