"""The order of alerts that fire at one instant of a recording."""

from math import inf

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.engine.engine import Engine


class InstantOrder:
    """Holds alerts back until their instant is over, and gives them out by rule, then symbol.

    A rule's place is the engine's. The engine itself brings alerts by time.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._instant: list[Alert] = []

    def take(self, alert: Alert) -> list[Alert]:
        """Hold the alert; return those of the instant before it, once it is over."""
        done: list[Alert] = []
        if self._instant and self._instant[0].event_ns != alert.event_ns:
            done = self.rest()
        self._instant.append(alert)
        return done

    def past(self) -> list[Alert]:
        """Return what is held of an instant that the engine's clock has left."""
        is_over = bool(self._instant) and self._instant[0].event_ns < self._engine.clock_ns
        return self.rest() if is_over else []

    def rest(self) -> list[Alert]:
        """Return what is still held, in order."""
        held, self._instant = self._instant, []
        if len(held) < 2:
            return held
        place_of = self._engine.place_of

        def order(alert: Alert) -> tuple[float, str]:
            place = place_of(alert.rule_uid)
            return inf if place is None else place, alert.symbol

        return sorted(held, key=order)
