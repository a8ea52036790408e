"""Why an alert is scored as it is, line by line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.domain.verdicts import Verdict
from tradeassist_desktop.ui.widgets.why_lines import Line, LineKind

if TYPE_CHECKING:
    from tradeassist_desktop.engine.studies.worth.model import Score

_MOST_REASONS: Final = 4
_LEAST_WEIGHT: Final = 0.05
_VERDICTS: Final = {
    Verdict.USEFUL: "You called it useful.",
    Verdict.NOISE: "You called it noise.",
}


def lines_of_worth(score: "Score | None", verdict: Verdict | None) -> Iterator[Line]:
    """Return the verdict on an alert, how likely it was worth it, and what speaks for and against that."""
    if verdict is not None:
        yield Line(
            LineKind.REMARK, _VERDICTS[verdict], mark="■", tone="up" if verdict is Verdict.USEFUL else "warn"
        )
    if score is None:
        return
    yield Line(LineKind.SECTION, f"Learned: {in_percent(score.likelihood)} likely worth your time")
    telling = [reason for reason in score.reasons[:_MOST_REASONS] if abs(reason[1]) >= _LEAST_WEIGHT]
    if not telling:
        yield Line(LineKind.REMARK, "Nothing speaks clearly for it or against it.")
    for name, weight in telling:
        is_for = weight > 0
        said = "speaks for it" if is_for else "speaks against it"
        yield Line(
            LineKind.ROW, said, mark="+" if is_for else "−", name=name, tone="up" if is_for else "warn"
        )
