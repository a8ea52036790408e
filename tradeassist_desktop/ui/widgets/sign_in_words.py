"""The sign-in as the window says and marks it."""

from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.sign_in import SignInState, SignInStatus
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.widgets.gauge import Level

_HOUR_NS: Final = 3600 * NS_PER_SECOND
_SOON_NS: Final = 48 * _HOUR_NS
_NOW_NS: Final = _HOUR_NS
_WORDS: Final = {
    SignInState.SIGNED_OUT: "Signed out",
    SignInState.WAITING: "Waiting for the browser",
    SignInState.EXCHANGING: "Asking Schwab for the tokens",
    SignInState.SIGNED_IN: "Signed in",
    SignInState.FAILED: "The sign-in failed",
}


def left_in_words(status: SignInStatus, now_ns: int) -> str | None:
    """Return ``3 days left`` in the unit that tells most, or ``over``; ``None`` if the end is not known."""
    if status.expires_ns is None:
        return None
    left_ns = status.expires_ns - now_ns
    if left_ns <= 0:
        return "over"
    hours, minutes = left_ns // _HOUR_NS, left_ns // (60 * NS_PER_SECOND)
    if left_ns > _SOON_NS:
        return f"{text.plural(hours // 24, 'day')} left"
    return f"{text.plural(hours, 'hour') if hours else text.plural(minutes, 'minute')} left"


def state_in_words(status: SignInStatus, now_ns: int) -> str:
    """Return how the sign-in stands, in one line."""
    words = _WORDS[status.state]
    if status.state is not SignInState.SIGNED_IN:
        return words
    left = left_in_words(status, now_ns)
    if left == "over":
        return "The sign-in's seven days are over"
    return f"{words}, {left or 'for how long is not known'}"


def sign_in_level(status: SignInStatus, now_ns: int) -> Level:
    """Return how much the sign-in needs its trader."""
    if status.is_under_way:
        return Level.WARN
    if status.state is not SignInState.SIGNED_IN:
        return Level.BAD
    if status.expires_ns is None or status.expires_ns - now_ns > _SOON_NS:
        return Level.GOOD
    return Level.WARN if status.expires_ns - now_ns > _NOW_NS else Level.BAD
