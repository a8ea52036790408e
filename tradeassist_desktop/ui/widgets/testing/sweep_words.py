"""What a combination of numbers came to, in figures and words."""

from enum import Enum
from typing import Final

from tradeassist_desktop.engine.studies.outcomes import HORIZONS
from tradeassist_desktop.engine.studies.scores import HorizonSummary
from tradeassist_desktop.services.testing.sweeps import Sweep, SweptRule
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.widgets.testing.preview_words import FEW, JUDGED_AFTER, share_words

_PLACE: Final = tuple(HORIZONS).index(JUDGED_AFTER)
_AFTER: Final = JUDGED_AFTER.replace("m", " m")


class Measure(Enum):
    """What is shown of each combination; the value is its name for people."""

    FIRES = "Fires a day"
    WAY = f"Went its way after {_AFTER}"
    MEAN = f"Mean move after {_AFTER}"

    @property
    def has_sides(self) -> bool:
        """Whether a figure is good or bad, rather than high or low."""
        return self is not Measure.FIRES

    @property
    def nothing_known(self) -> str:
        """What is said where no combination has a figure."""
        if self is Measure.WAY:
            return "It looks neither up nor down, or never fired"
        return "No data" if self is Measure.FIRES else "It never fired"

    def of(self, result: SweptRule) -> float | None:
        """Return the figure of a combination; ``None`` where it is not known."""
        if self is Measure.FIRES:
            return result.fires_a_day
        summary = judged_of(result)
        return summary.favourable_share if self is Measure.WAY else summary.mean_change

    def is_thin(self, result: SweptRule) -> bool:
        """Whether too few outcomes are known to judge by."""
        return self.has_sides and judged_of(result).known < FEW

    def figure(self, value: float | None) -> str:
        """Return a figure as it stands in the picture."""
        if value is None:
            return text.UNKNOWN
        if self is Measure.FIRES:
            return text.number(value, 1 if value < 100 else 0)
        return f"{100 * value:.0f} %" if self is Measure.WAY else text.move(value)

    def cell(self, result: SweptRule) -> str:
        """Return the figure of a combination; of few outcomes, how many instead of a share."""
        if self is Measure.WAY and self.is_thin(result) and judged_of(result).favourable is not None:
            return f"{judged_of(result).favourable}/{judged_of(result).known}"
        return self.figure(self.of(result))


def judged_of(result: SweptRule) -> HorizonSummary:
    """Return the outcome by which combinations are compared."""
    return result.horizons[_PLACE]


def lines_of(sweep: Sweep, result: SweptRule) -> str:
    """Return all that is known of a combination, a line each."""
    named = [
        f"{value} for {number.label}" for (number, _), value in zip(sweep.axes, result.numbers, strict=True)
    ]
    return "\n".join((*named, fires(result), went(judged_of(result))))


def fires(result: SweptRule) -> str:
    """Return how often it fires: ``fires 12 times, 2.4 a day``."""
    a_day = result.fires_a_day
    times = {0: "never fires", 1: "fires once"}.get(result.fired, f"fires {result.fired:,} times")
    return times if not a_day else f"{times}, {text.number(a_day, 1)} a day"


def went(summary: HorizonSummary) -> str:
    """Return how often the price went the rule's way, with its count and confidence."""
    if not summary.known:
        return f"nothing is known of {_AFTER} after"
    if summary.favourable is None:
        return f"{text.move(summary.mean_change)} on average after {_AFTER} ({summary.known} known)"
    return f"{share_words(summary.favourable, summary.known)} went its way after {_AFTER}"
