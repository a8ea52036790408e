"""What a preview came to, in sentences."""

from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.engine.studies.outcomes import HORIZONS
from tradeassist_desktop.engine.studies.scores import HorizonSummary
from tradeassist_desktop.engine.studies.suggesting.chance import Share
from tradeassist_desktop.services.testing.preview import MOST_FIRINGS, Preview
from tradeassist_desktop.services.testing.sweeps import summed
from tradeassist_desktop.ui import text

JUDGED_AFTER: Final = "15m"
FEW: Final = 10
"""Of fewer known outcomes no share is told: only how many."""
_DAY_NS: Final = 86_400 * NS_PER_SECOND


def headline(preview: Preview, days: int) -> str:
    """Return ``Would have fired 7 times in the last 5 days``.

    Args:
        days: How many were asked for.
    """
    times = {0: "Would not have fired", 1: "Would have fired once"}.get(
        preview.fired, f"Would have fired {preview.fired:,} times"
    )
    if preview.is_cut:
        times = f"Would have fired more than {MOST_FIRINGS:,} times"
    return f"{times} {span_words(preview, days)}"


def span_words(preview: Preview, days: int) -> str:
    """Return what it was looked for in: ``in the last 5 days``, ``in the 3 h 12 m that are kept``."""
    length_ns = (preview.last_ns or 0) - (preview.first_ns or 0)
    length = text.duration(length_ns)
    if preview.files:
        return f"in the {length} of {preview.files[0].path.name}"
    found = max((report.days for report in preview.reports), default=0)
    if found >= days > 1:
        return f"in the last {days} days"
    if length_ns < _DAY_NS:
        return f"in the {length} of today" if days == 1 else f"in the {length} that are kept"
    return f"in the {text.plural(found, 'day')} that {'is' if found == 1 else 'are'} kept"


def details(preview: Preview) -> str:
    """Return the outcome, what was held back, and what was read, in one line."""
    return " · ".join(part for part in (outcome(preview), held_back(preview), data(preview)) if part)


def outcome(preview: Preview) -> str:
    """Return how often the price went on in the rule's direction; empty where nothing is known of it."""
    summary = judged(preview)
    if summary is None or not summary.known or summary.mean_change is None:
        return ""
    after = JUDGED_AFTER.replace("m", " m")
    if summary.favourable is None:
        return f"{text.move(summary.mean_change)} on average after {after}"
    return f"{share_words(summary.favourable, summary.known)} went its way after {after}"


def judged(preview: Preview, horizon: str = JUDGED_AFTER) -> HorizonSummary | None:
    """Return the outcome some time after a firing, over all symbols; ``None`` where there are none."""
    return summed(preview.reports)[tuple(HORIZONS).index(horizon)] if preview.reports else None


def held_back(preview: Preview) -> str:
    """Return how often its cooldown or schedule kept it from firing."""
    return f"{preview.held_back:,} held back" if preview.held_back else ""


def data(preview: Preview) -> str:
    """Return what was read of each symbol."""
    if preview.files:
        return f"{preview.files[0].rows:,} rows read"
    told = []
    for read in preview.read:
        counts = [text.plural(read.bars, "minute")] if read.bars else []
        counts += [text.plural(read.updates, "update")] if read.updates else []
        told.append(f"{' and '.join(counts) or 'nothing kept'} of {read.symbol}")
    return "read " + ", ".join(told) if told else ""


def no_data(preview: Preview) -> str:
    """Return that there is nothing to look at."""
    where = f"in {preview.files[0].path.name}" if preview.files else "yet"
    return f"No data of {', '.join(preview.rule.symbols[:3])} {where}"


def what_instead(preview: Preview) -> str:
    """Return what to do about that."""
    if preview.files:
        return f"The file holds {', '.join(preview.files[0].symbols[:3])}. Try another one: drop it here."
    return "The desk keeps it from now on. Or try the rule on a file: drop one here."


def why_silent(preview: Preview) -> str:
    """Return why it never fired, as far as the end of the data tells."""
    for explanation in preview.silent:
        for leg in explanation.legs:
            for operand in leg.operands:
                if operand.missing:
                    return f"{operand.text}: {operand.missing}."
    if preview.held_back:  # by no cooldown, which begins with a firing
        return "It came true only when it may not fire: look at its schedule."
    return "Its condition did not become true in that time."


def share_words(hits: int, count: int) -> str:
    """Return ``24 of 40, 60 % (45–74 %)``: never a bare percentage, and of few none at all.

    In brackets is where the true share is with 95 % confidence.
    """
    if not count:
        return text.UNKNOWN
    if count < FEW:
        return f"{hits} of {count}"
    low, high = Share(hits, count).interval
    return f"{hits} of {count}, {100 * hits / count:.0f} % ({100 * low:.0f}–{100 * high:.0f} %)"
