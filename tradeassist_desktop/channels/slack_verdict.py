"""Whether Slack took a message; what it did not take is raised as what it means for the delivery."""

import json
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.channels.slack_door import Bot
from tradeassist_desktop.channels.slack_errors import Refusal, meaning
from tradeassist_desktop.channels.slack_line import Answer
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    Misshapen,
    RateLimited,
    Uncertain,
    Undeliverable,
)

_PORTAL: Final = "the answer is not Slack's: does the network want you to sign in, or a proxy stand between?"
_SLOWER: Final = "Slack asks to slow down"
_AWAY: Final = "Slack is not available"
_UNREADABLE: Final = "Slack's answer cannot be read: the message may have arrived"


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands: Slack's id of the channel, and its stamp, which is text to Slack and to us.

    Args:
        root: Stamp of the message its thread began with; ``None`` if it answers to none.
        scopes: As of ``Answer``.
    """

    channel_id: str = ""
    stamp: str = ""
    root: str | None = None
    scopes: frozenset[str] | None = None

    def reference(self, bot: Bot) -> str:
        """Return what a later message may answer to."""
        kept = {"channel": self.channel_id, "ts": self.stamp, "to": bot.channel}
        return json.dumps(kept | ({} if self.root is None else {"thread_ts": self.root}))


def posted_by_bot(answer: Answer, *, channel: str, root: str | None) -> Posted:
    """Return where a message stands.

    Raises:
        Undeliverable: it is not known to have been taken; of the kind that says what to do.
    """
    body = answer.body if isinstance(answer.body, dict) else {}
    # What is merely true, such as the text "false", is not Slack's.
    if answer.status == 200 and body.get("ok") is True:
        stamp, channel_id = body.get("ts"), body.get("channel")
        if isinstance(stamp, str) and isinstance(channel_id, str):
            return Posted(channel_id=channel_id, stamp=stamp, root=root, scopes=answer.scopes)
        raise Uncertain(_UNREADABLE)
    raise _failure(answer, answer.error if body.get("ok") is False else "", channel)


def posted_by_webhook(answer: Answer) -> Posted:
    """Return that it was posted: a webhook does not say where; raises as ``posted_by_bot`` does."""
    if answer.status == 200 and answer.body == "ok":
        return Posted()
    raise _failure(answer, answer.error if answer.status >= 400 else "", "of the webhook")


def _failure(answer: Answer, code: str, channel: str) -> Exception:
    if answer.status == 429:
        return RateLimited(_SLOWER, retry_after_s=answer.pause_s)
    if answer.status == 503 and answer.retry_after_s:
        return RateLimited(_AWAY, retry_after_s=answer.pause_s)
    known = meaning(code)
    if known is not None:
        words = known.words.replace("{channel}", channel)
        match known.kind:
            case Refusal.BARRED:
                return ChannelBarred(words)
            case Refusal.NOT_HERE:
                return Undeliverable(words, retry=False)
            case Refusal.SHAPE:
                return Misshapen(words)
            case Refusal.PACE:
                return RateLimited(words, retry_after_s=answer.pause_s)
            case Refusal.UNKNOWN_END:
                return Uncertain(words)
            case Refusal.LATER:
                return Undeliverable(words, retry=True)
    if answer.status == 503:
        return Undeliverable(_AWAY, retry=True)
    if answer.status >= 500:
        return Uncertain(f"Slack had an error ({answer.status}): the message may have arrived")
    if code:
        return Undeliverable(f"Slack refused the message: {code}", retry=True)  # a few times, as it is new
    if answer.status >= 300 or answer.is_page:
        return Undeliverable(_PORTAL, retry=True)
    return Uncertain(_UNREADABLE)
