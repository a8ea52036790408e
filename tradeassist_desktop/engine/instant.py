"""The order of alerts of a recording: by time, then by rule, then by symbol."""

from math import inf

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.engine.engine import Engine


class InstantOrder:
    """Holds alerts back until their instant is over, and gives them out by time, rule, symbol.

    A rule's place is the engine's. What a timer has raised ahead of the data waits until the data
    has come as far: the engine's clock never goes back, so nothing earlier can follow.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: list[Alert] = []
        self._first_ns: float = inf

    @property
    def is_holding(self) -> bool:
        """Whether some alert is held back."""
        return bool(self._held)

    def take(self, alert: Alert) -> list[Alert]:
        """Hold the alert; return those of instants before it that are over."""
        done = self._before(min(alert.event_ns, self._engine.clock_ns))
        self._held.append(alert)
        self._first_ns = min(self._first_ns, alert.event_ns)
        return done

    def past(self) -> list[Alert]:
        """Return what is held of instants that the engine's clock has left."""
        return self._before(self._engine.clock_ns)

    def rest(self) -> list[Alert]:
        """Return what is still held, in order."""
        return self._before(inf)

    def _before(self, instant_ns: float) -> list[Alert]:
        if self._first_ns >= instant_ns:
            return []
        done = [alert for alert in self._held if alert.event_ns < instant_ns]
        self._held = [alert for alert in self._held if alert.event_ns >= instant_ns]
        self._first_ns = min((alert.event_ns for alert in self._held), default=inf)
        return sorted(done, key=self._order) if len(done) > 1 else done

    def _order(self, alert: Alert) -> tuple[int, float, str]:
        place = self._engine.place_of(alert.rule_uid)
        return alert.event_ns, inf if place is None else place, alert.symbol
