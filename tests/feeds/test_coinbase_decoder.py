"""Coinbase's messages, read without a network."""

import json
from pathlib import Path
from typing import Any

import pytest

from tradeassist_desktop.domain.market import BadFrame, Tick
from tradeassist_desktop.feeds.coinbase.decoder import CoinbaseDecoder, Heartbeat, Refusal, Subscriptions

FRAMES = Path(__file__).parents[1] / "frames" / "coinbase"
AT_NS = 1_719_927_000_000_000_000  # 2024-07-02T13:30:00Z
NOW_NS = AT_NS + 10**9


def ticker(**changes: Any) -> bytes:
    """A ticker as Coinbase writes it, of BTC-USD at 60000.01."""
    message = {
        "type": "ticker",
        "sequence": 100,
        "product_id": "BTC-USD",
        "price": "60000.01",
        "open_24h": "61000",
        "volume_24h": "245532.79269678",
        "low_24h": "59000.5",
        "high_24h": "61310.79",
        "volume_30d": "9788783.60117027",
        "best_bid": "60000.00",
        "best_bid_size": "0.46688654",
        "best_ask": "60000.01",
        "best_ask_size": "1.56637040",
        "side": "buy",
        "time": "2024-07-02T13:30:00.061769Z",
        "trade_id": 370843401,
        "last_size": "0.01439698",
    }
    return json.dumps(
        {key: value for key, value in (message | changes).items() if value is not None}
    ).encode()


def test_a_ticker_is_a_trade_with_the_quote_after_it() -> None:
    (tick,) = CoinbaseDecoder().decode(ticker(), NOW_NS)

    assert tick == Tick(
        symbol="BTC-USD",
        event_ns=AT_NS + 61_769_000,
        received_ns=NOW_NS,
        last=60000.01,
        bid=60000.0,
        ask=60000.01,
        last_size=0.01439698,
        bid_size=0.46688654,
        ask_size=1.5663704,
        trade_ns=AT_NS + 61_769_000,
    )


def test_rolling_figures_are_no_session_s() -> None:
    (tick,) = CoinbaseDecoder().decode(ticker(), NOW_NS)

    assert (tick.volume, tick.open, tick.high, tick.low, tick.prev_close) == (None,) * 5


@pytest.mark.parametrize("frame", sorted(FRAMES.glob("*.json")), ids=lambda path: path.stem)
def test_the_documented_messages_are_read(frame: Path) -> None:
    message = CoinbaseDecoder().read(frame.read_bytes())

    assert type(message).__name__.lower() == frame.stem.split("_")[0].replace("error", "refusal")


def test_heartbeats_acknowledgements_and_errors_are_told_apart() -> None:
    decoder = CoinbaseDecoder()

    heartbeat = decoder.read(
        b'{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD",'
        b'"time":"2014-11-07T08:19:28.464459Z"}'
    )
    subscriptions = decoder.read(
        b'{"type":"subscriptions","channels":[{"name":"ticker","product_ids":["BTC-USD"],"account_ids":null}]}'
    )
    error = decoder.read(
        b'{"type":"error","message":"Failed to subscribe","reason":"ETH-XYZ is not a valid product"}'
    )

    assert isinstance(heartbeat, Heartbeat) and heartbeat.last_trade_id == 20
    assert isinstance(subscriptions, Subscriptions) and subscriptions.channels[0].product_ids == ["BTC-USD"]
    assert isinstance(error, Refusal)
    assert error.text == "Failed to subscribe: ETH-XYZ is not a valid product"


