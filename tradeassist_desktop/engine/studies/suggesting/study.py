"""One rule studied: what is run beside it over the past, and what that suggests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.scores import RuleReport
from tradeassist_desktop.engine.studies.suggesting.chance import any_time, judge, shares_of
from tradeassist_desktop.engine.studies.suggesting.firings import Firings, firings_of
from tradeassist_desktop.engine.studies.suggesting.flurries import calm, calmer_rules
from tradeassist_desktop.engine.studies.suggesting.levels import FARTHER, NEARER, MovedLevel, moved_levels
from tradeassist_desktop.engine.studies.suggesting.nearness import nearest_miss
from tradeassist_desktop.engine.studies.suggesting.suggestion import Suggestion
from tradeassist_desktop.engine.studies.suggesting.walk_forward import folds
from tradeassist_desktop.engine.studies.suggesting.wished import as_often


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a study came to.

    Args:
        days: Days with data, in order, New York's.
        fired: How often the rule fired on them as it is.
    """

    days: tuple[date, ...]
    fired: int
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A rule and the others that have to be run over the same data to judge it.

    Args:
        wish_a_day: Alerts a day that are wished for; ``None`` asks for no such level.
        tick_size: Smallest step of the price, for new levels of a price; 0 where there is none.
    """

    rule: Rule
    wish_a_day: float | None = None
    tick_size: float = 0.0
    _calmer: tuple[Rule, ...] = field(init=False)
    _moved: tuple[MovedLevel, ...] = field(init=False)

    def __post_init__(self) -> None:
        shares = NEARER if self.wish_a_day is None else NEARER + FARTHER
        calmer = calmer_rules(self.rule, tick_size=self.tick_size)
        moved = moved_levels(self.rule, shares, tick_size=self.tick_size)
        object.__setattr__(self, "_calmer", calmer)
        object.__setattr__(self, "_moved", tuple(moved))

    def rules(self) -> tuple[Rule, ...]:
        """Return what is to be run, each with outcomes kept: the rule itself, chance, and the variants."""
        others = (any_time(self.rule), *self._calmer, *(each.rule for each in self._moved))
        return tuple(
            replace(each, uid=str(place), name=str(place), active=True)
            for place, each in enumerate((self.rule, *others))
        )

    def findings(self, reports: Sequence[RuleReport]) -> Findings:
        """Return what the reports of ``rules()`` suggest."""
        by_place: dict[int, list[RuleReport]] = {}
        for report in reports:
            by_place.setdefault(int(report.uid), []).append(report)
        base, *fired = (firings_of(by_place[place]) for place in sorted(by_place))
        calmer = dict(zip(self._calmer, fired[1:], strict=False))
        moved = dict(zip(self._moved, fired[1 + len(self._calmer) :], strict=True))
        days = tuple(sorted({day for report in by_place[1] for day, _ in report.per_day}))
        return Findings(
            days=days,
            fired=base.count,
            suggestions=tuple(self._suggested(by_place, base, calmer, moved, days)),
        )

    def _suggested(
        self,
        by_place: Mapping[int, Sequence[RuleReport]],
        base: Firings,
        calmer: Mapping[Rule, Firings],
        moved: Mapping[MovedLevel, Firings],
        days: Sequence[date],
    ) -> list[Suggestion]:
        all_folds = folds(days)
        found = calm(self.rule, base, calmer, all_folds)
        found.extend(nearest_miss(base, moved, days, all_folds))
        shares = shares_of(by_place[0], by_place[1])
        judged = None if shares is None else judge(self.rule, *shares)
        if judged is not None:
            found.append(judged)
        if self.wish_a_day is not None:
            found.append(as_often(base, moved, self.wish_a_day, all_folds))
        return found
