"""The simulated streamer, seen by a client that speaks the protocol by hand."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

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
