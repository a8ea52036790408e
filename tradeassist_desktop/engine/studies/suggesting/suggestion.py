"""What may be better about a rule, with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.suggesting.firings import Span
from tradeassist_desktop.engine.studies.suggesting.walk_forward import Fold


class Advice(StrEnum):
    """What a suggestion is about."""

    FLURRIES = "flurries"
    NEAREST_MISS = "nearest miss"
    NO_BETTER_THAN_CHANCE = "no better than chance"
    WISHED_FOR = "alerts a day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One suggestion about one rule.

    Args:
        title: What to do, as an order; where there is nothing to do, what was found.
        evidence: What the past shows, in one or two sentences.
        proof: How the change did on the days it was judged on; empty where nothing was chosen.
        after: The rule as it would be; ``None`` for what is only to be known.
        fold: The days the change was chosen on, and the later ones it was judged on.
    """

    advice: Advice
    title: str
    evidence: str
    proof: str = ""
    after: Rule | None = None
    fold: Fold | None = None


def per_day(rate: float) -> str:
    """Return a rate in words: ``6 times a day``, ``once in 4 days``."""
    if rate >= 9.5:
        return f"{rate:.0f} times a day"
    if rate >= 1:
        number = f"{rate:.1f}".removesuffix(".0")
        return "once a day" if number == "1" else f"{number} times a day"
    if rate <= 0:
        return "never"
    days = round(1 / rate)
    return "once a day" if days == 1 else f"once in {days} days"


def days_of(span: Span) -> str:
    """Return the days of a span: ``3–14 Nov``, ``28 Oct – 4 Nov``, ``3 Nov``."""
    first, last = span.first, span.last
    if first == last:
        return _day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_day(last)}"
    return f"{_day(first)} – {_day(last)}"


def chosen_and_judged(fold: Fold) -> str:
    """Return which days a choice was made on and which ones judged it."""
    return f"Chosen on {days_of(fold.train)}, judged on {days_of(fold.test)}"


def in_folds(held: int, all_folds: Sequence[Fold]) -> str:
    """Return in how many of the folds the same way of choosing held; empty for one."""
    if len(all_folds) < 2:
        return ""
    return f" Choosing so held in {held} of {len(all_folds)} stretches of days."


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
