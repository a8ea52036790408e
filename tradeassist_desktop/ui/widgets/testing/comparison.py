"""Whether the outcomes of two rules differ by more than chance."""

from math import sqrt

from tradeassist_desktop.engine.studies.suggesting.chance import Share
from tradeassist_desktop.services.testing.preview import Preview
from tradeassist_desktop.ui.widgets.testing.preview_words import FEW, JUDGED_AFTER, judged


def difference(first: Share, second: Share) -> tuple[float, float]:
    """Return the interval in which the difference of two shares is with 95 %.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17, 1998 (method 10, of Wilson's intervals).
    """
    (low, high), (other_low, other_high) = first.interval, second.interval
    apart = first.value - second.value
    below = sqrt((first.value - low) ** 2 + (other_high - second.value) ** 2)
    above = sqrt((high - first.value) ** 2 + (second.value - other_low) ** 2)
    return apart - below, apart + above


def verdict(first: Preview, second: Preview) -> str:
    """Return what the difference is worth, in a sentence."""
    ours, theirs = judged(first), judged(second)
    after = JUDGED_AFTER.replace("m", " m")
    if ours is None or theirs is None or ours.favourable is None or theirs.favourable is None:
        return ""
    if ours.known < FEW or theirs.known < FEW:
        return f"Too few firings to tell which did better after {after}: {ours.known} and {theirs.known}."
    low, high = difference(Share(ours.favourable, ours.known), Share(theirs.favourable, theirs.known))
    if low <= 0.0 <= high:
        return f"After {after} the two do not differ by more than chance."
    better = "first" if low > 0.0 else "second"
    least, most = sorted((abs(low), abs(high)))
    return (
        f"After {after} the {better} went its way more often, by {100 * least:.0f} to {100 * most:.0f} "
        "percentage points (95 % confidence)."
    )
