"""The Schwab feed against a real simulator over a real socket."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradeassist_desktop.domain.health import FeedState, Remedy
from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, Tick
from tradeassist_desktop.recordings import read
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Playback, Simulator, StreamerRules, recorded_symbols
from tradeassist_desktop.simulator.connection import CLOSE_CONNECTION, STOP_STREAMING

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
Opener = Callable[..., Any]
Until = Callable[..., Any]


async def test_it_signs_in_and_streams_both_services(open_desk: Opener, until: Until) -> None:
    async with open_desk(symbols=["/ES", "AAPL", "$TICK"]) as desk:
        await until(lambda: desk.sink.symbols() == {"/ES", "AAPL", "$TICK"})
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert desk.sink.states == [FeedState.CONNECTING, FeedState.LIVE]
        assert desk.sink.instruments["/ES"].description == "E-mini S&P 500 Futures"
        assert desk.sink.instruments["/ES"].tick_size == 0.25


@pytest.mark.qt_loop
async def test_it_streams_and_reconnects_on_the_window_s_loop(open_desk: Opener, until: Until) -> None:
    async with open_desk(symbols=["/ES", "AAPL", "$TICK"]) as desk:
        await until(lambda: desk.sink.symbols() == {"/ES", "AAPL", "$TICK"})

        desk.simulator.streamer.drop_all()

        await until(lambda: desk.sink.status.connects == 2 and desk.sink.status.state is FeedState.LIVE)


async def test_a_snapshot_is_followed_by_changes_only(open_desk: Opener, until: Until) -> None:
    async with open_desk(symbols=["/ES"]) as desk:
        await until(lambda: len(desk.sink.ticks) > 20)

    first, *later = desk.sink.ticks
    assert (first.last, first.prev_close, first.open) == (5528.75, 5510.25, 5528.75)
    assert all(tick.prev_close is None for tick in later)
    assert any(tick.last is None and tick.trade_ns is None for tick in later)


async def test_an_unknown_symbol_is_subscribed_and_silent(open_desk: Opener, until: Until) -> None:
    async with open_desk(symbols=["/ES", "NOSUCH"]) as desk:
        await until(lambda: len(desk.sink.ticks) > 50)

        assert desk.sink.symbols() == {"/ES"}
        assert desk.sink.status.state is FeedState.LIVE
        assert desk.simulator.streamer.connections[0].subscribed == {"/ES", "NOSUCH"}


async def test_the_refreshed_tokens_are_handed_over_to_be_kept(open_desk: Opener, until: Until) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.ticks)

        (kept,) = desk.kept_tokens
        assert kept.refresh_token == desk.simulator.sign_in.refresh_token
        assert kept.access_token.startswith("I0.")
        assert kept.access_token not in repr(kept)


async def test_symbols_added_and_removed_later_follow(open_desk: Opener, until: Until) -> None:
    async with open_desk(symbols=["/ES", "AAPL"]) as desk:
        await until(lambda: desk.sink.symbols() == {"/ES", "AAPL"})

        desk.feed.subscribe(frozenset({"/ES", "/NQ", "SPY"}))
        await until(lambda: {"/NQ", "SPY"} <= desk.sink.symbols())

        (connection,) = desk.simulator.streamer.connections
        await until(lambda: connection.subscribed == {"/ES", "/NQ", "SPY"})
        assert desk.simulator.streamer.logins == 1


async def test_a_dropped_connection_is_opened_anew_with_all_symbols(open_desk: Opener, until: Until) -> None:
    async with open_desk(symbols=["/ES", "AAPL"]) as desk:
        await until(lambda: desk.sink.symbols() == {"/ES", "AAPL"})

        desk.simulator.streamer.drop_all()
        await until(lambda: desk.sink.status.connects == 2 and desk.sink.status.state is FeedState.LIVE)

        (connection,) = desk.simulator.streamer.connections
        assert connection.subscribed == {"/ES", "AAPL"}
        assert FeedState.RECONNECTING in desk.sink.states


async def test_a_polite_close_is_reconnected_too(open_desk: Opener, until: Until) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.ticks)

        await desk.simulator.streamer.close_all()

        await until(lambda: desk.sink.status.connects == 2)
        assert any("closed (1000)" in status.detail for status in desk.sink.statuses)


async def test_silence_without_heartbeats_is_stale_then_reconnected(open_desk: Opener, until: Until) -> None:
    async with open_desk(heartbeat_s=0.3, rules=StreamerRules(heartbeat_s=0.05)) as desk:
        await until(lambda: desk.sink.ticks)

        desk.simulator.faults.is_silent = True
        await until(lambda: FeedState.STALE in desk.sink.states)
        desk.simulator.faults.is_silent = False

        await until(lambda: desk.sink.status.state is FeedState.LIVE and desk.sink.status.connects >= 2)


async def test_silence_with_heartbeats_is_trusted(open_desk: Opener, until: Until) -> None:
    async with open_desk(heartbeat_s=0.3, rules=StreamerRules(heartbeat_s=0.05)) as desk:
        await until(lambda: desk.sink.ticks)

        desk.simulator.faults.is_without_data = True
        heard_ns = desk.sink.status.heartbeat_ns
        await until(lambda: desk.sink.status.heartbeat_ns > heard_ns + 600_000_000)

        assert desk.sink.states == [FeedState.CONNECTING, FeedState.LIVE]


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param('{"data":[{"service":"LEVELONE_FUTURES","content":[{"key":"/ES","3":NaN}]}]}', id="NaN"),
        pytest.param("garbage", id="no JSON"),
        pytest.param("[" * 100_000, id="100,000 brackets"),
        pytest.param(
            '{"data":[{"service":"LEVELONE_FUTURES","content":[{"key":"/ES","3":"x"}]}]}', id="text"
        ),
        pytest.param(
            '{"data":[{"service":"LEVELONE_FUTURES","content":[{"key":"/ES","3":1e999}]}]}', id="1e999"
        ),
    ],
)
async def test_a_bad_frame_is_counted_and_the_stream_goes_on(
    open_desk: Opener, until: Until, frame: str
) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.ticks)

        await desk.simulator.streamer.connections[0].send_text(frame)
        await until(lambda: desk.sink.status.bad_frames == 1)
        count = len(desk.sink.ticks)
        await until(lambda: len(desk.sink.ticks) > count)

        assert desk.sink.status.connects == 1
        assert desk.sink.status.state is FeedState.LIVE


async def test_an_oversized_frame_costs_the_connection_not_the_memory(
    open_desk: Opener, until: Until
) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.ticks)

        await desk.simulator.streamer.connections[0].send_text(" " * (5 * 1024 * 1024))

        await until(lambda: desk.sink.status.connects == 2)
        assert any("1009" in status.detail for status in desk.sink.statuses)


async def test_bytes_that_are_no_utf8_are_a_bad_frame(open_desk: Opener, until: Until) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.ticks)

        await desk.simulator.streamer.connections[0].send_bytes(b'{"data": "\xff\xfe"}')

        await until(lambda: desk.sink.status.bad_frames == 1)


async def test_a_login_denied_once_is_mended_by_a_refresh(open_desk: Opener, until: Until) -> None:
    def deny_once(simulator: Simulator) -> None:
        simulator.faults.refused_logins = 1

    async with open_desk(before=deny_once) as desk:
        await until(lambda: desk.sink.ticks)

        assert desk.simulator.sign_in.refreshes == 2
        assert FeedState.REFUSED not in desk.sink.states


async def test_a_login_denied_twice_stops_until_the_trader_acts(open_desk: Opener, until: Until) -> None:
    def deny_always(simulator: Simulator) -> None:
        simulator.faults.refused_logins = -1

    async with open_desk(before=deny_always) as desk:
        await until(lambda: desk.sink.status.state is FeedState.REFUSED)
        assert "sign in again" in desk.sink.status.detail
        refreshes = desk.simulator.sign_in.refreshes
        assert refreshes == 2

        desk.simulator.faults.refused_logins = 0
        desk.feed.reconnect()

        await until(lambda: desk.sink.status.state is FeedState.LIVE)


async def test_a_refresh_token_that_has_run_out_is_refused_in_words(open_desk: Opener, until: Until) -> None:
    def revoke(simulator: Simulator) -> None:
        simulator.sign_in.revoke_refresh_tokens()

    async with open_desk(before=revoke) as desk:
        await until(lambda: desk.sink.status.state is FeedState.REFUSED)

        assert desk.sink.status.detail == "Schwab's sign-in has run out: sign in again."
        assert desk.simulator.streamer.logins == 0


async def test_an_access_token_ended_early_is_replaced(open_desk: Opener, until: Until) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.ticks)

        desk.simulator.sign_in.revoke_access_tokens()
        desk.simulator.streamer.drop_all()

        await until(lambda: desk.sink.status.connects == 2)
        assert desk.simulator.sign_in.refreshes == 2


async def test_row_37_an_access_token_that_runs_out_is_replaced_once_for_stream_and_rest(
    open_desk: Opener, until: Until
) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        old = await desk.tokens.access_token()
        asked = desk.simulator.sign_in.token_requests
        ticks = len(desk.sink.ticks)

        desk.simulator.sign_in.revoke_access_tokens()
        await until(lambda: len(desk.sink.ticks) > ticks + 20)  # the stream goes on: it was let in before
        desk.simulator.streamer.drop_all()
        fresh = await asyncio.gather(*(desk.tokens.replace(old) for _ in range(50)))

        await until(lambda: desk.sink.status.connects == 2 and desk.sink.status.state is FeedState.LIVE)
        assert len(set(fresh)) == 1
        assert desk.simulator.sign_in.token_requests == asked + 1


async def test_row_38_a_dead_sign_in_stops_the_feed_until_there_is_another(
    open_desk: Opener, until: Until
) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        asked = desk.simulator.sign_in.token_requests

        desk.simulator.sign_in.revoke_access_tokens()
        desk.simulator.sign_in.revoke_refresh_tokens()
        desk.simulator.streamer.drop_all()
        await until(lambda: desk.sink.status.state is FeedState.REFUSED)
        desk.feed.reconnect()  # in vain: nobody has signed in
        await asyncio.sleep(0.2)
        await until(lambda: desk.sink.status.state is FeedState.REFUSED)

        assert desk.sink.status.remedy is Remedy.SIGN_IN
        assert desk.simulator.sign_in.token_requests == asked + 1
        desk.tokens.adopt(await desk.sign_in_anew())
        desk.feed.reconnect()
        await until(lambda: desk.sink.status.state is FeedState.LIVE)


async def test_row_38_a_renewal_leaves_the_stream_alone(open_desk: Opener, until: Until) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        desk.tokens.adopt(await desk.sign_in_anew())
        desk.feed.reconnect()
        ticks = len(desk.sink.ticks)
        await until(lambda: len(desk.sink.ticks) > ticks + 50)

        assert (desk.sink.status.connects, desk.sink.status.state) == (1, FeedState.LIVE)


async def test_another_connection_of_the_same_user_is_not_fought(open_desk: Opener, until: Until) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.ticks)

        (connection,) = desk.simulator.streamer.connections
        await connection.notify("Invalid Service", CLOSE_CONNECTION, "Close connection")
        await until(lambda: desk.sink.status.state is FeedState.REFUSED)

        assert "Another program is connected" in desk.sink.status.detail
        assert desk.sink.status.remedy is Remedy.TAKE_OVER
        assert desk.simulator.streamer.logins == 1

        desk.feed.reconnect()
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert desk.simulator.streamer.logins == 2


async def test_options_and_currencies_stream_by_their_services(open_desk: Opener, until: Until) -> None:
    listings = DemoMarket(clock=SystemClock()).listings
    option = next(symbol for symbol, listing in listings.items() if listing.main_type == "OPTION")

    async with open_desk(symbols=["AAPL", "EUR/USD", option]) as desk:
        await until(lambda: desk.sink.symbols() == {"AAPL", "EUR/USD", option})
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert desk.sink.status.detail == ""
        assert desk.sink.instruments[option].expires_ns is not None


async def test_delayed_prices_are_told(open_desk: Opener, until: Until) -> None:
    def delay(simulator: Simulator) -> None:
        simulator.faults.is_delayed = True

    async with open_desk(symbols=["/ES", "AAPL", "MSFT", "SPY"], before=delay) as desk:
        words = "Schwab delays the prices of 4 symbols, such as /ES, AAPL, MSFT."
        await until(lambda: desk.sink.status.detail == words)

        assert desk.sink.status.state is FeedState.LIVE
        assert desk.sink.status.delayed == {"/ES", "AAPL", "MSFT", "SPY"}


async def test_wishes_that_change_while_a_command_is_under_way_are_taken_up_together(
    open_desk: Opener, until: Until
) -> None:
    def answer_late(simulator: Simulator) -> None:
        simulator.faults.answer_delay_s = 0.1  # and another command meanwhile fails

    async with open_desk(symbols=["AAPL"], before=answer_late) as desk:
        await until(lambda: desk.sink.ticks)

        for symbols in ({"MSFT"}, {"MSFT", "/ES"}, {"SPY", "/ES"}):
            desk.feed.subscribe(frozenset(symbols))

        (connection,) = desk.simulator.streamer.connections
        await until(lambda: connection.subscribed == {"SPY", "/ES"})
        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        assert desk.sink.status.detail == ""
        assert "MSFT" not in desk.sink.symbols()


async def test_a_stopped_stream_is_reconnected_while_symbols_are_wanted(
    open_desk: Opener, until: Until
) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.ticks)

        (connection,) = desk.simulator.streamer.connections
        await connection.notify("ADMIN", STOP_STREAMING, "Stop streaming")

        await until(lambda: desk.sink.status.connects == 2)


async def test_a_stopped_stream_waits_when_nothing_is_wanted(open_desk: Opener, until: Until) -> None:
    async with open_desk(rules=StreamerRules(idle_s=0.05)) as desk:
        await until(lambda: desk.sink.ticks)

        desk.feed.subscribe(frozenset())
        await until(lambda: desk.sink.status.state is FeedState.STOPPED)
        assert desk.simulator.streamer.logins == 1

        desk.feed.subscribe(frozenset({"AAPL"}))
        await until(lambda: desk.sink.status.state is FeedState.LIVE)


async def test_without_symbols_nothing_is_connected(open_desk: Opener, until: Until) -> None:
    async with open_desk(symbols=[]) as desk:
        await until(lambda: desk.sink.status.detail)

        assert desk.sink.status.detail == "There is no symbol to watch yet."
        assert desk.simulator.sign_in.refreshes == 0


async def test_the_symbol_limit_is_told_with_what_it_discards_and_the_rest_streams(
    open_desk: Opener, until: Until
) -> None:
    async with open_desk(symbols=["AAPL", "MSFT", "SPY", "TLT"], rules=StreamerRules(symbol_limit=2)) as desk:
        await until(lambda: desk.sink.symbols() == {"AAPL", "MSFT"})
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert "limit of symbols is reached for shares and indices" in desk.sink.status.detail
        assert desk.sink.status.discarded == ("SPY", "TLT")


async def test_at_the_limit_symbols_of_rules_come_before_those_only_watched(
    open_desk: Opener, until: Until
) -> None:
    async with open_desk(symbols=["AAPL", "MSFT", "SPY"], rules=StreamerRules(symbol_limit=2)) as desk:
        await until(lambda: desk.sink.status.discarded == ("SPY",))

        desk.feed.subscribe(frozenset({"AAPL", "MSFT", "SPY"}), frozenset({"SPY"}))

        await until(lambda: desk.sink.status.discarded == ("MSFT",))
        assert desk.simulator.streamer.connections[0].subscribed == {"AAPL", "SPY"}


async def test_what_is_added_beyond_the_limit_is_discarded_too(open_desk: Opener, until: Until) -> None:
    async with open_desk(symbols=["AAPL", "MSFT"], rules=StreamerRules(symbol_limit=2)) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        before = desk.sink.status.discarded

        desk.feed.subscribe(frozenset({"AAPL", "MSFT", "SPY"}))
        await until(lambda: desk.sink.status.discarded == ("SPY",))

        assert before == ()
        assert desk.simulator.streamer.connections[0].subscribed == {"AAPL", "MSFT"}


async def test_below_the_symbol_limit_again_everything_streams(open_desk: Opener, until: Until) -> None:
    async with open_desk(symbols=["AAPL", "MSFT", "SPY"], rules=StreamerRules(symbol_limit=2)) as desk:
        await until(lambda: desk.sink.status.detail and desk.sink.status.state is FeedState.LIVE)

        desk.feed.subscribe(frozenset({"MSFT", "SPY"}))
        await until(lambda: "SPY" in desk.sink.symbols() and desk.sink.status.detail == "")

        assert desk.simulator.streamer.connections[0].subscribed == {"MSFT", "SPY"}


async def test_a_recording_over_the_wire_is_the_recording_to_the_millisecond(
    open_desk: Opener, until: Until
) -> None:
    (path,) = SAMPLES.glob("esu24*")
    clock = SystemClock()
    source = Playback(paths=[path], symbols=recorded_symbols([path]), clock=clock, speed=0)
    rows = [event for event in read(path) if isinstance(event, Tick)]

    async with open_desk(symbols=["/ESU24"], source=source) as desk:
        await until(lambda: len(desk.sink.ticks) == len(rows))

    def in_milliseconds(tick: Tick) -> Tick:
        event_ns = tick.event_ns // NS_PER_MS * NS_PER_MS
        return tick._replace(event_ns=event_ns, trade_ns=None, received_ns=0)

    assert [in_milliseconds(tick) for tick in desk.sink.ticks] == [in_milliseconds(row) for row in rows]
    assert all((tick.trade_ns is None) == (tick.last is None) for tick in desk.sink.ticks)


async def test_a_service_that_is_off_leaves_the_other_one_on(open_desk: Opener, until: Until) -> None:
    def without_futures(simulator: Simulator) -> None:
        simulator.faults.unavailable = frozenset({"LEVELONE_FUTURES"})

    async with open_desk(before=without_futures) as desk:
        await until(lambda: desk.sink.ticks)
        await until(lambda: desk.sink.status.detail == "Schwab does not offer futures now.")

        assert desk.sink.symbols() == {"AAPL"}
        assert desk.sink.status.discarded == ("/ES",)


async def test_a_service_that_was_off_is_asked_again_on_the_same_connection(
    open_desk: Opener, until: Until
) -> None:
    def without_futures(simulator: Simulator) -> None:
        simulator.faults.unavailable = frozenset({"LEVELONE_FUTURES"})

    async with open_desk(before=without_futures, ask_again_s=0.2) as desk:
        await until(lambda: desk.sink.status.discarded == ("/ES",))
        desk.simulator.faults.unavailable = frozenset()
        await until(lambda: "/ES" in desk.sink.symbols())
        await until(lambda: desk.sink.status.discarded == ())

        assert desk.sink.status.connects == 1
        assert desk.sink.status.detail == ""


async def test_what_was_refused_twice_is_asked_for_again_later(open_desk: Opener, until: Until) -> None:
    def force(simulator: Simulator) -> None:
        simulator.faults.forced_codes.extend([22, 22])

    async with open_desk(before=force, symbols=("AAPL",), ask_again_s=0.2) as desk:
        await until(lambda: "AAPL" in desk.sink.symbols())
        await until(lambda: desk.sink.status.detail == "")

        assert desk.sink.status.connects == 1


@pytest.mark.parametrize(
    ("codes", "connects", "detail"),
    [
        pytest.param([22], 1, "", id="22 is tried once more"),
        pytest.param(
            [22, 22], 1, "Schwab refused a subscription of shares and indices (code 22).", id="22 twice"
        ),
        pytest.param(
            [21],
            1,
            "Schwab refused a subscription of shares and indices (code 21).",
            id="21 is not tried again",
        ),
        pytest.param([9], 2, "", id="9 costs the connection"),
        pytest.param([20], 2, "", id="20 costs the connection"),
        pytest.param([26], 1, "", id="26 is success"),
    ],
)
async def test_codes_of_a_subscription_have_their_documented_effect(
    open_desk: Opener, until: Until, codes: list[int], connects: int, detail: str
) -> None:
    def force(simulator: Simulator) -> None:
        simulator.faults.forced_codes.extend(codes)

    async with open_desk(before=force) as desk:
        await until(lambda: "/ES" in desk.sink.symbols())
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert desk.sink.status.connects == connects
        assert desk.sink.status.detail == detail
        assert desk.simulator.faults.forced_codes == []


async def test_a_command_without_an_answer_costs_the_connection(open_desk: Opener, until: Until) -> None:
    def mute_once(simulator: Simulator) -> None:
        simulator.faults.mute_commands = 1

    async with open_desk(before=mute_once, answer_s=0.1) as desk:
        await until(lambda: desk.sink.symbols() == {"/ES", "AAPL"})

        await until(lambda: desk.sink.status.connects >= 2)


async def test_a_server_that_goes_on_not_answering_is_given_longer_until_it_answers(
    open_desk: Opener, until: Until
) -> None:
    def mute(simulator: Simulator) -> None:
        simulator.faults.mute_commands = 4

    async with open_desk(before=mute, answer_s=0.2) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE, 15)
        desk.simulator.faults.mute_commands = 1
        desk.simulator.streamer.drop_all()
        known = len(waits(desk))
        await until(lambda: len(waits(desk)) > known)

    assert set(waits(desk)[:known]) == {"0.2 s", "0.4 s", "0.8 s"}
    assert waits(desk)[known] == "0.2 s"


def waits(desk: Any) -> list[str]:
    """How long answers were waited for in vain."""
    told = (status.detail.partition(" within ") for status in desk.sink.statuses)
    return [limit.rstrip(".") for command, _, limit in told if "did not answer" in command]


async def test_a_server_that_is_not_there_is_tried_again(open_desk: Opener, until: Until) -> None:
    async with open_desk() as desk:
        await until(lambda: desk.sink.ticks)

        await desk.simulator.stop()
        await until(lambda: "cannot be reached" in desk.sink.status.detail)
        await desk.simulator.start()

        await until(lambda: desk.sink.status.state is FeedState.LIVE)


async def test_a_trader_need_not_sit_out_what_the_front_door_asks(open_desk: Opener, until: Until) -> None:
    def refuse_once(simulator: Simulator) -> None:
        simulator.faults.token_errors.append("access_denied")

    async with open_desk(before=refuse_once) as desk:
        await until(lambda: desk.sink.status.retry_ns is not None)
        assert desk.sink.status.retry_ns - time.time_ns() > 100 * NS_PER_SECOND
        assert desk.sink.status.detail == "Schwab's front door refused the sign-in."

        desk.feed.reconnect()

        await until(lambda: desk.sink.status.state is FeedState.LIVE)
