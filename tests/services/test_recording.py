"""A live session written down: what a replay makes of it is what happened."""

from pathlib import Path

from tests.fakes import KeptAlerts, ManualClock, ScriptedFeed
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.recordings import read
from tradeassist_desktop.recordings.writer import RecordingWriter
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData

START_NS = 1_700_000_000 * NS_PER_SECOND
RULE = Rule("r", "held", ("/ES",), "last > 5530", hold_ns=2 * NS_PER_SECOND, cooldown_ns=0)


def tick(price: float, *, at_s: float) -> Tick:
    event_ns = START_NS + int(at_s * NS_PER_SECOND)
    return Tick("/ES", event_ns, event_ns, last=price)


async def test_a_session_written_down_raises_the_same_alerts_when_replayed(
    tmp_path: Path, clock: ManualClock, bus: Bus
) -> None:
    writer, alerts, engine = RecordingWriter(path=tmp_path / "session.csv.gz"), KeptAlerts(), _engine()
    writer.start()
    market = MarketData(
        engine=engine,
        feeds=(ScriptedFeed([]),),
        alerting=alerts,  # type: ignore[arg-type]  # only what market data calls
        store=None,
        instruments=InstrumentBook(),
        bus=bus,
        clock=clock,
        watchlist=(),
        records_ticks=lambda: False,
        keeps_time=True,
        venue="demo",
        stale_s=lambda: 0.0,
    )
    market.record_to(writer)
    market.lines[0].on_status(FeedStatus(state=FeedState.LIVE))

    for second, price in enumerate((5529.0, 5531.0, 5531.5, 5532.0, 5529.0, 5533.0)):
        market.on_ticks([tick(price, at_s=10 * second)])
        for _ in range(20):
            await clock.advance(0.5)
            market.beats.flush()
    writer.close()
    replayed = _engine()
    again: list[Alert] = []
    for event in read(tmp_path / "session.csv.gz"):
        again.extend(replayed.on_tick(event) if isinstance(event, Tick) else replayed.on_time(event.utc_ns))

    assert [alert.event_ns - START_NS for alert in alerts.raised] == [12 * NS_PER_SECOND, 52 * NS_PER_SECOND]
    assert [(alert.id, alert.event_ns) for alert in again] == [
        (alert.id, alert.event_ns) for alert in alerts.raised
    ]


def _engine() -> Engine:
    engine = Engine(instruments=instrument_of, run_id="run")
    engine.set_rules([RULE])
    return engine
