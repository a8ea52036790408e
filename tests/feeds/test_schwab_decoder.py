"""Schwab's frames into ticks; ``tests/frames/schwab`` holds frames and what must become of them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeassist_desktop.domain.market import BadFrame, Tick
from tradeassist_desktop.feeds.schwab_decoder import SchwabDecoder

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


@pytest.mark.parametrize("text", ["1e999", "9" * 5000, "true", '"1"', "{}"], ids=lambda text: text[:6])
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
