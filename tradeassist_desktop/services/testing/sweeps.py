"""A rule with other numbers over the past: every combination, side by side, in worker processes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.numbers import VariedNumber, varied
from tradeassist_desktop.engine.studies.outcomes import HORIZONS
from tradeassist_desktop.engine.studies.scores import HorizonSummary, RuleReport
from tradeassist_desktop.engine.studies.sweep import Variant
from tradeassist_desktop.services.backtesting.backtests import BacktestProgress, Backtests
from tradeassist_desktop.services.testing.preview import MarketFile, job_of
from tradeassist_desktop.services.testing.previews import Previews

SweptAxis = tuple[VariedNumber, tuple[Decimal, ...]]


@dataclass(frozen=True, slots=True)
class SweptRule:
    """How the rule did with one combination of numbers, over all its symbols.

    Args:
        rule: With those numbers, and the uid and name of the one that was swept.
        numbers: One for each axis, as they are written.
        days: Days with data.
        horizons: One for each of ``HORIZONS``.
    """

    rule: Rule
    numbers: tuple[str, ...]
    fired: int
    days: int
    horizons: tuple[HorizonSummary, ...]

    @property
    def fires_a_day(self) -> float | None:
        """Return firings per day with data; ``None`` without data."""
        return self.fired / self.days if self.days else None


@dataclass(frozen=True, slots=True)
class Sweep:
    """Every combination, the last axis turning fastest."""

    rule: Rule
    axes: tuple[SweptAxis, ...]
    results: tuple[SweptRule, ...]


class Sweeps:
    """Runs one sweep at a time for whoever asks.

    Args:
        previews: Says what is kept of the symbols that a rule reads.
    """

    def __init__(self, *, backtests: Backtests, previews: Previews) -> None:
        self._backtests = backtests
        self._previews = previews

    async def sweep(
        self,
        rule: Rule,
        axes: Sequence[SweptAxis],
        *,
        days: int = 5,
        file: MarketFile | None = None,
        on_progress: Callable[[BacktestProgress], None] | None = None,
    ) -> Sweep:
        """Run a rule with every combination of numbers; cancelling the task ends its processes.

        Args:
            days: How many of the newest days that are kept.
            file: Looked at, whole, in place of what is kept.

        Raises:
            BadInput: a combination is no rule, or a file cannot be used.
            BacktestFailed: a worker has crashed or was killed.
            TradeAssistError: what is kept cannot be read.
        """
        # Hundreds of rules are read, which takes longer than the loop can wait.
        made = await asyncio.to_thread(varied, rule, axes)
        data = self._previews.data(made[0].rule, days=days) if file is None else file
        job = job_of(tuple(variant.rule for variant in made), data, keeps_outcomes=False)
        report = await self._backtests.run(job, on_progress=on_progress)
        by_uid: dict[str, list[RuleReport]] = {}
        for each in report.rules:
            by_uid.setdefault(each.uid, []).append(each)
        return Sweep(
            rule=rule,
            axes=tuple(axes),
            results=tuple(_result(rule, variant, by_uid[variant.rule.uid]) for variant in made),
        )


def summed(reports: Sequence[RuleReport]) -> tuple[HorizonSummary, ...]:
    """Return the outcome of a rule over all its symbols, each counting as often as it fired there."""
    return tuple(
        _together([report.horizons[place] for report in reports], horizon)
        for place, horizon in enumerate(HORIZONS)
    )


def _result(rule: Rule, variant: Variant, reports: Sequence[RuleReport]) -> SweptRule:
    made = variant.rule
    return SweptRule(
        rule=replace(
            rule, when=made.when, hold_ns=made.hold_ns, cooldown_ns=made.cooldown_ns, rearm=made.rearm
        ),
        numbers=tuple(number for _, number in variant.settings),
        fired=sum(report.fired for report in reports),
        days=max((report.days for report in reports), default=0),
        horizons=summed(reports),
    )


def _together(summaries: Sequence[HorizonSummary], horizon: str) -> HorizonSummary:
    known = sum(each.known for each in summaries)
    way = [each.favourable for each in summaries if each.favourable is not None]
    favourable = sum(way) if len(way) == len(summaries) else None
    if not known:
        return HorizonSummary(horizon, 0, None, None, None, favourable)

    def mean(values: Sequence[float | None]) -> float:
        counted = zip(values, summaries, strict=True)
        return sum((value or 0.0) * each.known for value, each in counted) / known

    return HorizonSummary(
        horizon,
        known,
        mean([each.mean_change for each in summaries]),
        mean([each.mean_highest for each in summaries]),
        mean([each.mean_lowest for each in summaries]),
        favourable,
    )
