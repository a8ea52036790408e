"""A learned score: a logistic model, its calibration, and how it did on alerts it had not seen."""

from collections import defaultdict
from dataclasses import dataclass
from math import exp

from tradeassist_desktop.engine.studies.worth.features import NAMES, Features


@dataclass(frozen=True, slots=True)
class Score:
    """One alert's score, and what speaks for it (above 0) and against it, weightiest first."""

    likelihood: float
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a model did on the newest alerts, which it was not trained on.

    Args:
        brier: Mean square of the difference between score and worth, 0 to 1; less is better.
        base_brier: The same of always saying ``base_rate``, the share of the alerts trained on.
        known: Alerts trained on; ``judged`` those it was judged on, all of them later.
        first_ns: Event time of the first alert trained on; ``split_ns`` of the first one judged on.
    """

    brier: float
    base_brier: float
    base_rate: float
    known: int
    judged: int
    first_ns: int
    split_ns: int
    last_ns: int

    @property
    def is_better(self) -> bool:
        """Whether the model knows more than the base rate."""
        return self.brier < self.base_brier


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was learned; scores without any library.

    Args:
        means: Of each feature, as ``scales`` (standard deviations) and ``weights`` are.
        slope: With ``shift``, Platt's calibration of the logistic model's log-odds.
        verdicts: How many of the alerts it learned from had a trader's verdict.
    """

    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    slope: float
    shift: float
    trial: Trial
    verdicts: int

    def explained(self, features: Features) -> Score:
        """Return an alert's score with its reasons."""
        return Score(self.score(features), tuple(self.reasons(features)))

    def score(self, features: Features) -> float:
        """Return how likely an alert is worth its trader's time, 0 to 1."""
        log_odds = self.intercept + sum(self._parts(features))
        return _logistic(self.slope * log_odds + self.shift)

    def reasons(self, features: Features) -> list[tuple[str, float]]:
        """Return what speaks for it (above 0) and against it, in log-odds, the weightiest first."""
        by_name: defaultdict[str, float] = defaultdict(float)
        for name, part in zip(NAMES, self._parts(features), strict=True):
            by_name[name] += self.slope * part
        return sorted(by_name.items(), key=lambda reason: -abs(reason[1]))

    def _parts(self, features: Features) -> list[float]:
        return [
            weight * (value - mean) / scale
            for value, mean, scale, weight in zip(
                features, self.means, self.scales, self.weights, strict=True
            )
        ]


def _logistic(log_odds: float) -> float:
    if log_odds < 0:
        grown = exp(max(log_odds, -700.0))
        return grown / (1.0 + grown)
    return 1.0 / (1.0 + exp(-min(log_odds, 700.0)))
