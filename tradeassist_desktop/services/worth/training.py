"""Trains the score, in a process of its own: it brings scikit-learn, which is an extra."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.engine.studies.worth.features import Features
from tradeassist_desktop.engine.studies.worth.model import Model, Trial

if TYPE_CHECKING:
    import numpy as np

FEWEST: Final = 60
FEWEST_OF_EACH: Final = 12
_TRAINED: Final = 0.7
_FOLDS: Final = 3
_STRENGTH: Final = 0.5

Sample = tuple[Features, bool, int]
"""Features of an alert, whether it was worth it, and its event time."""


class NotEnough(TradeAssistError):
    """There are too few alerts of known worth, or they are all of one kind."""


class ExtraMissing(TradeAssistError):
    """The extra with scikit-learn is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model, and the trial's, which had not seen the newest alerts."""

    model: Model
    tried: Model


def train(samples: Sequence[Sample], *, verdicts: int) -> Trained:
    """Return a calibrated model, with its trial on the newest three in ten.

    The trial's model knows the older alerts alone; the one that is returned then learns from all. Both
    are calibrated by Platt's way on alerts that come after those they were fitted on.

    Args:
        samples: In order of time.
        verdicts: How many of them have a trader's verdict.

    Raises:
        NotEnough: fewer than 60, or fewer than 12 of a kind, also before the trial's part.
        ExtraMissing: scikit-learn is not installed.
    """
    split = int(len(samples) * _TRAINED)
    worth_it = sum(is_worth for _, is_worth, _ in samples)
    least = min(worth_it, len(samples) - worth_it)
    known_worth_it = sum(is_worth for _, is_worth, _ in samples[:split])
    known = min(known_worth_it, split - known_worth_it)
    if len(samples) < FEWEST or least < FEWEST_OF_EACH or known < FEWEST_OF_EACH // 2:
        alerts = "1 alert" if len(samples) == 1 else f"{len(samples)} alerts"
        raise NotEnough(
            f"{alerts} of known worth, {worth_it} of them worth it: {FEWEST} are needed, "
            f"at least {FEWEST_OF_EACH} of each kind, among the older ones too."
        )
    import numpy as np

    try:
        from sklearn.metrics import brier_score_loss
    except ImportError as error:
        raise ExtraMissing(
            "The learned score needs scikit-learn: install the program with its extra “score”."
        ) from error
    rows = np.array([features for features, _, _ in samples], dtype=float)
    worth = np.array([is_worth for _, is_worth, _ in samples], dtype=int)
    base_rate = float(worth[:split].mean())
    tried = _fitted(rows[:split], worth[:split])
    scores = _scores(tried, rows[split:])
    trial = Trial(
        brier=float(brier_score_loss(worth[split:], scores)),
        base_brier=float(brier_score_loss(worth[split:], np.full(len(scores), base_rate))),
        base_rate=base_rate,
        known=split,
        judged=len(samples) - split,
        first_ns=samples[0][2],
        split_ns=samples[split][2],
        last_ns=samples[-1][2],
    )
    return Trained(
        model=Model(**_fitted(rows, worth), trial=trial, verdicts=verdicts),
        tried=Model(**tried, trial=trial, verdicts=verdicts),
    )


def _fitted(rows: "np.ndarray", worth: "np.ndarray") -> dict[str, Any]:
    """Return scaling, weights and calibration, as ``Model`` has them."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import TimeSeriesSplit

    means, scales = rows.mean(axis=0), rows.std(axis=0)
    scales[scales < 1e-9] = 1.0
    scaled = (rows - means) / scales
    later: list[Any] = []
    their_worth: list[Any] = []
    for known, judged in TimeSeriesSplit(n_splits=_FOLDS).split(scaled):
        if len(set(worth[known])) == 2:
            fold = LogisticRegression(C=_STRENGTH).fit(scaled[known], worth[known])
            later.append(fold.decision_function(scaled[judged]))
            their_worth.append(worth[judged])
    slope, shift = 1.0, 0.0
    if later and len(set(np.concatenate(their_worth))) == 2:
        rows_later = np.concatenate(later).reshape(-1, 1)
        platt = LogisticRegression(C=_STRENGTH).fit(rows_later, np.concatenate(their_worth))
        # Turned round it would say that the model is worse than none: then it says nothing.
        slope, shift = max(0.0, float(platt.coef_[0, 0])), float(platt.intercept_[0])
    model = LogisticRegression(C=_STRENGTH).fit(scaled, worth)
    return {
        "means": tuple(map(float, means)),
        "scales": tuple(map(float, scales)),
        "weights": tuple(map(float, model.coef_[0])),
        "intercept": float(model.intercept_[0]),
        "slope": slope,
        "shift": shift,
    }


def _scores(fitted: dict[str, Any], rows: "np.ndarray") -> "np.ndarray":
    import numpy as np

    scaled = (rows - np.array(fitted["means"])) / np.array(fitted["scales"])
    log_odds = scaled @ np.array(fitted["weights"]) + fitted["intercept"]
    calibrated: np.ndarray = 1.0 / (1.0 + np.exp(-(fitted["slope"] * log_odds + fitted["shift"])))
    return calibrated
