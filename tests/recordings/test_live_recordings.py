"""The recording of a live session: written, read back to the bit, and repeated to the alert."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, MarketEvent, SightLost, Tick, TimerCall
from tradeassist_desktop.domain.rules import Rule, Trigger
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.studies.backtest import backtest
from tradeassist_desktop.recordings import RecordingWriter, merge, read
from tradeassist_desktop.recordings import writer as writer_module
from tradeassist_desktop.recordings.survey import survey

START_NS = 1_719_878_280_000_000_000
FIELDS = Tick._fields[3:-1]

stamps = st.integers(-(10**18), 9 * 10**18)
numbers = st.none() | st.floats(allow_nan=False)
symbols = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
ticks = st.builds(
    Tick, symbols, stamps, st.integers(0, 9 * 10**18), *[numbers for _ in FIELDS], st.none() | stamps
)
reasons = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)
losses = st.builds(SightLost, stamps, symbols, reasons, st.booleans())
sessions = st.lists(ticks | st.builds(TimerCall, stamps) | losses, min_size=1, max_size=30)


def written(path: Path, events: list[MarketEvent], *, flush_each: int = 7) -> Path:
    writer = RecordingWriter(path=path)
    writer.start()
    for count, event in enumerate(events, 1):
        writer.note([event])
        if count % flush_each == 0:
            writer.flush()
    writer.close()
    return path


@settings(max_examples=200, deadline=None)
@given(sessions)
def test_what_was_written_is_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, events: list[MarketEvent]
) -> None:
    path = written(tmp_path_factory.mktemp("session") / "session.csv.gz", events)

    assert list(read(path)) == events


def live_session(seed: int) -> list[MarketEvent]:
    """Return ticks of two symbols, quotes and trades, some out of order, between calls of the timer."""
    chance = random.Random(seed)
    now_ns, price, volume = START_NS, {"/ES": 5500.0, "$VIX": 15.0}, 1000.0
    events: list[MarketEvent] = []
    for _ in range(600):
        now_ns += chance.choice((0, 1, 999, 50_000_000, 700_000_000, 4_000_000_000))
        if chance.random() < 0.35:
            events.append(TimerCall(now_ns + chance.randint(-300_000_000, 300_000_000)))
            continue
        symbol = chance.choice(("/ES", "/ES", "$VIX"))
        price[symbol] += chance.choice((-0.75, -0.25, 0.25, 0.75))
        late_ns = chance.choice((0, 0, 0, 0, 900_000_000))
        volume += chance.randint(0, 3)
        tick = Tick(symbol, now_ns - late_ns, now_ns + 5_000_001, bid=price[symbol] - 0.25)
        if chance.random() < 0.7:
            tick = tick._replace(last=price[symbol], volume=volume, high=5510.0, trade_ns=now_ns - late_ns)
        events.append(tick)
    return events


RULES = [
    Rule("1", "up", ("/ES",), "last > 5500", hold_ns=2 * NS_PER_SECOND, cooldown_ns=5 * NS_PER_SECOND),
    Rule("2", "bars", ("/ES", "$VIX"), "close[5s] > open[5s]", cooldown_ns=0),
    Rule("3", "silent", ("/ES",), "age > 2.5", cooldown_ns=0),
    Rule("4", "both", ("/ES",), "close[15s] > avg(close, 3)[15s] and $VIX.last < 15", trigger=Trigger.EVERY),
]


@pytest.mark.parametrize("seed", range(5))
def test_a_recorded_session_with_its_timer_is_repeated_alert_for_alert(tmp_path: Path, seed: int) -> None:
    session = live_session(seed)
    session.append(TimerCall(START_NS + 86_400 * NS_PER_SECOND))
    live = Engine(instruments=instrument_of)
    live.set_rules(RULES)
    alerts: list[Alert] = []
    for event in session:
        if isinstance(event, Tick):
            alerts += live.on_tick(event)
        elif isinstance(event, TimerCall):
            alerts += live.on_time(event.utc_ns)

    path = written(tmp_path / "session.csv.gz", session)
    again = Engine(instruments=instrument_of)
    again.set_rules(RULES)
    repeated = list(backtest(merge([read(path)]), again))

    assert len(alerts) > 20
    # A backtest orders the alerts of one instant by rule and symbol; live they come as they are found.
    place = {rule.uid: at for at, rule in enumerate(RULES)}
    assert repeated == sorted(alerts, key=lambda alert: (alert.event_ns, place[alert.rule_uid], alert.symbol))


def test_a_session_killed_between_two_flushes_can_be_read(tmp_path: Path) -> None:
    writer = RecordingWriter(path=tmp_path / "session.csv.gz")
    writer.start()
    writer.note([Tick("/ES", START_NS, 1, last=1.0)])
    writer.flush()
    writer.note([Tick("/ES", START_NS, 2, last=2.0)])

    assert [event[0] for event in read(tmp_path / "session.csv.gz")] == ["/ES"]
    writer.close()
    assert writer.rows == 2


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    path = written(tmp_path / "session.csv.gz", [TimerCall(1)])

    with pytest.raises(BadInput, match="File exists"):
        RecordingWriter(path=path).start()


def test_a_row_without_a_symbol_is_a_timers_call_in_recordings_of_sessions_only(tmp_path: Path) -> None:
    path = tmp_path / "ticks.csv"
    path.write_text("timestamp,symbol,last\n1,A,1\n2,,\n")

    recording = read(path)

    assert [event[0] for event in recording] == ["A"]
    assert recording.tally.unreadable == 1


def test_a_recording_turned_into_parquet_says_the_same(tmp_path: Path) -> None:
    session: list[MarketEvent] = [
        Tick("/ES", START_NS, 5, last=1.5, trade_ns=START_NS - 1),
        SightLost(START_NS, "/ES", "the feed is down, and reconnecting"),
        TimerCall(START_NS + 1),
        SightLost(START_NS + 2, "$VIX", "nothing has come of it", is_stale=True),
    ]
    path = written(tmp_path / "session.csv.gz", session)
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{path}', all_varchar=true)) TO '{tmp_path / 'session.parquet'}'"
        )

    assert list(read(tmp_path / "session.parquet")) == session


def test_a_loss_of_sight_that_cannot_be_read_is_counted_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "session.csv"
    path.write_text("timestamp,symbol,last,received_time,sight_lost\n1,A,1,2,\n2,A,,,gone\n")

    recording = read(path)

    assert len(list(recording)) == 1
    assert [str(fault) for fault in recording.tally.faults] == [
        f"{path}: row 3, column sight_lost: expected lost:, silent: or told: and what there is to say, "
        "found 'gone'"
    ]


def test_flushes_side_by_side_keep_the_order(tmp_path: Path) -> None:
    writer = RecordingWriter(path=tmp_path / "session.csv.gz")
    writer.start()
    session: list[MarketEvent] = [Tick("A", START_NS + at, 1, last=float(at)) for at in range(20_000)]

    with ThreadPoolExecutor(4) as threads:
        for first in range(0, len(session), 100):
            writer.note(session[first : first + 100])
            threads.submit(writer.flush)
        threads.submit(writer.close)

    assert list(read(tmp_path / "session.csv.gz")) == session


def test_a_recording_whose_disk_stands_still_ends_whole_before_the_memory_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MOST_NOTED", 100)
    writer = RecordingWriter(path=tmp_path / "session.csv.gz")
    writer.start()
    session: list[MarketEvent] = [Tick("A", START_NS + at, 1, last=float(at)) for at in range(150)]

    for event in session:  # and no flush comes through
        writer.note([event])
    with pytest.raises(OSError, match="the disk cannot follow the market"):
        writer.flush()
    writer.note(session[100:])
    writer.close()

    assert list(read(tmp_path / "session.csv.gz")) == session[:100]


def test_a_session_begins_with_its_recording_and_not_with_a_symbol_long_silent(
    tmp_path: Path,
) -> None:
    friday_ns = START_NS - 3 * 86_400 * NS_PER_SECOND
    stood = [Tick("$SPX", friday_ns, 0, last=5_000.0), Tick("/ES", START_NS, 0, last=5_500.0)]
    live = [Tick("/ES", START_NS + second * NS_PER_SECOND, 0, last=5_501.0) for second in (1, 2)]
    path = tmp_path / "session.csv.gz"
    writer = RecordingWriter(path=path)
    writer.start()
    writer.note([*stood, *live])
    writer.close()

    summary = survey(path)

    assert (summary.first_ns, summary.last_ns) == (START_NS, START_NS + 2 * NS_PER_SECOND)
    assert (writer.first_ns, writer.last_ns) == (summary.first_ns, summary.last_ns)
    assert summary.symbols == ("$SPX", "/ES")
