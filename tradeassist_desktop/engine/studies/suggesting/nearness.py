"""A rule that never fired: how near it came, and what would have fired."""

from collections.abc import Mapping, Sequence
from datetime import date

from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.engine.studies.suggesting.firings import Firings, Span
from tradeassist_desktop.engine.studies.suggesting.levels import MovedLevel
from tradeassist_desktop.engine.studies.suggesting.suggestion import (
    Advice,
    Suggestion,
    chosen_and_judged,
    days_of,
    per_day,
)
from tradeassist_desktop.engine.studies.suggesting.walk_forward import Fold


def nearest_miss(
    base: Firings,
    moved: Mapping[MovedLevel, Firings],
    days: Sequence[date],
    all_folds: Sequence[Fold],
) -> list[Suggestion]:
    """Return how near a rule came that never fired, level by level.

    Args:
        moved: How the rule fired with each of its levels nearer.
        days: All days with data.
    """
    if base.count or not days:
        return []
    whole = Span(tuple(days))
    by_level: dict[str, list[MovedLevel]] = {}
    for each in moved:
        if each.eased > 0:
            by_level.setdefault(each.text, []).append(each)
    if not by_level:
        return []
    found = []
    for text, tried in by_level.items():
        nearer = sorted(tried, key=lambda each: each.eased)
        first = next((each for each in nearer if moved[each].count), None)
        if first is not None:
            found.append(_miss(text, first, moved, nearer, whole, all_folds))
    if found:
        return found
    farthest = max(each.eased for each in moved)
    return [
        Suggestion(
            advice=Advice.NEAREST_MISS,
            title="A nearer level would not do",
            evidence=f"It would not have fired in {_count(days)} ({days_of(whole)}), nor with its level "
            f"{in_percent(farthest)} nearer: it is farther away, or what else it reads holds it back.",
        )
    ]


def _miss(
    text: str,
    first: MovedLevel,
    moved: Mapping[MovedLevel, Firings],
    nearer: Sequence[MovedLevel],
    whole: Span,
    all_folds: Sequence[Fold],
) -> Suggestion:
    evidence = (
        f"It would not have fired in {_count(whole.days)} ({days_of(whole)}); nearest miss of “{text}” "
        f"within {_percent(first.eased)}: at {first.level} it would have fired {_times(moved[first].count)}."
    )
    fold = all_folds[-1] if all_folds else None
    chosen = None if fold is None else _chosen(moved, nearer, fold.train)
    if fold is None or chosen is None or not moved[chosen].within(fold.test).count:
        return Suggestion(
            advice=Advice.NEAREST_MISS, title=f"It missed by {_percent(first.eased)}", evidence=evidence
        )
    return Suggestion(
        advice=Advice.NEAREST_MISS,
        title=f"Move the level to {chosen.level}",
        evidence=evidence,
        proof=f"{chosen_and_judged(fold)}: with {chosen.level} it would have fired "
        f"{per_day(moved[chosen].a_day(fold.test))}.",
        after=chosen.rule,
        fold=fold,
    )


def _chosen(
    moved: Mapping[MovedLevel, Firings], nearer: Sequence[MovedLevel], span: Span
) -> MovedLevel | None:
    """Return the level moved least with which it fires at all on those days."""
    return next((each for each in nearer if moved[each].within(span).count), None)


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _count(days: Sequence[date]) -> str:
    return "one day" if len(days) == 1 else f"{len(days)} days"
