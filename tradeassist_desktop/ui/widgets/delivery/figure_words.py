"""Figures of deliveries as the Delivery dock writes them."""

from html import escape
from typing import Final

from tradeassist_desktop.domain.delivery import DeliveryState
from tradeassist_desktop.domain.delivery_figures import ChannelFigures, FailureReason, Latencies, Share, Span
from tradeassist_desktop.services.delivery.lane import LaneReading
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.delivery_words import MUTINGS, OUTCOMES, channel_title

SPANS: Final = {
    Span.HOUR: ("1 h", "the last hour"),
    Span.DAY: ("1 d", "the last day"),
    Span.WEEK: ("7 d", "the last 7 days"),
    Span.MONTH: ("30 d", "the last 30 days"),
    Span.ALL: ("All", "all the time"),
}
"""What a button says, and what it means."""
READING: Final = "Reading the figures…"

_ROUNDING: Final = 1e-12
_FEWEST_OF_A_RATE: Final = 20
"""A percentage of fewer says more than is known."""


def share_in_words(share: Share) -> str:
    """Return ``2 of 3``; of many ``97.3 % (93.3–99.0)``, with what is likely in the long run."""
    if share.value is None or share.bounds is None:
        return text.UNKNOWN
    if share.whole < _FEWEST_OF_A_RATE:
        return f"{share.part:,} of {share.whole:,}"
    low, high = share.bounds
    return f"{_percent(share.value)} % ({_percent(low)}–{_percent(high)})"


def latency_in_words(nanoseconds: int | None) -> str:
    """Return ``12 ms``, ``1.4 s``, ``1.6 m``, ``3.2 h``: as short as a column of figures wants it."""
    if nanoseconds is None:
        return text.UNKNOWN
    if nanoseconds < 60e9:
        return text.milliseconds(nanoseconds / 1e6)
    minutes = nanoseconds / 60e9
    return f"{minutes:.1f} m" if minutes < 60 else f"{minutes / 60:,.1f} h"


def count_in_words(count: int) -> str:
    """Return a count; nothing for none, so that what there is stands out."""
    return f"{count:,}" if count else text.UNKNOWN


def waiting_in_words(lane: LaneReading | None, *, now_ns: int) -> str:
    """Return ``3, oldest 2 m 5 s``; nothing for none."""
    if lane is None or not lane.waiting:
        return text.UNKNOWN
    if not lane.oldest_ns or now_ns - lane.oldest_ns < 1_000_000_000:
        return f"{lane.waiting:,}"
    return f"{lane.waiting:,}, oldest {text.age(now_ns - lane.oldest_ns)}"


def lost(figures: ChannelFigures) -> int:
    """Return how many were given up or expired."""
    return figures.count(DeliveryState.DEAD) + figures.count(DeliveryState.EXPIRED)


def details_in_html(figures: ChannelFigures) -> str:
    """Return what the table has no column for, as rich text whose links name figures.

    A link is ``state:…``, ``muting:…`` or ``retried``.
    """
    parts: list[str] = []
    if figures.retries:
        words = f"{text.plural(figures.retries, 'further attempt')}"
        parts.append(_link("retried", words))
    for state, words in ((DeliveryState.DEAD, "given up"), (DeliveryState.EXPIRED, "expired")):
        if figures.count(state):
            parts.append(_link(f"state:{state.value}", f"{figures.count(state):,} {words}"))
    parts += [
        _link(f"muting:{muting.value}", f"{count:,} muted by {MUTINGS[muting]}")
        for muting, count in sorted(figures.mutings.items(), key=lambda each: -each[1])
    ]
    unavailable = figures.count(DeliveryState.UNAVAILABLE)
    if unavailable:
        parts.append(
            _link(f"state:{DeliveryState.UNAVAILABLE.value}", f"{unavailable:,} with nothing to send to")
        )
    if figures.attempts.count:
        parts.append(escape(f"a request takes {percentiles_in_words(figures.attempts)}"))
    title = escape(channel_title(figures.channel))
    if not figures.states:
        return f"{title}: nothing came to its end in this time"
    return f"{title}: {' · '.join(parts)}" if parts else f"{title}: nothing went wrong"


def percentiles_in_words(latencies: Latencies) -> str:
    """Return ``p50 30 ms, p95 80 ms, p99 2.1 s``."""
    named = (("p50", latencies.p50_ns), ("p95", latencies.p95_ns), ("p99", latencies.p99_ns))
    return ", ".join(f"{name} {latency_in_words(value)}" for name, value in named)


def reason_in_words(reason: FailureReason) -> str:
    """Return how it ended and why: ``failed: no route to host``."""
    how = "expired" if reason.outcome is None else OUTCOMES[reason.outcome]
    return f"{how}: {reason.words}" if reason.words else how


def all_in_words(figures: ChannelFigures, state: str) -> str:
    """Return a channel's figures, for its tooltip; ``state`` is how it is, as a sentence."""
    success = figures.success
    lines = [
        f"{channel_title(figures.channel)}: {state}",
        f"{figures.sent:,} were to go out and came to their end: "
        f"{success.part:,} delivered, {figures.count(DeliveryState.UNCERTAIN):,} uncertain, "
        f"{figures.count(DeliveryState.DEAD):,} given up, {figures.count(DeliveryState.EXPIRED):,} expired",
    ]
    if success.bounds is not None and success.whole >= _FEWEST_OF_A_RATE:
        low, high = success.bounds
        lines.append(
            f"{success.part:,} of {success.whole:,} is likely {_percent(low)} to {_percent(high)} % "
            "in the long run (Wilson, 95 %)"
        )
    if figures.latency.count:
        lines.append(f"From decision to delivery: {percentiles_in_words(figures.latency)}")
    return "\n".join([*lines, "Click a figure to list its alerts"])


def _percent(share: float) -> str:
    if share > 1 - _ROUNDING:
        return "100"
    # 99.97 % must not be read as all of them.
    shown = f"{100 * share:.1f}"
    return "99.9" if shown == "100.0" else shown


def _link(target: str, words: str) -> str:
    return f'<a href="{escape(target)}">{escape(words)}</a>'
