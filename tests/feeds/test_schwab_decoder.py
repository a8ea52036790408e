"""Schwab's frames into ticks; ``tests/frames/schwab`` holds frames and what must become of them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeassist_desktop.domain.market import BadFrame, Bar, Tick, TradingStatus
from tradeassist_desktop.feeds.schwab.decoder import SchwabDecoder

FRAMES = sorted((Path(__file__).resolve().parents[1] / "frames" / "schwab").glob("*.json"))
RECEIVED_NS = 1_756_000_010_000_000_000


def frame(*items: dict[str, object], service: str = "LEVELONE_EQUITIES", timestamp: int = 5_000) -> bytes:
    part = {"service": service, "timestamp": timestamp, "command": "SUBS", "content": items}
    return json.dumps({"data": [part]}).encode()


@pytest.mark.parametrize("path", FRAMES, ids=lambda path: path.stem)
def test_a_golden_frame_becomes_its_ticks(path: Path) -> None:
    case = json.loads(path.read_text())

    reading = SchwabDecoder().read(json.dumps(case["frame"]).encode(), RECEIVED_NS)

    assert reading.ticks == [Tick(received_ns=RECEIVED_NS, **tick) for tick in case["ticks"]]
    assert reading.faults == case["faults"]


def test_a_tick_without_times_gets_the_newest_known_of_its_symbol() -> None:
    decoder = SchwabDecoder()
    decoder.decode(frame({"key": "AAPL", "1": 1.0, "34": 9_000}), RECEIVED_NS)
    decoder.decode(frame({"key": "AAPL", "1": 1.0, "34": 7_000}), RECEIVED_NS)

    (tick,) = decoder.decode(frame({"key": "AAPL", "1": 2.0}), RECEIVED_NS)
    (other,) = decoder.decode(frame({"key": "MSFT", "1": 2.0}), RECEIVED_NS)

    assert tick.event_ns == 9_000_000_000
    assert other.event_ns == 5_000_000_000


def test_a_trade_older_than_its_quote_keeps_its_own_time() -> None:
    (tick,) = SchwabDecoder().decode(frame({"key": "AAPL", "3": 2, "34": 9_000, "35": 8_000}), RECEIVED_NS)

    assert (tick.event_ns, tick.trade_ns) == (9_000_000_000, 8_000_000_000)


def test_a_frame_without_any_time_counts_from_its_arrival() -> None:
    content = b'{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":"AAPL","1":2.5}]}]}'

    (tick,) = SchwabDecoder().decode(content, RECEIVED_NS)

    assert tick.event_ns == RECEIVED_NS


@pytest.mark.parametrize(
    "text", ["1e999", "9" * 5000, "true", '"1"', "{}", "1e308", "-1e13"], ids=lambda text: text[:6]
)
def test_a_bad_value_is_left_out_and_its_neighbours_stay(text: str) -> None:
    content = f'{{"key":"AAPL","1":{text},"2":5.5,"34":9000}},{{"key":"SPY","3":7,"35":9001}}'
    whole = f'{{"data":[{{"service":"LEVELONE_EQUITIES","content":[{content}]}}]}}'

    reading = SchwabDecoder().read(whole.encode(), RECEIVED_NS)

    assert [(tick.symbol, tick.bid, tick.ask, tick.last) for tick in reading.ticks] == [
        ("AAPL", None, 5.5, None),
        ("SPY", None, None, 7.0),
    ]
    assert reading.faults == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'{"data":[NaN]}',
        b'{"data"',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"data": Infinity}',
        b'{"data":[{"service":"LEVELONE_EQUITIES","content":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}]}",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_json_object_is_a_bad_frame(content: bytes) -> None:
    with pytest.raises(BadFrame):
        SchwabDecoder().read(content, RECEIVED_NS)


@pytest.mark.parametrize(
    "content",
    [
        b'{"data":7}',
        b'{"data":[7]}',
        b'{"data":[{"content":[]}]}',
        b'{"data":[{"service":"LEVELONE_EQUITIES","content":{}}]}',
        b'{"data":[{"service":"LEVELONE_EQUITIES","content":[7]}]}',
        b'{"response":[{"requestid":"1"}]}',
        b'{"notify":[{"content":{"code":"x"}}]}',
    ],
    ids=lambda content: repr(content[:50]),
)
def test_a_wrong_shape_is_a_fault_and_nothing_more(content: bytes) -> None:
    reading = SchwabDecoder().read(content, RECEIVED_NS)

    assert reading.ticks == []
    assert reading.faults >= 1


def test_answers_and_notices_are_read() -> None:
    content = {
        "response": [
            {"service": "ADMIN", "command": "LOGIN", "requestid": 1, "content": {"code": 0, "msg": "ok"}}
        ],
        "notify": [{"heartbeat": "1"}, {"service": "Invalid Service", "content": {"code": 12, "msg": "bye"}}],
    }

    reading = SchwabDecoder().read(json.dumps(content).encode(), RECEIVED_NS)

    assert [answer.content.code for answer in reading.answers] == [0]
    assert [notice.heartbeat for notice in reading.notices] == ["1", None]
    assert reading.notices[1].content is not None
    assert reading.notices[1].content.code == 12


def test_a_snapshot_names_its_instrument() -> None:
    items = {"key": "/6EH4", "16": "Euro FX", "25": 0.00005, "3": 1.1, "11": 9_000}

    reading = SchwabDecoder().read(frame(items, service="LEVELONE_FUTURES"), RECEIVED_NS)

    (instrument,) = reading.instruments
    assert (instrument.symbol, instrument.description) == ("/6EH4", "Euro FX")
    assert (instrument.tick_size, instrument.decimals) == (0.00005, 5)


def test_a_halt_is_told_with_or_without_prices_and_an_unknown_word_is_not() -> None:
    decoder = SchwabDecoder()
    items = [
        {"key": "AAPL", "32": "Halted"},
        {"key": "SPY", "3": 500.0, "32": "Normal", "35": 9_000},
        {"key": "TLT", "32": "Pondering"},
    ]

    reading = decoder.read(frame(*items), RECEIVED_NS)

    assert reading.trading == (("AAPL", TradingStatus.HALTED), ("SPY", TradingStatus.NORMAL))
    assert [tick.symbol for tick in reading.ticks] == ["SPY"]


def test_a_future_tells_its_contract_and_a_later_roll_of_it_alone() -> None:
    decoder = SchwabDecoder()
    first = {"key": "/ES", "16": "E-mini", "3": 5500, "11": 9_000, "34": "/ESZ25", "35": 1_766_100_000_000}

    (instrument,) = decoder.read(frame(first, service="LEVELONE_FUTURES"), RECEIVED_NS).instruments
    nothing_new = decoder.read(frame(first, service="LEVELONE_FUTURES"), RECEIVED_NS).instruments
    roll = {"key": "/ES", "34": "/ESH26"}
    (rolled,) = decoder.read(frame(roll, service="LEVELONE_FUTURES"), RECEIVED_NS).instruments

    assert (instrument.active_symbol, instrument.expires_ns) == ("/ESZ25", 1_766_100_000_000_000_000)
    assert nothing_new == ()
    assert (rolled.active_symbol, rolled.description) == ("/ESH26", "E-mini")


def test_a_share_tells_its_cusip_and_whether_its_prices_are_delayed() -> None:
    item = {"key": "META", "15": "Meta Platforms", "cusip": "30303M102", "delayed": True, "3": 500.0}

    reading = SchwabDecoder().read(frame(item), RECEIVED_NS)

    assert reading.instruments[0].cusip == "30303M102"
    assert reading.delayed == (("META", True),)


def test_an_option_ends_with_the_session_of_its_last_day() -> None:
    item = {"key": "AAPL  251219C00200000", "1": "AAPL Dec 200 Call", "4": 12.5, "39": 9_000}

    reading = SchwabDecoder().read(frame(item, service="LEVELONE_OPTIONS"), RECEIVED_NS)

    assert reading.instruments[0].expires_ns == 1_766_178_000_000_000_000  # 2025-12-19 16:00 in New York
    assert reading.ticks[0].last == 12.5


BAR = {"key": "AAPL", "1": 390, "2": 10.0, "3": 11.0, "4": 9.5, "5": 10.5, "6": 700, "7": 1_756_000_020_000}


def test_a_bar_of_shares_is_read_in_the_order_of_the_wire() -> None:
    reading = SchwabDecoder().read(frame(BAR, service="CHART_EQUITY"), 1_756_000_090_000_000_000)

    start_ns = 1_756_000_020_000_000_000
    assert reading.bars == (
        Bar("AAPL", "1m", start_ns, start_ns + 60_000_000_000, 10.0, 11.0, 9.5, 10.5, 700.0),
    )
    assert reading.ticks == []


def test_a_bar_of_futures_is_read_in_its_own_order() -> None:
    item = {"key": "/ES", "1": 1_756_000_020_000, "2": 5500, "3": 5501, "4": 5499.5, "5": 5500.25, "6": 9}

    (bar,) = SchwabDecoder().read(frame(item, service="CHART_FUTURES"), RECEIVED_NS).bars

    assert bar[4:] == (5500.0, 5501.0, 5499.5, 5500.25, 9.0)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"3": 9.0}, id="high below open"),
        pytest.param({"4": 10.2}, id="low above open"),
        pytest.param({"4": -1.0}, id="a share below 0"),
        pytest.param({"6": -1}, id="volume below 0"),
        pytest.param({"5": None}, id="no close"),
        pytest.param({"7": 1_756_000_020_500}, id="no whole minute"),
        pytest.param({"7": 1_956_000_000_000}, id="of the future"),
        pytest.param({"2": "x"}, id="no number"),
        pytest.param({"3": 1e308}, id="absurd"),
    ],
)
def test_an_impossible_bar_is_refused_whole_and_counted(change: dict[str, object]) -> None:
    sound = {**BAR, "key": "SPY"}

    reading = SchwabDecoder().read(frame({**BAR, **change}, sound, service="CHART_EQUITY"), RECEIVED_NS)

    assert [bar.symbol for bar in reading.bars] == ["SPY"]
    assert reading.faults >= 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
_FIELDS = st.dictionaries(st.sampled_from(["key", "1", "3", "8", "15", "34", "35"]), _JSON, max_size=5)


@given(items=st.lists(_FIELDS, max_size=4))
@settings(max_examples=200, deadline=None)
def test_whatever_comes_a_symbol_is_text_and_a_value_is_a_number(items: list[dict[str, object]]) -> None:
    try:
        reading = SchwabDecoder().read(frame(*items), RECEIVED_NS)
    except BadFrame:
        return  # NaN is no JSON

    for tick in reading.ticks:
        assert isinstance(tick.symbol, str)
        assert isinstance(tick.event_ns, int)
        assert all(value is None or isinstance(value, float) for value in tick[3:14])


def test_a_time_yet_to_come_stands_for_no_later_update() -> None:
    received_ns = 1_764_000_000_000_000_000
    decoder = SchwabDecoder()
    frame = (
        b'{"data":[{"service":"LEVELONE_EQUITIES","timestamp":1764000000000,"command":"SUBS","content":['
        b'{"key":"AAPL","3":200.5,"35":%d}]}]}'
    )
    decoder.read(frame % 1764000000000, received_ns)
    (ahead,) = decoder.read(frame % 1764086400000, received_ns).ticks

    (unstamped,) = decoder.read(frame.replace(b',"35":%d', b""), received_ns).ticks

    assert ahead.event_ns == received_ns + 86_400_000_000_000
    assert unstamped.event_ns == received_ns
