"""What a trader thought of an alert."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether an alert was worth the interruption."""

    USEFUL = "useful"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """A verdict on one alert, and when it was given, wall clock."""

    alert_id: str
    verdict: Verdict
    given_ns: int
