"""Whether the price goes a rule's way more often after it fires than at any other time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.engine.studies.outcomes import HORIZONS
from tradeassist_desktop.engine.studies.scores import RuleReport
from tradeassist_desktop.engine.studies.suggesting.suggestion import Advice, Suggestion

HORIZON: Final = "15m"
"""How long after a firing is judged. One, chosen beforehand: of five, one would often look good by chance."""

_PLACE: Final = list(HORIZONS).index(HORIZON)
_EVERY_NS: Final = 300 * NS_PER_SECOND
_FEWEST: Final = 30
_CLEAR: Final = 0.05
"""How far above chance the true share may still be, where a rule is called no better."""

_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """How often something was so, of how many times."""

    hits: int
    count: int

    @property
    def value(self) -> float:
        """Return the share, 0 to 1."""
        return self.hits / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """Return Wilson's interval in which the true share is with 95 %, 0 to 1."""
        count, share, square = self.count, self.value, _Z * _Z
        middle = (share + square / (2 * count)) / (1 + square / count)
        half = _Z / (1 + square / count) * sqrt(share * (1 - share) / count + square / (4 * count * count))
        return max(0.0, middle - half), min(1.0, middle + half)


def any_time(rule: Rule) -> Rule:
    """Return a rule that fires every five minutes whatever the price: what chance does."""
    return replace(
        rule,
        when="last > -1000000000",
        on=EvaluateOn.BAR_CLOSE,
        timeframe="1m",
        trigger=Trigger.EVERY,
        cooldown_ns=_EVERY_NS,
        hold_ns=0,
        rearm=Rearm(),
        message="",
        active=True,
    )


def shares_of(reports: Sequence[RuleReport], chance: Sequence[RuleReport]) -> tuple[Share, Share] | None:
    """Return how often the price went the rule's way, after its firings and at any time.

    ``None`` where the rule has no way, or an outcome is not known yet.

    Args:
        reports: Of the rule, one for each symbol; ``chance`` those of ``any_time``, in the same order.
    """
    own = [0, 0]
    other = [0.0, 0]
    for report, usual in zip(reports, chance, strict=True):
        if report.direction is None:
            return None
        moves = [outcome.moves[_PLACE] for outcome in report.outcomes]
        known = [move for move in moves if move is not None]
        own[0] += sum(move.gain(report.direction) > 0.0 for move in known)
        own[1] += len(known)
        at_any_time = [outcome.moves[_PLACE] for outcome in usual.outcomes]
        usual_known = [move for move in at_any_time if move is not None]
        if not known or not usual_known:
            continue
        # Each symbol counts as often as the rule fired on it.
        share = sum(move.gain(report.direction) > 0.0 for move in usual_known) / len(usual_known)
        other[0] += share * len(known)
        other[1] += len(usual_known)
    if not own[1] or not other[1]:
        return None
    return Share(own[0], own[1]), Share(round(other[0] / own[1] * other[1]), int(other[1]))


def judge(rule: Rule, own: Share, chance: Share) -> Suggestion | None:
    """Return what to think of a rule that does no better than chance; ``None`` for one that does.

    Nothing is said of fewer than 30 firings.
    """
    if own.count < _FEWEST:
        return None
    low, high = own.interval
    if low > chance.value:
        return None
    is_clear = high <= chance.value + _CLEAR
    compared = "worse than chance" if high < chance.value else "no better than chance"
    return Suggestion(
        advice=Advice.NO_BETTER_THAN_CHANCE,
        title="Turn it off" if is_clear else "It cannot be told from chance yet",
        evidence=(
            f"After {in_percent(own.value)} of {own.count} firings the price had gone its way {HORIZON} "
            f"later (between {in_percent(low)} and {in_percent(high)} with 95 % confidence); "
            f"at any time it did in {in_percent(chance.value)} of {chance.count}: "
            f"{compared if is_clear else 'too few firings to tell'}."
        ),
        after=replace(rule, active=False) if is_clear and rule.active else None,
    )
