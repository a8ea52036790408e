"""What a gate had to do with, in words."""

from tradeassist_desktop.domain.health import Refusal
from tradeassist_desktop.domain.market import NS_PER_SECOND, Instrument
from tradeassist_desktop.engine.market import gates
from tradeassist_desktop.ui import text

_SIZES = frozenset(("volume", "last_size", "bid_size", "ask_size"))


def value_in_words(refusal: Refusal, instrument: Instrument) -> str:
    """Return what came: ``bid 99.90``, ``volume 1,000``; a dash where it was no single value."""
    if refusal.value is None:
        return refusal.field or text.UNKNOWN
    return f"{refusal.field.replace('_', ' ')} {_figure(refusal, refusal.value, instrument)}".strip()


def reference_in_words(refusal: Refusal, instrument: Instrument) -> str:
    """Return what it was judged by."""
    return text.UNKNOWN if refusal.reference is None else _figure(refusal, refusal.reference, instrument)


def why(refusal: Refusal) -> str:
    """Return why it was not taken as it came."""
    if refusal.reason in (gates.BAD_PRINT, gates.BORNE_OUT) and refusal.value and refusal.reference:
        away = 100.0 * (refusal.value - refusal.reference) / abs(refusal.reference)
        return f"{text.percent(away)} from the trade before"
    if refusal.reason in (gates.FUTURE, gates.CLOCK_APART):
        ahead_s = (refusal.event_ns - refusal.received_ns) / NS_PER_SECOND
        return f"{ahead_s:,.0f} s ahead"
    if refusal.reason == gates.VOLUME_RESET and refusal.reference is not None:
        return f"fell from {text.number(refusal.reference, 0)}"
    return {
        gates.LATE: "a newer one had come",
        gates.DUPLICATE: "the same in every field",
        gates.WRONG_UNIT: f"stamped {refusal.event_ns / NS_PER_SECOND:,.3f} s after 1970",
        gates.NOT_FINITE: "no number",
        gates.NOT_POSITIVE: "not above zero",
        gates.NEGATIVE_SIZE: "below zero",
        gates.IMPOSSIBLE_BAR: "not possible",
        gates.HALT: "told by the venue",
    }.get(refusal.reason, "")


def time_in_words(refusal: Refusal, now_ns: int) -> str:
    """Return when it happened, or came, where its own stamp makes no sense."""
    is_of_no_time = refusal.reason in (gates.FUTURE, gates.CLOCK_APART, gates.WRONG_UNIT)
    moment_ns = refusal.received_ns if is_of_no_time else refusal.event_ns
    return text.clock_time(moment_ns, now_ns=now_ns)


def _figure(refusal: Refusal, value: float, instrument: Instrument) -> str:
    if value != value or abs(value) == float("inf"):  # noqa: PLR0124  # only NaN is not itself
        return str(value)
    return text.number(value, 0) if refusal.field in _SIZES else text.price(value, instrument)
