"""The level with which a rule fires about as often as its trader wishes."""

from collections.abc import Mapping, Sequence
from typing import Final

from tradeassist_desktop.engine.studies.suggesting.firings import Firings
from tradeassist_desktop.engine.studies.suggesting.levels import MovedLevel
from tradeassist_desktop.engine.studies.suggesting.suggestion import (
    Advice,
    Suggestion,
    chosen_and_judged,
    in_folds,
    per_day,
)
from tradeassist_desktop.engine.studies.suggesting.walk_forward import Fold

_FAR: Final = 2.0
"""A level whose rate on later days is more than so many times the wish, or less than the inverse, fails."""


def as_often(
    base: Firings, moved: Mapping[MovedLevel, Firings], wish_a_day: float, all_folds: Sequence[Fold]
) -> Suggestion:
    """Return the level that comes nearest to a number of alerts a day, or why there is none.

    Args:
        moved: How the rule fired with each of its levels moved.
        wish_a_day: Alerts a day, above 0.
    """
    wish = per_day(wish_a_day)
    if not all_folds:
        return _none(wish, "There are too few days of data to choose a level on some and judge it on others.")
    if not moved:
        return _none(wish, "Its condition has no level that could be nearer or farther.")
    held = 0
    chosen, holds = None, False
    for fold in all_folds:
        chosen = min(moved, key=lambda each: _miss(moved[each].a_day(fold.train), wish_a_day))
        holds = _is_near(moved[chosen].a_day(fold.test), wish_a_day)
        held += holds
    assert chosen is not None
    fold = all_folds[-1]
    now, known, judged = (
        base.a_day(fold.train),
        *(moved[chosen].a_day(span) for span in (fold.train, fold.test)),
    )
    as_it_is = f"Fires {per_day(now)} as it is" if now else "Never fires as it is"
    evidence = f"{as_it_is}. With {chosen.level} it would have fired {per_day(known)}."
    proof = f"{chosen_and_judged(fold)}: {per_day(judged)} there.{in_folds(held, all_folds)}"
    if _miss(now, wish_a_day) <= _miss(known, wish_a_day):
        return _none(wish, f"{as_it_is}: no other level tried comes nearer.")
    if not holds or 2 * held < len(all_folds):
        return Suggestion(
            advice=Advice.WISHED_FOR,
            title=f"No level gives {wish} for long",
            evidence=evidence,
            proof=proof,
            fold=fold,
        )
    return Suggestion(
        advice=Advice.WISHED_FOR,
        title=f"Move the level to {chosen.level}: the nearest to {wish}",
        evidence=evidence,
        proof=proof,
        after=chosen.rule,
        fold=fold,
    )


def _none(wish: str, why: str) -> Suggestion:
    return Suggestion(advice=Advice.WISHED_FOR, title=f"No level for {wish}", evidence=why)


def _miss(rate: float, wish: float) -> float:
    """Return how far a rate is from the wish, as a factor; twice as often is as far as half as often."""
    low, high = sorted((rate, wish))
    return high / low if low > 0 else float("inf")


def _is_near(rate: float, wish: float) -> bool:
    return _miss(rate, wish) <= _FAR
