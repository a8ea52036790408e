"""How likely each alert is worth its trader's time. It ranks and explains; it silences nothing."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Timing
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import AlertRaised, VerdictsGiven, WorthLearned
from tradeassist_desktop.domain.verdicts import Verdict
from tradeassist_desktop.engine.studies.worth.features import Past
from tradeassist_desktop.engine.studies.worth.model import Model, Score
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.verdicts import Verdicts
from tradeassist_desktop.services.worth.apart import learn_apart
from tradeassist_desktop.services.worth.lesson import Lesson
from tradeassist_desktop.services.worth.track_record import TrackRecord, track_records
from tradeassist_desktop.services.worth.training import NotEnough
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage.database import Database

log = logging.getLogger(__name__)

MOST_ALERTS: Final = 5_000
_FIRST_S: Final = 60.0
_AGAIN_S: Final = 6 * 3600.0
_MOST_SCORES: Final = 20_000
_PAGE: Final = 250


class Worth:
    """Learns now and then, and scores every alert from then on.

    Args:
        database: Has the alerts, and what the price did after them.
        venue_of: Returns the venue a symbol's bars are kept under.
        is_wanted: Whether the trader wants a score.
    """

    def __init__(
        self,
        *,
        database: Database,
        verdicts: Verdicts,
        venue_of: Callable[[str], str],
        bus: Bus,
        clock: Clock,
        is_wanted: Callable[[], bool],
    ) -> None:
        self._database = database
        self._verdicts = verdicts
        self._venue_of = venue_of
        self._bus = bus
        self._clock = clock
        self._is_wanted = is_wanted
        self._past = Past()
        self._turn = asyncio.Lock()
        self._scores: dict[str, Score] = {}
        self._rules: dict[str, str] = {}  # of the alerts that were learned from or came since
        self._outcomes: Mapping[str, bool] = {}
        self._records: Mapping[str, TrackRecord] | None = None
        self.model: Model | None = None
        """What scores at present; ``None`` before anything was learned."""
        self.trouble = ""
        """Why nothing was learned the last time; empty where something was."""

    @property
    def is_possible(self) -> bool:
        """Whether the extra it needs is installed."""
        return find_spec("sklearn") is not None

    @property
    def is_wanted(self) -> bool:
        """Whether the trader wants alerts scored."""
        return self._is_wanted()

    def score(self, alert_id: str) -> Score | None:
        """Return the score of an alert by a model that had not seen it; ``None`` where there is none."""
        return self._scores.get(alert_id)

    def track_record(self, rule_uid: str) -> TrackRecord | None:
        """Return how a rule's newest alerts did; ``None`` where nothing is known of any.

        A verdict counts at once; what the price did is known from the last learning.
        """
        if self._records is None:
            self._records = self._counted()
        return self._records.get(rule_uid)

    async def learn(self) -> Model:
        """Learn from all alerts that are kept; those that follow are scored by it.

        Raises:
            NotEnough: too few alerts have a verdict or a known outcome.
            ExtraMissing: scikit-learn is not installed.
            TradeAssistError: nothing was learned; what was before goes on scoring.
        """
        async with self._turn:
            return await self._learn()

    async def _learn(self) -> Model:
        alerts = sorted(await self._alerts(), key=lambda alert: alert.event_ns)
        lesson = Lesson(
            database=self._database.path,
            alerts=tuple(alert for alert in alerts if _is_of_a_rule(alert)),
            verdicts=self._verdicts.all(),
            venues={alert.symbol: self._venue_of(alert.symbol) for alert in alerts if alert.symbol},
        )
        try:
            learned = await learn_apart(lesson)
            self._rules |= {alert.id: alert.rule_uid for alert in lesson.alerts}
            self._outcomes, self._records = learned.outcomes, None
            if learned.model is None:
                raise learned.refusal or NotEnough("There is nothing to learn from.")
        except TradeAssistError as error:
            self.trouble = str(error)
            self._bus.publish(WorthLearned())
            raise
        self.model, self._past, self.trouble = learned.model, learned.past, ""
        self._scores |= learned.scores
        trial = learned.model.trial
        log.info(
            "score learned",
            extra={"alerts": trial.known + trial.judged, "brier": trial.brier, "base": trial.base_brier},
        )
        self._bus.publish(WorthLearned())
        return learned.model

    async def run(self) -> None:
        """Score alerts as they come; learn a minute after the start and every six hours, until cancelled."""
        unsubscribe = self._bus.subscribe(AlertRaised, self.on_alert)
        leave_verdicts = self._bus.subscribe(VerdictsGiven, self.on_verdicts)
        try:
            await self._clock.sleep(_FIRST_S)
            while True:
                if self._is_wanted():
                    try:
                        await self.learn()
                    except TradeAssistError as error:
                        log.info("nothing learned", extra={"reason": str(error)})
                await self._clock.sleep(_AGAIN_S)
        finally:
            unsubscribe()
            leave_verdicts()

    def scores(self) -> Mapping[str, Score]:
        """Return all scores by alert."""
        return self._scores

    async def _alerts(self) -> list[Alert]:
        """Return the newest alerts, read in pages: between two of them alerts are saved."""
        found: list[Alert] = []
        before: int | None = None
        while len(found) < MOST_ALERTS:
            number = before
            page = await self._database.read(
                lambda connection: alert_rows.page(connection, before_number=number, limit=_PAGE)  # noqa: B023 - awaited at once
            )
            found.extend(record.alert for record in page)
            before = page[-1].number if page else None
            if before is None:
                break
        return found

    def on_alert(self, event: AlertRaised) -> None:
        """Score an alert, and remember it for those that follow."""
        alert = event.alert
        if not _is_of_a_rule(alert):
            return
        self._rate(alert)
        self._past.add(alert)
        self._rules[alert.id] = alert.rule_uid
        if len(self._rules) > _MOST_SCORES:
            del self._rules[next(iter(self._rules))]

    def on_verdicts(self, event: VerdictsGiven) -> None:
        """Count rules' records anew when they are asked for next."""
        self._records = None

    def _counted(self) -> Mapping[str, TrackRecord]:
        given = {alert_id: each.verdict is Verdict.USEFUL for alert_id, each in self._verdicts.all().items()}
        return track_records({**self._outcomes, **given}, self._rules)

    def _rate(self, alert: Alert) -> None:
        if self.model is None or not self._is_wanted():
            return
        features = self._past.features(alert)
        self._scores[alert.id] = self.model.explained(features)
        while len(self._scores) > _MOST_SCORES:
            del self._scores[next(iter(self._scores))]


def _is_of_a_rule(alert: Alert) -> bool:
    return not alert.is_notice and alert.status is AlertStatus.FIRED and alert.timing is not Timing.REPLAYED
