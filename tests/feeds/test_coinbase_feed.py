"""The Coinbase feed against a local Coinbase over a real socket."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.feeds.coinbase_desk import CoinbaseDesk, coinbase_desk
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import NS_PER_SECOND, InstrumentKind, Tick
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator.coinbase.market import CoinMarket
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator
from tradeassist_desktop.simulator.faults.switches import RestFault
from tradeassist_desktop.simulator.source import Listing

Until = Callable[..., Any]


def quotes(desk: CoinbaseDesk) -> list[Tick]:
    """What came by ticker; the session's fields come by themselves."""
    return [tick for tick in desk.sink.ticks if tick.bid is not None]


async def test_it_streams_trades_and_learns_the_products(until: Until) -> None:
    async with coinbase_desk() as desk:
        await until(lambda: desk.sink.symbols() == {"BTC-USD", "ETH-USD"})
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert desk.sink.states == [FeedState.CONNECTING, FeedState.LIVE]
        bitcoin = desk.sink.instruments["BTC-USD"]
        assert (bitcoin.kind, bitcoin.tick_size, bitcoin.decimals) == (InstrumentKind.CRYPTO, 0.01, 2)
        assert bitcoin.description == "BTC in USD, Coinbase"
        await until(lambda: desk.sink.status.heartbeat_ns is not None, timeout=3)


