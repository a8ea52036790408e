"""A rule that fires again and again for one move: a cooldown or a distance that leaves the first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.durations import whole_duration
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.domain.rules import Rearm, Rule
from tradeassist_desktop.engine.conditions import Comparison, Number, Percent
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.meaning import against_constant
from tradeassist_desktop.engine.studies.suggesting.firings import Firings, Span
from tradeassist_desktop.engine.studies.suggesting.suggestion import (
    Advice,
    Suggestion,
    chosen_and_judged,
    in_folds,
    per_day,
)
from tradeassist_desktop.engine.studies.suggesting.walk_forward import Fold

SOON_NS: Final = 120 * NS_PER_SECOND
"""A firing at most this long after the one before is its follow-up."""

_COOLDOWNS_S: Final = (120, 300, 600, 900, 1_800, 3_600)
_REARM_SHARES: Final = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
_DIGITS: Final = 6
_FEWEST_A_DAY: Final = 3.0
_FOLLOW_UPS: Final = 0.4
_HEARD: Final = 0.9
_HEARD_LATER: Final = 0.8
_FEWER: Final = 0.7


def calmer_rules(rule: Rule, *, tick_size: float = 0.0) -> tuple[Rule, ...]:
    """Return the rule with longer cooldowns, then with larger distances to be left before it is armed again.

    Distances are shares of the level, so there are none without one, or with a level of 0.

    Args:
        tick_size: What distances are rounded up to where they are larger; 0 for nothing.
    """
    longer = [
        replace(rule, cooldown_ns=seconds * NS_PER_SECOND)
        for seconds in _COOLDOWNS_S
        if seconds * NS_PER_SECOND > rule.cooldown_ns
    ]
    condition = parse(rule.when)
    comparison = against_constant(condition) if isinstance(condition, Comparison) else None
    if comparison is None or not isinstance(comparison.right, Number | Percent) or rule.rearm.is_percent:
        return tuple(longer)
    level = abs(comparison.right.value)
    amounts = {_stepped(level * share, tick_size) for share in _REARM_SHARES}
    farther = [replace(rule, rearm=Rearm(amount)) for amount in sorted(amounts) if amount > rule.rearm.amount]
    return (*longer, *farther)


def calm(
    rule: Rule, base: Firings, calmer: Mapping[Rule, Firings], all_folds: Sequence[Fold]
) -> list[Suggestion]:
    """Return what would leave the first firing of each flurry: at most a cooldown and a distance.

    Args:
        calmer: How those of ``calmer_rules`` fired.
        all_folds: The last is the one that is shown.
    """
    if not all_folds or not _is_in_flurries(base, all_folds[-1].train):
        return []
    found = []
    for options in (
        {each: fired for each, fired in calmer.items() if each.rearm == rule.rearm},
        {each: fired for each, fired in calmer.items() if each.rearm != rule.rearm},
    ):
        suggestion = _best(rule, base, options, all_folds)
        if suggestion is not None:
            found.append(suggestion)
    return found


def _is_in_flurries(base: Firings, span: Span) -> bool:
    own = base.within(span)
    return own.count >= _FEWEST_A_DAY * len(span.days) and own.follow_ups(SOON_NS) >= _FOLLOW_UPS * own.count


def _best(
    rule: Rule, base: Firings, options: Mapping[Rule, Firings], all_folds: Sequence[Fold]
) -> Suggestion | None:
    held = 0
    best: Rule | None = None
    holds = False
    for fold in all_folds:
        best = _chosen(base, options, fold.train)
        holds = best is not None and _holds(base, options[best], fold.test)
        held += holds
    if best is None or not holds or 2 * held < len(all_folds):
        return None
    fold = all_folds[-1]
    known, after = base.within(fold.train), options[best].within(fold.train)
    judged, judged_after = base.within(fold.test), options[best].within(fold.test)
    flurries = judged.first_ones(SOON_NS)
    soon = known.follow_ups(SOON_NS)
    change = (
        f"a cooldown of {whole_duration(best.cooldown_ns)}"
        if best.rearm == rule.rearm
        else f"a hysteresis of {number_to_text(best.rearm.amount)}"
    )
    return Suggestion(
        advice=Advice.FLURRIES,
        title=f"Give it {change}",
        evidence=(
            f"Fires {per_day(known.count / len(fold.train.days))}, {in_percent(soon / known.count)} of the "
            f"time within 2 m of the one before; {change} would leave "
            f"{per_day(after.count / len(fold.train.days))}."
        ),
        proof=(
            f"{chosen_and_judged(fold)}: {per_day(judged_after.count / len(fold.test.days))} in place of "
            f"{per_day(judged.count / len(fold.test.days))}, and "
            f"{flurries.heard(judged_after, SOON_NS)} of {flurries.count} "
            f"{'flurry' if flurries.count == 1 else 'flurries'} still told at once."
            f"{in_folds(held, all_folds)}"
        ),
        after=best,
        fold=fold,
    )


def _chosen(base: Firings, options: Mapping[Rule, Firings], span: Span) -> Rule | None:
    """Return what leaves fewest, of those that still tell of nine in ten flurries; the mildest of equals."""
    first = base.within(span).first_ones(SOON_NS)
    best, fewest = None, base.within(span).count
    for option, fired in options.items():
        own = fired.within(span)
        if own.count < fewest and first.heard(own, SOON_NS) >= _HEARD * first.count:
            best, fewest = option, own.count
    return best


def _holds(base: Firings, after: Firings, span: Span) -> bool:
    own, left = base.within(span), after.within(span)
    first = own.first_ones(SOON_NS)
    return left.count <= _FEWER * own.count and first.heard(left, SOON_NS) >= _HEARD_LATER * first.count


def _stepped(amount: float, tick_size: float) -> float:
    if tick_size > 0 and amount > tick_size:
        amount = round(amount / tick_size) * tick_size
    return round(amount, _DIGITS)
