"""A circuit breaker as the window says and marks it: a service that is asked, or left alone."""

from collections.abc import Mapping, Sequence
from typing import Final

from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.widgets.gauge import Level

_TITLES: Final[Mapping[str, str]] = {
    "schwab": "Schwab data",
    "demo": "Demo market data",
    "coinbase": "Coinbase data",
    "smtp": "E-mail",
    "email": "E-mail",
    "secret manager": "Secret Manager",
}
_WORDS: Final[Mapping[BreakerState, str]] = {
    BreakerState.CLOSED: "in use",
    BreakerState.OPEN: "left alone",
    BreakerState.HALF_OPEN: "being tried",
    BreakerState.FORCED_OPEN: "left alone, by hand",
    BreakerState.FORCED_CLOSED: "always used, by hand",
    BreakerState.DISABLED: "not watched, by hand",
    BreakerState.METRICS_ONLY: "only counted, by hand",
}
_LEVELS: Final[Mapping[BreakerState, Level]] = {
    BreakerState.CLOSED: Level.GOOD,
    BreakerState.OPEN: Level.BAD,
    BreakerState.HALF_OPEN: Level.WARN,
    BreakerState.FORCED_OPEN: Level.BAD,
}


def title_of(name: str) -> str:
    """Return a service's name for people."""
    return _TITLES.get(name, name[:1].upper() + name[1:])


def state_in_words(reading: BreakerReading) -> str:
    """Return what is done with the service."""
    return f"{_WORDS[reading.state]}; would not be" if reading.would_trip else _WORDS[reading.state]


def breaker_level(reading: BreakerReading) -> Level:
    """Return how far the service can be relied on; what was chosen by hand has no level of its own."""
    return Level.WARN if reading.would_trip else _LEVELS.get(reading.state, Level.QUIET)


def failures_in_words(reading: BreakerReading) -> str:
    """Return failures in a row, and the rate where there is one: ``3, 40 %``."""
    in_a_row = f"{reading.failures:,}"
    return in_a_row if reading.failure_rate is None else f"{in_a_row}, {100 * reading.failure_rate:.0f} %"


def next_try_in_words(reading: BreakerReading) -> str:
    """Return when the service is tried again; empty where it is not left alone."""
    if reading.state is BreakerState.FORCED_OPEN:
        return "after a reset"
    if reading.state is BreakerState.OPEN:
        left_s = -(-reading.retry_after_s // 1)
        return f"in {text.duration(round(left_s * NS_PER_SECOND))}" if left_s else "when next used"
    return "now" if reading.state is BreakerState.HALF_OPEN else ""


def all_in_words(reading: BreakerReading) -> str:
    """Return all there is to say of a breaker, a line for each thing."""
    totals = reading.totals
    counts = (
        (totals.successes, "answered"),
        (totals.failures, "failed"),
        (totals.ignored, "ended without saying anything of the service"),
        (totals.slow, "slow"),
    )
    told = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    lines = [
        f"{title_of(reading.name)}: {state_in_words(reading)}",
        f"{text.plural(totals.calls, 'call')}{': ' if told else ''}{told}",
        f"{text.plural(totals.rejected, 'call')} not made" if totals.rejected else "",
        f"Left alone {text.plural(totals.trips, 'time')} so far" if totals.trips else "",
        f"Last failure: {reading.last_failure}" if reading.last_failure else "",
    ]
    return "\n".join(line for line in lines if line)


def trouble_in_words(unhealthy: Sequence[BreakerReading]) -> str:
    """Return one line for the status bar; empty where every service is in use."""
    if not unhealthy:
        return ""
    if len(unhealthy) == 1:
        return f"{title_of(unhealthy[0].name)} {state_in_words(unhealthy[0])}"
    return f"{len(unhealthy)} services in trouble"
