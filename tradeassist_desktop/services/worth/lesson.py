"""What there is to learn from: alerts with their verdicts, or with what the price did after them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar
from tradeassist_desktop.domain.verdicts import GivenVerdict, Verdict
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.studies.directions import Direction, direction_of
from tradeassist_desktop.engine.studies.worth.features import Known, Past, samples
from tradeassist_desktop.engine.studies.worth.model import Model, Score
from tradeassist_desktop.services.worth.training import ExtraMissing, NotEnough, train
from tradeassist_desktop.storage.market_past import MarketPast

HORIZON_NS: Final = 900 * NS_PER_SECOND
"""How long after an alert without a verdict its price is looked at."""

_MINUTE_NS: Final = TIMEFRAMES["1m"]

ReadBars = Callable[[str, int, int], Iterable[Bar]]
"""Returns the minute bars of a symbol that begin in a stretch of event time, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a model is to learn from.

    Args:
        alerts: All that fired and are kept, in order of event time.
        verdicts: By alert.
        venues: By symbol, under which its bars are kept.
    """

    database: Path
    alerts: tuple[Alert, ...]
    verdicts: Mapping[str, GivenVerdict]
    venues: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What came of it.

    Args:
        past: The alerts learned from: the next one's features go on from them.
        outcomes: By alert without a verdict, whether the price made it worth it, where that is known.
        model: ``None`` where nothing could be learned; ``refusal`` is why.
        scores: By alert, of the newest ones: by a model that had not seen them.
    """

    past: Past
    outcomes: Mapping[str, bool]
    model: Model | None = None
    refusal: TradeAssistError | None = None
    scores: Mapping[str, Score] = field(default_factory=dict)


def learn(lesson: Lesson) -> Learned:
    """Return what is known of the alerts, and a model with what it needs to score further ones.

    There is no model where too few alerts have a verdict or a known outcome, or scikit-learn is missing.

    Raises:
        TradeAssistError: what is kept cannot be read.
    """
    with MarketPast(lesson.database) as market:

        def bars(symbol: str, since_ns: int, until_ns: int) -> Iterable[Bar]:
            venue = lesson.venues.get(symbol, "")
            return market.bars(venue, symbol, "1m", since_ns=since_ns, until_ns=until_ns)

        judged = [
            (alert, known_worth(alert, lesson.verdicts.get(alert.id), bars))
            for alert in lesson.alerts
            if alert.status is AlertStatus.FIRED and not alert.is_notice
        ]
    known = [(alert, worth) for alert, worth in judged if worth is not None]
    past = Past()
    for alert, worth in judged:
        past.add(alert, worth)
    learned = Learned(
        past=past,
        outcomes={alert.id: worth.is_worth for alert, worth in known if not worth.by_verdict},
    )
    taught = samples(judged)
    try:
        trained = train(taught, verdicts=sum(worth.by_verdict for _, worth in known))
    except (NotEnough, ExtraMissing) as refusal:
        return replace(learned, refusal=refusal)
    known_first = trained.model.trial.known
    scores = {
        alert.id: trained.tried.explained(features)
        for (alert, _), (features, _, _) in zip(known[known_first:], taught[known_first:], strict=True)
    }
    return replace(learned, model=trained.model, scores=scores)


def known_worth(alert: Alert, given: GivenVerdict | None, bars: ReadBars) -> Known | None:
    """Return whether an alert was worth its trader's time; ``None`` where nobody can tell.

    The trader's verdict counts before all. Without one, an alert whose rule looks up or down was worth it
    where the price had gone that way a quarter of an hour after the minute in which it fired.
    """
    if given is not None:
        return Known(given.verdict is Verdict.USEFUL, given.given_ns, by_verdict=True)
    direction = _direction(alert)
    if direction is None:
        return None
    ends_ns = alert.event_ns + HORIZON_NS
    found = list(bars(alert.symbol, alert.event_ns - _MINUTE_NS, ends_ns + _MINUTE_NS))
    after = [bar for bar in found if bar.end_ns >= alert.event_ns]
    if len(after) < 2 or after[-1].end_ns < ends_ns:
        return None
    moved = after[-1].close - after[0].close
    return Known(direction * moved > 0.0, after[-1].end_ns, by_verdict=False)


def _direction(alert: Alert) -> Direction | None:
    try:
        return direction_of(parse(alert.condition), alert.symbol)
    except BadInput:
        return None  # of a program that spoke another language