async def test_the_session_so_far_is_the_utc_day_s_candle(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD"], rate=0.001) as desk:
        await until(lambda: any(tick.open is not None for tick in desk.sink.ticks))

        trade, session = desk.sink.ticks
        assert session.event_ns == trade.event_ns
        assert session.low <= trade.last <= session.high
        assert session.prev_close is not None
        assert session.volume is None


@pytest.mark.qt_loop
async def test_it_streams_and_reconnects_on_the_window_s_loop(until: Until) -> None:
    async with coinbase_desk() as desk:
        await until(lambda: desk.sink.symbols() == {"BTC-USD", "ETH-USD"})

        desk.simulator.drop_all()

        await until(lambda: desk.sink.status.connects == 2 and desk.sink.status.state is FeedState.LIVE)


async def test_every_trade_comes_once_and_nothing_counts_as_lost(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD"], rate=2_000) as desk:
        await until(lambda: len(desk.sink.ticks) > 1_000)

        stamps = [tick.event_ns for tick in desk.sink.ticks]
        assert stamps == sorted(stamps)
        assert desk.sink.missed == []
        assert desk.sink.status.bad_frames == 0


class GrowingMarket(CoinMarket):
    """Lists and trades what is not ``hidden``."""

    def __init__(self, hidden: frozenset[str]) -> None:
        super().__init__(clock=SystemClock(), rate=400.0)
        self.hidden = hidden

    @property
    def listings(self) -> Mapping[str, Listing]:
        return {symbol: each for symbol, each in super().listings.items() if symbol not in self.hidden}


class SlowClock(SystemClock):
    """A computer's clock that nobody has set: two minutes slow."""

    def now_ns(self) -> int:
        return super().now_ns() - 120 * NS_PER_SECOND


async def test_a_computer_whose_clock_is_slow_sees_the_trades_all_the_same(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD"], own_clock=SlowClock(), settle_s=0.2) as desk:
        await until(lambda: len(quotes(desk)) > 200)

        assert desk.sink.missed == []
        assert desk.sink.status.bad_frames == 0


async def test_symbols_added_and_removed_later_follow_on_the_same_connection(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD", "ETH-USD"]) as desk:
        await until(lambda: desk.sink.symbols() == {"BTC-USD", "ETH-USD"})

        desk.feed.subscribe(frozenset({"BTC-USD", "SOL-USD"}))
        await until(lambda: "SOL-USD" in desk.sink.symbols())

        (connection,) = desk.simulator.connections
        assert connection.products == {"BTC-USD", "SOL-USD"}
        assert [command["type"] for command in connection.commands] == [
            "subscribe",
            "unsubscribe",
            "subscribe",
        ]


async def test_a_symbol_that_comes_back_shows_its_quote_at_once(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD", "ETH-USD"], rate=0.001) as desk:
        await until(lambda: desk.sink.symbols() == {"BTC-USD", "ETH-USD"})

        desk.feed.subscribe(frozenset({"BTC-USD"}))
        await until(lambda: desk.simulator.connections[0].products == {"BTC-USD"})
        desk.feed.subscribe(frozenset({"BTC-USD", "ETH-USD"}))

        await until(lambda: len(quotes(desk)) == 3)
        again = quotes(desk)[-1]
        assert (again.symbol, again.last) == ("ETH-USD", None)


async def test_without_symbols_nothing_is_connected(until: Until) -> None:
    async with coinbase_desk(symbols=[]) as desk:
        await until(lambda: desk.sink.status.detail)

        assert desk.sink.status.detail == "There is no symbol to watch yet."
        assert desk.simulator.connects == 0


async def test_when_nothing_is_wanted_any_more_the_connection_ends(until: Until) -> None:
    async with coinbase_desk() as desk:
        await until(lambda: desk.sink.ticks)

        desk.feed.subscribe(frozenset())
        await until(lambda: desk.sink.status.state is FeedState.STOPPED)
        await until(lambda: not desk.simulator.connections)

        desk.feed.subscribe(frozenset({"SOL-USD"}))
        await until(lambda: desk.sink.status.state is FeedState.LIVE and "SOL-USD" in desk.sink.symbols())


@pytest.mark.parametrize("is_listing_known", [True, False])
async def test_an_unknown_product_is_told_and_the_rest_streams(until: Until, is_listing_known: bool) -> None:
    def hide_listing(simulator: CoinbaseSimulator) -> None:
        if not is_listing_known:
            simulator.faults.rest.append(RestFault("server_error"))

    async with coinbase_desk(symbols=["BTC-USD", "NOSUCH-USD"], before=hide_listing) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        await until(lambda: "BTC-USD" in desk.sink.symbols())

        assert desk.sink.status.discarded == ("NOSUCH-USD",)
        assert desk.sink.status.detail == "Coinbase does not stream NOSUCH-USD."
        assert desk.simulator.connects == 1


@pytest.mark.parametrize("is_listing_known", [True, False])
async def test_only_unknown_products_are_told_and_wait_for_others(
    until: Until, is_listing_known: bool
) -> None:
    def hide_listing(simulator: CoinbaseSimulator) -> None:
        if not is_listing_known:
            simulator.faults.rest.append(RestFault("server_error"))

    async with coinbase_desk(symbols=["NOSUCH-USD", "/ES"], before=hide_listing) as desk:
        await until(lambda: desk.sink.status.discarded == ("/ES", "NOSUCH-USD"))
        await until(lambda: desk.sink.status.state is FeedState.STOPPED)

        desk.feed.subscribe(frozenset({"BTC-USD"}))

        await until(lambda: desk.sink.status.state is FeedState.LIVE and desk.sink.ticks)
        assert desk.sink.status.discarded == ()


async def test_a_product_left_out_of_the_acknowledgement_is_told(until: Until) -> None:
    def leave_out(simulator: CoinbaseSimulator) -> None:
        simulator.faults.unacknowledged = frozenset({"ETH-USD"})

    async with coinbase_desk(before=leave_out) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        await until(lambda: desk.sink.symbols() == {"BTC-USD"})
        assert desk.sink.status.discarded == ("ETH-USD",)

        desk.simulator.faults.unacknowledged = frozenset()
        desk.feed.reconnect()

        await until(lambda: "ETH-USD" in desk.sink.symbols())
        assert desk.sink.status.discarded == ()


@pytest.mark.parametrize(
    "symbols",
    [pytest.param(["BTC-USD", "ETH-USD"], id="others stream"), pytest.param(["ETH-USD"], id="alone")],
)
async def test_a_product_that_was_away_for_a_while_streams_again_by_itself(
    until: Until, symbols: list[str]
) -> None:
    def leave_out(simulator: CoinbaseSimulator) -> None:
        simulator.faults.unacknowledged = frozenset({"ETH-USD"})

    async with coinbase_desk(symbols=symbols, before=leave_out, ask_again_s=0.2) as desk:
        await until(lambda: desk.sink.status.discarded == ("ETH-USD",))

        desk.simulator.faults.unacknowledged = frozenset()

        await until(lambda: "ETH-USD" in desk.sink.symbols())
        await until(lambda: desk.sink.status.discarded == ())


async def test_a_product_listed_since_is_had_by_a_click(until: Until) -> None:
    market = GrowingMarket(hidden=frozenset({"ETH-USD"}))

    async with coinbase_desk(symbols=["ETH-USD"], source=market) as desk:
        await until(lambda: desk.sink.status.state is FeedState.STOPPED)

        market.hidden = frozenset()
        desk.feed.reconnect()

        await until(lambda: "ETH-USD" in desk.sink.symbols())


async def test_an_error_about_nothing_of_ours_costs_the_connection(until: Until) -> None:
    def refuse(simulator: CoinbaseSimulator) -> None:
        simulator.faults.refusal = "too many requests"

    async with coinbase_desk(before=refuse) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert desk.sink.status.connects == 2
        assert any("too many requests" in status.detail for status in desk.sink.statuses)


async def test_a_command_without_an_answer_costs_the_connection(until: Until) -> None:
    def mute_once(simulator: CoinbaseSimulator) -> None:
        simulator.faults.mute_commands = 1

    async with coinbase_desk(before=mute_once, answer_s=0.1) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert desk.sink.status.connects == 2


async def test_a_dropped_connection_is_opened_anew_with_all_products(until: Until) -> None:
    async with coinbase_desk() as desk:
        await until(lambda: desk.sink.symbols() == {"BTC-USD", "ETH-USD"})

        desk.simulator.drop_all()
        await until(lambda: desk.sink.status.connects == 2 and desk.sink.status.state is FeedState.LIVE)

        (connection,) = desk.simulator.connections
        assert connection.products == {"BTC-USD", "ETH-USD"}
        assert len(connection.commands) == 1
        assert FeedState.RECONNECTING in desk.sink.states


async def test_the_last_trade_before_a_broken_connection_is_not_told_twice(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD"], rate=0.001) as desk:
        await until(lambda: desk.sink.ticks)

        desk.simulator.drop_all()
        await until(lambda: len(quotes(desk)) == 2)

        assert [tick.last is None for tick in quotes(desk)] == [False, True]


async def test_a_polite_close_is_reconnected_too(until: Until) -> None:
    async with coinbase_desk() as desk:
        await until(lambda: desk.sink.ticks)

        await desk.simulator.close_all()

        await until(lambda: desk.sink.status.connects == 2)
        assert any("closed (1000)" in status.detail for status in desk.sink.statuses)


async def test_silence_without_heartbeats_is_stale_then_reconnected(until: Until) -> None:
    async with coinbase_desk(heartbeat_s=0.3, answer_s=0.5) as desk:
        await until(lambda: desk.sink.ticks)

        desk.simulator.faults.is_silent = True
        await until(lambda: FeedState.STALE in desk.sink.states)
        desk.simulator.faults.is_silent = False

        await until(lambda: desk.sink.status.state is FeedState.LIVE and desk.sink.status.connects >= 2)


async def test_silence_with_heartbeats_is_trusted(until: Until) -> None:
    async with coinbase_desk(heartbeat_s=0.3, rate=0.001) as desk:
        await until(lambda: desk.sink.status.heartbeat_ns is not None)
        heard_ns = desk.sink.status.heartbeat_ns

        await until(lambda: desk.sink.status.heartbeat_ns > heard_ns + 10**9)

        assert desk.sink.states == [FeedState.CONNECTING, FeedState.LIVE]


async def test_tickers_that_stay_away_are_found_out_by_heartbeats(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD"], settle_s=0.3) as desk:
        await until(lambda: len(desk.sink.ticks) > 5)

        desk.simulator.faults.dropped_tickers = -1
        await until(lambda: desk.sink.missed)

        symbol, from_ns, until_ns = desk.sink.missed[0]
        assert symbol == "BTC-USD"
        assert desk.sink.ticks[0].event_ns < from_ns <= until_ns - 3 * 10**8
        assert desk.sink.status.connects == 1


async def test_after_a_loss_the_product_is_subscribed_anew_and_shows_the_present(until: Until) -> None:
    async with coinbase_desk(symbols=["BTC-USD"], settle_s=0.3) as desk:
        await until(lambda: quotes(desk))

        desk.simulator.faults.dropped_tickers = -1
        await until(lambda: desk.sink.missed)
        lost_ns = quotes(desk)[-1].event_ns
        await until(lambda: quotes(desk)[-1].event_ns > lost_ns)

        assert quotes(desk)[-1].last is not None
        assert desk.sink.status.connects == 1


async def test_heartbeats_that_name_trades_prove_silence(until: Until) -> None:
    async with coinbase_desk(rate=0.001) as desk:
        await until(lambda: desk.sink.status.is_silence_proven)

        assert desk.sink.status.state is FeedState.LIVE


async def test_garbage_is_counted_and_the_stream_goes_on(until: Until) -> None:
    async with coinbase_desk() as desk:
        await until(lambda: desk.sink.ticks)

        (connection,) = desk.simulator.connections
        await connection.send_text('{"type": "ticker", "product_id": "BTC-USD", "price": "nan"}')
        await connection.send_text("no JSON")
        await connection.send_raw(b'{"type": "\xff\xfe"}')
        await connection.send_text('{"type": "a_new_kind", "price": 1}')

        await until(lambda: desk.sink.status.bad_frames == 3)
        seen = len(desk.sink.ticks)
        await until(lambda: len(desk.sink.ticks) > seen)
        assert desk.sink.status.connects == 1


async def test_a_frame_too_large_costs_the_connection_only(until: Until) -> None:
    async with coinbase_desk() as desk:
        await until(lambda: desk.sink.ticks)

        (connection,) = desk.simulator.connections
        await connection.send_text("x" * (5 * 1024 * 1024))

        await until(lambda: desk.sink.status.connects == 2 and desk.sink.status.state is FeedState.LIVE)


async def test_a_server_that_is_not_there_is_tried_again(until: Until) -> None:
    async with coinbase_desk() as desk:
        await until(lambda: desk.sink.ticks)

        await desk.simulator.stop()
        await until(lambda: "cannot be reached" in desk.sink.status.detail)
        await desk.simulator.start()

        await until(lambda: desk.sink.status.state is FeedState.LIVE)
