"""What mutes an alert, and until when, in words."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.routing import Silence, SilenceCause, SilenceScope

_SOON_NS: Final = 20 * 3_600 * NS_PER_SECOND
_OPEN_ENDED: Final[Mapping[SilenceCause, str]] = {
    SilenceCause.SILENCE: "until the silence is ended",
    SilenceCause.SNOOZE: "until the snooze is ended",
    SilenceCause.ACKNOWLEDGED: "until its condition is no longer true",
    SilenceCause.MUTE: "until it is unmuted",
    SilenceCause.PAUSE: "until they are resumed",
}


def time_text(at_ns: int, now_ns: int, zone: tzinfo | None) -> str:
    """Return a time by the clock on the wall, with its day where that could be another: ``Mon 09:30``.

    Args:
        zone: ``None`` is this machine's.
    """
    at = datetime.fromtimestamp(at_ns // NS_PER_SECOND, zone)
    return f"{at:%H:%M}" if abs(at_ns - now_ns) < _SOON_NS else f"{at:%a %H:%M}"


def silence_words(silence: Silence, now_ns: int, zone: tzinfo | None) -> str:
    """Return why a silence mutes, and until when: ``silenced (symbol /ES) until 11:15: lunch``."""
    what = {
        SilenceCause.SILENCE: f"silenced ({_scope_words(silence)})",
        SilenceCause.SNOOZE: "snoozed",
        SilenceCause.ACKNOWLEDGED: "acknowledged",
        SilenceCause.MUTE: "its rule is muted",
        SilenceCause.PAUSE: "all alerts are paused",
    }[silence.cause]
    end_ns = silence.end_ns
    end = _OPEN_ENDED[silence.cause] if end_ns is None else f"until {time_text(end_ns, now_ns, zone)}"
    return f"{what} {end}{f': {silence.note}' if silence.note else ''}"


def _scope_words(silence: Silence) -> str:
    match silence.scope:
        case SilenceScope.ALL:
            return "all alerts"
        case SilenceScope.RULE:
            return "its rule"
        case SilenceScope.TAG:
            return f"tag {silence.tag}"
        case SilenceScope.SYMBOL:
            return f"symbol {silence.symbol}"
        case SilenceScope.RULE_SYMBOL:
            return f"its rule on {silence.symbol}" if silence.symbol else "this notice"
