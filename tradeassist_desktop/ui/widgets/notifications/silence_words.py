"""A silence as the window says it: what it mutes, why, and until when."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.routing import Silence, SilenceCause, SilenceScope
from tradeassist_desktop.ui import text

_CAUSES: Final[Mapping[SilenceCause, str]] = {
    SilenceCause.SILENCE: "silenced",
    SilenceCause.SNOOZE: "snoozed",
    SilenceCause.ACKNOWLEDGED: "acknowledged",
    SilenceCause.MUTE: "muted",
    SilenceCause.PAUSE: "paused",
}


def scope_in_words(silence: Silence, rule_name: Callable[[str], str]) -> str:
    """Return what a silence mutes: ``Symbol /ES``.

    Args:
        rule_name: Returns the name of the rule of a uid; empty where there is none (any more).
    """
    match silence.scope:
        case SilenceScope.ALL:
            return "All alerts"
        case SilenceScope.TAG:
            return f"Tag {silence.tag}"
        case SilenceScope.SYMBOL:
            return f"Symbol {silence.symbol}"
    name = rule_name(silence.rule_uid)
    if silence.scope is SilenceScope.RULE:
        return f"Rule {name}" if name else "A rule that was deleted"
    if not name:
        return f"A rule that was deleted, on {silence.symbol}" if silence.symbol else "A notice of the desk"
    return f"{name} on {silence.symbol}" if silence.symbol else name


def cause_in_words(silence: Silence, now_ns: int) -> str:
    """Return what was done, and where that is not everywhere: ``silenced on Slack, e-mail``."""
    names = [CHANNEL_TITLES.get(name, name).removeprefix("the ") for name in silence.channels]
    cause = f"to be {_CAUSES[silence.cause]}" if silence.is_coming(now_ns) else _CAUSES[silence.cause]
    return " on ".join((cause, *([", ".join(names)] if names else [])))


def left_in_words(silence: Silence, now_ns: int) -> str:
    """Return how long it lasts still: ``14 m 32 s``; of one that is to come, when it begins."""
    if silence.is_coming(now_ns):
        return f"begins {moment_in_words(silence.from_ns, now_ns)}"
    if silence.end_ns is None:
        return "when it clears" if silence.cause is SilenceCause.ACKNOWLEDGED else "when ended"
    return f"in {text.duration(silence.end_ns - now_ns)}"


def end_in_words(silence: Silence, now_ns: int) -> str:
    """Return by the clock on the wall when it ends: ``until 14:31``, ``from 14:00 until Wed 09:30``."""
    if silence.is_coming(now_ns):
        begins = moment_in_words(silence.from_ns, now_ns)
        return f"from {begins} {end_in_words(replace(silence, from_ns=now_ns), now_ns)}"
    if silence.end_ns is None:
        return (
            "until its condition is no longer true"
            if silence.cause is SilenceCause.ACKNOWLEDGED
            else ("until it is ended")
        )
    return f"until {moment_in_words(silence.end_ns, now_ns)}"


def moment_in_words(at_ns: int, now_ns: int) -> str:
    """Return a time to come, with its day where that is another."""
    at, now = text.local(at_ns), text.local(now_ns)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    is_near = at.date() - now.date() < timedelta(days=7)
    return f"{at:%a %H:%M}" if is_near else f"{at:%d %b %H:%M}"


def next_minute_ns(now_ns: int) -> int:
    """Return the next full minute."""
    minute_ns = 60 * NS_PER_SECOND
    return (now_ns // minute_ns + 1) * minute_ns
