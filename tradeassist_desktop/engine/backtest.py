"""Drives the engine over recorded data: the same engine as live, paced by event time alone."""

from collections.abc import Iterable, Iterator

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.market import Bar, Tick
from tradeassist_desktop.engine.engine import Engine


def backtest(events: Iterable[Tick | Bar], engine: Engine) -> Iterator[Alert]:
    """Yield what the engine's rules raise over ``events``, which come in time order.

    Alerts are ordered by event time, then by the rule's place in the engine, then by symbol; those
    of one instant are held back until the instant is over. Nothing later than the last event fires.
    """
    order = _Order(engine)
    on_bar, on_tick = engine.on_bar, engine.on_tick
    for event in events:
        alerts = on_bar(event) if isinstance(event, Bar) else on_tick(event)
        for alert in alerts:
            yield from order.take(alert)
    for alert in engine.finish():
        yield from order.take(alert)
    yield from order.rest()


class _Order:
    """Sorts the alerts of one instant; the engine itself brings them by time."""

    def __init__(self, engine: Engine) -> None:
        places: dict[str, int] = {}
        for status in engine.statuses():
            places.setdefault(status.uid, len(places))
        self._places = places
        self._instant: list[Alert] = []

    def take(self, alert: Alert) -> list[Alert]:
        """Hold the alert; return those of the instant before it, once it is over."""
        done: list[Alert] = []
        if self._instant and self._instant[0].event_ns != alert.event_ns:
            done = self.rest()
        self._instant.append(alert)
        return done

    def rest(self) -> list[Alert]:
        """Return what is still held, in order."""
        done = sorted(
            self._instant,
            key=lambda alert: (self._places.get(alert.rule_uid, len(self._places)), alert.symbol),
        )
        self._instant = []
        return done