def test_messages_nobody_asked_for_are_left_alone() -> None:
    assert CoinbaseDecoder().read(b'{"type":"l2update","changes":[["buy","1","2"]]}') is None


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[1, 2]", id="no object"),
        pytest.param(b'{"product_id": "BTC-USD"}', id="no type"),
        pytest.param(b"{" * 100_000, id="nested 100,000 deep"),
        pytest.param(b'{"type": "ticker\xff"}', id="not UTF-8"),
        pytest.param(ticker(price="nan"), id="price NaN"),
        pytest.param(ticker(price="Infinity"), id="price infinite"),
        pytest.param(ticker(price="1e999"), id="price beyond numbers"),
        pytest.param(ticker(price=""), id="price empty"),
        pytest.param(ticker(price=True), id="price a truth"),
        pytest.param(ticker(best_bid="-inf"), id="bid infinite"),
        pytest.param(ticker(last_size="nan"), id="size NaN"),
        pytest.param(ticker(price="1e308", best_bid="1e308"), id="sum beyond numbers"),
        pytest.param(ticker(product_id=7), id="product a number"),
        pytest.param(ticker(trade_id="x"), id="trade id a word"),
        pytest.param(ticker(time="yesterday"), id="time a word"),
        pytest.param(ticker(time="2024-07-02T13:30:00.06"), id="time without zone"),
        pytest.param(ticker(time="2024-07-02T13:30:00.-61769Z"), id="fraction below zero"),
        pytest.param(ticker(time="2024-13-02T13:30:00Z"), id="month 13"),
    ],
)
def test_what_cannot_be_right_is_a_bad_frame(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        CoinbaseDecoder().decode(frame, NOW_NS)


@pytest.mark.parametrize(
    ("text", "after_ns"),
    [
        pytest.param("2024-07-02T13:30:00Z", 0, id="no fraction"),
        pytest.param("2024-07-02T13:30:01.5Z", 1_500_000_000, id="tenths"),
        pytest.param("2024-07-02T13:30:00.000001Z", 1_000, id="microseconds"),
        pytest.param("2024-07-02T13:30:00.123456789Z", 123_456_789, id="nanoseconds"),
        pytest.param("2024-07-02T13:29:60Z", 0, id="a leap second is the next minute's first"),
        pytest.param("2024-07-02T14:30:00Z", 3600 * 10**9, id="another minute"),
    ],
)
def test_stamps_are_read_to_the_nanosecond(text: str, after_ns: int) -> None:
    decoder = CoinbaseDecoder()
    decoder.ns("2024-07-02T13:30:59Z")

    assert decoder.ns(text) == AT_NS + after_ns


def test_a_ticker_older_than_the_newest_is_left_out() -> None:
    decoder = CoinbaseDecoder()
    decoder.decode(ticker(sequence=100, trade_id=7), NOW_NS)

    again = decoder.decode(ticker(sequence=100, trade_id=7), NOW_NS)
    before = decoder.decode(ticker(sequence=99, trade_id=6), NOW_NS)

    assert (again, before) == ((), ())
    assert decoder.repeats == 2


def test_a_stamp_that_is_yet_to_come_is_left_to_the_intake_and_makes_no_later_ticker_late() -> None:
    decoder = CoinbaseDecoder()

    (ahead,) = decoder.decode(ticker(sequence=100, trade_id=7, time="2024-07-02T13:32:00Z"), NOW_NS)
    (after,) = decoder.decode(ticker(sequence=101, trade_id=8), NOW_NS)

    assert ahead.event_ns == AT_NS + 120 * 10**9
    assert after.last == 60000.01


def test_after_a_reconnect_the_last_trade_is_not_told_twice() -> None:
    decoder = CoinbaseDecoder()
    decoder.decode(ticker(sequence=100, trade_id=7), NOW_NS)

    decoder.begin(["BTC-USD"])
    (snapshot,) = decoder.decode(ticker(sequence=100, trade_id=7, best_bid="59990"), NOW_NS)

    assert (snapshot.last, snapshot.last_size, snapshot.trade_ns) == (None, None, None)
    assert (snapshot.bid, snapshot.ask) == (59990.0, 60000.01)


def test_after_a_reconnect_a_trade_of_meanwhile_is_told() -> None:
    decoder = CoinbaseDecoder()
    decoder.decode(ticker(sequence=100, trade_id=7), NOW_NS)

    decoder.begin(["BTC-USD"])
    (snapshot,) = decoder.decode(
        ticker(sequence=120, trade_id=9, price="60001", time="2024-07-02T13:30:00.5Z"), NOW_NS
    )

    assert (snapshot.last, snapshot.last_size) == (60001.0, 0.01439698)


def test_a_product_that_never_traded_has_a_ticker_without_a_trade_s_particulars() -> None:
    (tick,) = CoinbaseDecoder().decode(
        ticker(time=None, trade_id=None, last_size=None, sequence=None), NOW_NS
    )

    assert (tick.event_ns, tick.last, tick.last_size) == (NOW_NS, 60000.01, None)
