"""The simulated streamer, seen by a client that speaks the protocol by hand."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.market import NS_PER_MS, Tick
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Simulator, StreamerRules

Clients = Callable[..., Any]
EQUITIES, FUTURES = "LEVELONE_EQUITIES", "LEVELONE_FUTURES"


def simulator(**rules: Any) -> Simulator:
    clock = SystemClock()
    return Simulator(source=DemoMarket(clock=clock, rate=400), clock=clock, rules=StreamerRules(**rules))


async def test_a_login_is_answered_then_a_heartbeat_follows(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        content = await client.log_in()
        await client.next_frame()

    assert content["code"] == 0
    assert content["msg"].endswith("status=NP")
    assert client.notices()[0]["heartbeat"].isdigit()


async def test_a_bad_token_is_denied_and_the_connection_closed(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.open()
        content = await client.command("ADMIN", "LOGIN", Authorization="I0.made-up@")

        assert content["code"] == 3
        assert await client.until_end() == "CLOSE 1000"


async def test_commands_before_the_login_find_no_stream(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.open()
        content = await client.command(EQUITIES, "SUBS", keys="AAPL", fields="0,1")

    assert content["code"] == 20


@pytest.mark.parametrize(
    ("service", "command", "parameters", "code"),
    [
        pytest.param("NEWS", "SUBS", {"keys": "A", "fields": "0"}, 11, id="a service there is not"),
        pytest.param(EQUITIES, "SUBSCRIBE", {"keys": "A", "fields": "0"}, 21, id="a command there is not"),
        pytest.param(EQUITIES, "SUBS", {"fields": "0"}, 22, id="SUBS without keys"),
        pytest.param(EQUITIES, "UNSUBS", {}, 23, id="UNSUBS without keys"),
        pytest.param(EQUITIES, "ADD", {"keys": "A"}, 24, id="ADD without fields"),
        pytest.param(EQUITIES, "VIEW", {"keys": "A"}, 25, id="VIEW without fields"),
        pytest.param(EQUITIES, "SUBS", {"keys": "NOSUCH", "fields": "0,1"}, 0, id="an unknown key"),
    ],
)
async def test_commands_get_their_documented_code(
    client_of: Clients, service: str, command: str, parameters: dict[str, str], code: int
) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()

        content = await client.command(service, command, **parameters)

    assert content["code"] == code


async def test_what_is_no_json_is_a_bad_command(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.socket.send_str("{not json")
        while "response" not in (frame := await client.next_frame()):
            pass

    assert frame["response"][0]["content"]["code"] == 21


async def test_a_snapshot_has_what_was_asked_for_and_a_change_only_what_changed(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command(EQUITIES, "SUBS", keys="AAPL", fields="0,1,2,3,15,34,35")
        snapshot, *changes = await client.items(8)

    assert set(snapshot) == {
        "key", "delayed", "assetMainType", "assetSubType", "cusip", "1", "2", "3", "15", "34", "35",
    }  # fmt: skip
    assert snapshot["15"] == "Apple Inc"
    for change in changes:
        assert change["key"] == "AAPL"
        assert set(change) <= {"key", "1", "2", "3", "34", "35"}
        assert ("35" in change) == ("3" in change)


async def test_the_symbol_is_in_the_key_and_never_in_field_0(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command(FUTURES, "SUBS", keys="/ES", fields="0,1,2,3")
        items = await client.items(5)

    assert all(item["key"] == "/ES" and "0" not in item for item in items)


async def test_a_whole_price_is_an_integer_on_the_wire(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command(EQUITIES, "SUBS", keys="$TICK", fields="3")
        items = await client.items(3)

    assert all(type(item["3"]) is int for item in items if "3" in item)


async def test_subs_replaces_add_adds_and_unsubs_removes(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        (connection,) = schwab.streamer.connections
        await client.command(EQUITIES, "SUBS", keys="AAPL,MSFT", fields="0,3")
        await client.command(EQUITIES, "SUBS", keys="SPY", fields="0,3")
        replaced = connection.subscribed
        await client.command(EQUITIES, "ADD", keys="TLT", fields="0,3")
        await client.command(FUTURES, "ADD", keys="/ES", fields="0,3")
        added = connection.subscribed
        await client.command(EQUITIES, "UNSUBS", keys="SPY")
        removed = connection.subscribed

    assert (replaced, added, removed) == ({"SPY"}, {"SPY", "TLT", "/ES"}, {"TLT", "/ES"})


async def test_view_changes_the_fields_of_all_keys(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command(EQUITIES, "SUBS", keys="AAPL,SPY", fields="0,1,2,3")
        await client.command(EQUITIES, "VIEW", fields="0,4")
        client.frames.clear()
        items = await client.items(20)

    assert set().union(*items) <= {"key", "4"}


async def test_a_key_of_the_other_service_stays_silent(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        content = await client.command(FUTURES, "SUBS", keys="AAPL,/ES", fields="0,3")
        items = await client.items(10)

    assert content["code"] == 0
    assert {item["key"] for item in items} == {"/ES"}


async def test_beyond_the_symbol_limit_keys_are_discarded(client_of: Clients) -> None:
    async with simulator(symbol_limit=2) as schwab, client_of(schwab) as client:
        await client.log_in()
        content = await client.command(EQUITIES, "SUBS", keys="AAPL,MSFT,SPY,TLT", fields="0,3")
        (connection,) = schwab.streamer.connections

        assert content["code"] == 19
        assert content["msg"].endswith("(LEVELONE_EQUITIES=2, DISCARDED=2)")
        assert connection.subscribed == {"AAPL", "MSFT"}


async def test_a_second_connection_of_the_user_ends_the_first(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as first, client_of(schwab) as second:
        await first.log_in()

        content = await second.log_in()
        ending = await first.until_end()

    assert content["code"] == 0
    assert first.notices()[-1]["content"]["code"] == 12
    assert ending == "CLOSE 1000"


async def test_logout_is_answered_and_the_connection_closed(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        content = await client.command("ADMIN", "LOGOUT")

        assert content == {"code": 0, "msg": "SUCCESS"}
        assert await client.until_end() == "CLOSE 1000"


async def test_without_subscriptions_the_stream_is_stopped_and_cut(client_of: Clients) -> None:
    async with simulator(idle_s=0.05) as schwab, client_of(schwab) as client:
        await client.log_in()
        ending = await client.until_end()

    assert client.notices()[-1]["content"]["code"] == 30
    assert "1006" in ending


async def test_subscriptions_keep_the_stream_and_their_end_stops_it(client_of: Clients) -> None:
    async with simulator(idle_s=0.3) as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command(EQUITIES, "SUBS", keys="NOSUCH", fields="0,3")
        await client.command(EQUITIES, "UNSUBS", keys="NOSUCH")
        await client.until_end()

    assert client.notices()[-1]["content"]["code"] == 30


async def test_heartbeats_come_at_their_interval(client_of: Clients) -> None:
    async with simulator(heartbeat_s=0.02) as schwab, client_of(schwab) as client:
        await client.log_in()
        while len(client.notices()) < 4:
            await client.next_frame()

    stamps = [int(notice["heartbeat"]) for notice in client.notices()]
    assert all(later - earlier >= 19 for earlier, later in pairwise(stamps))


async def test_a_request_may_come_without_its_list(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.open()
        parameters = {"Authorization": client.access_token}
        await client.socket.send_json(
            {"requestid": 5, "service": "ADMIN", "command": "LOGIN", "parameters": parameters}
        )
        frame = await client.next_frame()

    assert frame["response"][0]["requestid"] == "5"
    assert frame["response"][0]["content"]["code"] == 0


async def test_a_captured_quirk_is_kept_a_space_after_the_service(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.socket.send_json(
            {
                "requests": [
                    {
                        "requestid": "9",
                        "service": EQUITIES,
                        "command": "SUBS",
                        "parameters": {"keys": "AAPL", "fields": "3"},
                    }
                ]
            }
        )
        text = ""
        while not text.startswith('{"data"'):
            text = (await client.socket.receive(timeout=5)).data

    assert text.startswith('{"data":[{"service":"LEVELONE_EQUITIES", "timestamp":')


async def test_futures_say_their_contract_in_the_first_item(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command(FUTURES, "SUBS", keys="/ES", fields="0,3,22,25,26,31,34,35")
        (item, *_) = await client.items(1)

    assert (item["22"], item["25"], item["26"], item["31"]) == ("Normal", 0.25, 12.5, 50.0)
    assert item["34"].startswith("/ES")
    assert item["35"] > schwab.exchange.now_ms


async def test_a_dated_contract_moves_with_its_root(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command(FUTURES, "SUBS", keys="/ES", fields="0,34")
        active = (await client.items(1))[0]["34"]
        await client.command(FUTURES, "SUBS", keys=f"/ES,{active}", fields="0,3")
        client.frames.clear()
        items = await client.items(20)

    lasts = {
        key: [item["3"] for item in items if item["key"] == key and "3" in item] for key in ("/ES", active)
    }
    assert lasts["/ES"][-1] == pytest.approx(lasts[active][-1], abs=1.0)


async def test_options_and_currency_pairs_stream_in_their_own_numbers(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        option = next(
            symbol for symbol in DemoMarket(clock=SystemClock()).listings if symbol.startswith("AAPL ")
        )
        await client.command("LEVELONE_OPTIONS", "SUBS", keys=option, fields="0,2,3,4,20,21,22,33")
        await client.command("LEVELONE_FOREX", "SUBS", keys="EUR/USD", fields="0,1,2,3,20")
        items = await client.items(6)

    first = {item["key"]: item for item in reversed(items)}
    assert first[option]["assetMainType"] == "OPTION"
    assert (first[option]["20"], first[option]["21"], first[option]["22"]) == (215, "C", "AAPL")
    assert first[option]["2"] < first[option]["3"]
    assert first["EUR/USD"]["1"] < first["EUR/USD"]["2"]
    assert sum(item["key"] == "EUR/USD" for item in items) >= 2


@pytest.mark.parametrize(
    ("service", "symbol", "expected"),
    [
        pytest.param(
            "CHART_EQUITY",
            "AAPL",
            {"1": 601, "2": 200, "3": 203.5, "4": 199, "5": 199, "6": 300, "7": 1718978460000, "8": 19895},
            id="shares",
        ),
        pytest.param(
            "CHART_FUTURES",
            "/ES",
            {"1": 1718978460000, "2": 200, "3": 203.5, "4": 199, "5": 199, "6": 300},
            id="futures",
        ),
    ],
)
async def test_a_minutes_bar_comes_some_seconds_after_its_end(
    client_of: Clients, service: str, symbol: str, expected: dict[str, float]
) -> None:
    # 2024-06-21 10:01 in New York, a Friday.
    start_ms = 1_718_978_460_000
    clock = ManualClock(now_ns=(start_ms - 600_000) * NS_PER_MS)
    schwab = Simulator(
        source=DemoMarket(clock=clock), clock=clock, rules=StreamerRules(chart_delay_s=5, heartbeat_s=1000)
    )

    async def trade(at_ms: int, price: float) -> None:
        at_ns = (start_ms + at_ms) * NS_PER_MS
        await schwab.exchange.publish(
            [Tick(symbol, at_ns, at_ns, last=price, last_size=100.0, trade_ns=at_ns)]
        )

    async with schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command(service, "SUBS", keys=symbol, fields="0,1,2,3,4,5,6,7,8")
        for at_ms, price in ((0, 200.0), (30_000, 203.5), (59_999, 199.0), (64_999, 150.0)):
            await trade(at_ms, price)
        assert client.items_so_far() == []
        await trade(65_000, 150.0)
        await trade(125_000, 150.0)
        first, second = await client.items(2)

    assert first == {"seq": first["seq"], "key": symbol} | expected
    assert second["seq"] == first["seq"] + 1
