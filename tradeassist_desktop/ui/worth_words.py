"""What alerts are worth, in words."""

from typing import TYPE_CHECKING

from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.domain.records import AlertRecord

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk


def worth_in_words(desk: "Desk", record: AlertRecord) -> str:
    """Return an alert's verdict, or else how likely it is worth it; empty where neither is known."""
    verdict = desk.verdicts.of(record.alert.id)
    if verdict is not None:
        return verdict.value
    score = desk.worth.score(record.alert.id)
    return "" if score is None else f"{in_percent(score.likelihood)} worth it"


def likelihood(desk: "Desk", record: AlertRecord) -> float:
    """Return what an alert is ranked by: its score; without one it comes after those that have any."""
    score = desk.worth.score(record.alert.id)
    return -1.0 if score is None else score.likelihood
