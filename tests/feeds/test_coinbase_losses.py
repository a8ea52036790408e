"""What heartbeats reveal: trades of which no ticker came."""

from tradeassist_desktop.feeds.coinbase.losses import Loss, Losses

SECOND = 10**9
SETTLE_NS = 3 * SECOND


def test_a_trade_that_a_heartbeat_names_and_no_ticker_brings_is_lost() -> None:
    losses = Losses(settle_ns=SETTLE_NS)
    losses.on_trade("BTC-USD", 100, 1 * SECOND)

    told = [losses.on_heartbeat("BTC-USD", 103, at * SECOND) for at in (2, 3, 4, 5, 6)]

    assert told == [None, None, None, Loss("BTC-USD", 1 * SECOND, 5 * SECOND, trades=3), None]


def test_what_an_earlier_heartbeat_bore_out_is_not_part_of_a_loss() -> None:
    losses = Losses(settle_ns=SETTLE_NS)
    losses.on_trade("BTC-USD", 100, 1 * SECOND)
    losses.on_heartbeat("BTC-USD", 100, 60 * SECOND)

    told = [losses.on_heartbeat("BTC-USD", 101, at * SECOND) for at in (61, 62, 63, 64)]

    assert told[-1] == Loss("BTC-USD", 60 * SECOND, 64 * SECOND, trades=1)


def test_a_product_whose_heartbeats_stop_while_others_go_on_is_lost_minute_for_minute() -> None:
    losses = Losses(settle_ns=SETTLE_NS, quiet_ns=10 * SECOND)
    both = ("BTC-USD", "ETH-USD")
    losses.on_trade("ETH-USD", 7, 0)
    for at in range(1, 6):
        losses.on_heartbeat("ETH-USD", 7, at * SECOND)

    told = []
    for at in range(1, 100):
        losses.on_heartbeat("BTC-USD", 100, at * SECOND)
        told += losses.silent(both, at * SECOND)
    losses.on_heartbeat("ETH-USD", 7, 100 * SECOND)
    told += losses.silent(both, 101 * SECOND)

    assert told == [
        Loss("ETH-USD", 5 * SECOND, 16 * SECOND, trades=0),
        Loss("ETH-USD", 16 * SECOND, 77 * SECOND, trades=0),
    ]


def test_a_product_of_which_nothing_comes_though_it_is_subscribed_is_lost() -> None:
    losses = Losses(settle_ns=SETTLE_NS, quiet_ns=10 * SECOND)
    losses.begin(["ETH-USD"])

    told = []
    for at in range(1, 14):
        losses.on_heartbeat("BTC-USD", 100, at * SECOND)
        told += losses.silent(["BTC-USD", "ETH-USD"], at * SECOND)

    assert told == [Loss("ETH-USD", 1 * SECOND, 12 * SECOND, trades=0)]


def test_a_product_that_last_traded_long_ago_is_not_lost_for_that() -> None:
    losses = Losses(settle_ns=SETTLE_NS, quiet_ns=10 * SECOND)
    losses.on_trade("ETH-USD", 7, 0)

    first = losses.silent(["ETH-USD"], 5_000 * SECOND)
    losses.on_heartbeat("ETH-USD", 7, 5_001 * SECOND)

    assert (first, losses.silent(["ETH-USD"], 5_002 * SECOND)) == ([], [])


def test_only_heartbeats_that_name_trades_prove_a_silence() -> None:
    telling, untelling = Losses(settle_ns=SETTLE_NS), Losses(settle_ns=SETTLE_NS)

    telling.on_heartbeat("BTC-USD", 100, 0)
    untelling.on_heartbeat("BTC-USD", 0, 0)

    assert (telling.tells_trades, untelling.tells_trades) == (True, False)


def test_a_ticker_a_little_late_is_no_loss() -> None:
    losses = Losses(settle_ns=SETTLE_NS)
    losses.on_trade("BTC-USD", 100, 1 * SECOND)

    losses.on_heartbeat("BTC-USD", 103, 2 * SECOND)
    losses.on_trade("BTC-USD", 103, 2 * SECOND)

    assert losses.on_heartbeat("BTC-USD", 103, 9 * SECOND) is None
    assert losses.on_heartbeat("BTC-USD", 103, 19 * SECOND) is None


def test_a_cascade_that_skips_trade_ids_is_no_loss() -> None:
    losses = Losses(settle_ns=SETTLE_NS)

    told = [losses.on_trade("BTC-USD", trade, at * SECOND) for at, trade in enumerate((100, 104, 150), 1)]

    assert told == [None, None, None]


def test_a_trade_long_after_the_named_one_does_not_hide_the_loss() -> None:
    losses = Losses(settle_ns=SETTLE_NS)
    losses.on_trade("BTC-USD", 100, 1 * SECOND)
    losses.on_heartbeat("BTC-USD", 103, 2 * SECOND)

    told = losses.on_trade("BTC-USD", 104, 30 * SECOND)

    assert told == Loss("BTC-USD", 1 * SECOND, 30 * SECOND, trades=3)


def test_a_burst_lost_while_trading_goes_on_is_found_out() -> None:
    losses = Losses(settle_ns=SETTLE_NS)
    losses.on_trade("BTC-USD", 100, 1 * SECOND)
    losses.on_heartbeat("BTC-USD", 140, 2 * SECOND)

    told = losses.on_trade("BTC-USD", 190, 3 * SECOND + 1)

    assert told == Loss("BTC-USD", 1 * SECOND, 3 * SECOND + 1, trades=40)


def test_a_loss_goes_on_for_as_long_as_tickers_stay_away() -> None:
    losses = Losses(settle_ns=SETTLE_NS)
    losses.on_trade("BTC-USD", 100, 0)

    told = [losses.on_heartbeat("BTC-USD", 100 + at, at * SECOND) for at in range(1, 10)]

    assert [loss for loss in told if loss] == [
        Loss("BTC-USD", 0, 4 * SECOND, trades=1),
        Loss("BTC-USD", 4 * SECOND, 7 * SECOND, trades=3),
    ]


def test_heartbeats_that_tell_no_trade_prove_nothing() -> None:
    losses = Losses(settle_ns=SETTLE_NS)
    losses.on_trade("BTC-USD", 100, 0)

    assert [losses.on_heartbeat("BTC-USD", 0, at * SECOND) for at in range(1, 10)] == [None] * 9


def test_without_any_ticker_the_first_heartbeat_is_where_counting_begins() -> None:
    losses = Losses(settle_ns=SETTLE_NS)
    losses.on_heartbeat("BTC-USD", 100, 0)

    told = [losses.on_heartbeat("BTC-USD", 101, at * SECOND) for at in (1, 2, 3, 4)]

    assert told[-1] == Loss("BTC-USD", 0, 4 * SECOND, trades=1)


def test_products_are_counted_apart_and_anew_once_subscribed() -> None:
    losses = Losses(settle_ns=SETTLE_NS)
    losses.on_trade("BTC-USD", 100, 0)
    losses.on_trade("ETH-USD", 7, 0)
    losses.on_heartbeat("BTC-USD", 101, 1 * SECOND)

    losses.begin(["BTC-USD"])

    assert losses.on_heartbeat("BTC-USD", 500, 9 * SECOND) is None
    assert losses.on_heartbeat("ETH-USD", 7, 9 * SECOND) is None
