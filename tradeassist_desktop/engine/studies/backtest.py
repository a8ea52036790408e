"""Drives the engine over recorded data: the same engine as live, paced by event time alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.market import Bar, MarketEvent, PastTold, SightLost, Tick
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.instant import InstantOrder
from tradeassist_desktop.engine.look_back import RecordedPast
from tradeassist_desktop.engine.studies.scores import Scores


def backtest(
    events: Iterable[MarketEvent], engine: Engine, *, scores: Scores | None = None
) -> Iterator[Alert]:
    """Yield what the engine's rules raise over ``events``, which come in time order.

    Alerts are ordered by event time, then by the rule's place in the engine, then by symbol; those
    of one instant are held back until the instant is over, no longer: between two events, all of
    those before the engine's clock have been given out. Nothing later than the last event fires.

    Args:
        scores: Keeps account; complete once the last alert has been taken.
    """
    order = InstantOrder(engine)
    is_holding = False
    past = RecordedPast(look_back=engine.look_back)
    on_tick: Callable[[Tick], Sequence[Alert]] = engine.on_tick
    on_bar, on_time = engine.on_bar, engine.on_time
    for event in events:
        if isinstance(event, Tick):
            alerts = on_tick(event)
        elif isinstance(event, Bar):
            alerts = on_bar(event)
        elif isinstance(event, SightLost):
            engine.go_blind((event.symbol,), event.reason, is_stale=event.is_stale)
            continue
        elif isinstance(event, PastTold):
            alerts = past.take(event)
            on_tick = past.on_tick if past.is_told else engine.on_tick
        else:
            alerts = on_time(event.utc_ns)
        if scores is not None:
            scores.take(event, alerts)
        if alerts or is_holding:
            for alert in alerts:
                yield from order.take(alert)
            yield from order.past()
            is_holding = order.is_holding
    alerts = engine.finish()
    if scores is not None:
        scores.finish(alerts)
    for alert in alerts:
        yield from order.take(alert)
    yield from order.rest()
