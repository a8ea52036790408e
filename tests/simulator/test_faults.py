"""Every fault that can be asked for by name, seen by a client that speaks the protocol by hand."""

import asyncio
import json
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Simulator, StreamerRules
from tradeassist_desktop.simulator.faults.garbage import GARBAGE
from tradeassist_desktop.simulator.faults.kinds import FAULT_KINDS

Clients = Callable[..., Any]
EQUITIES, FUTURES = "LEVELONE_EQUITIES", "LEVELONE_FUTURES"
QUOTES = "/marketdata/v1/quotes"


def simulator(*, rate: float = 400, **rules: Any) -> Simulator:
    clock = SystemClock()
    return Simulator(
        source=DemoMarket(clock=clock, rate=rate), clock=clock, rules=StreamerRules(**rules), seed=3
    )


async def subscribed(client: Any, symbols: str = "AAPL", service: str = EQUITIES) -> None:
    """Log in and subscribe; return once the first items are there."""
    await client.log_in()
    numbers = ",".join(map(str, range(42)))
    await client.command(service, "SUBS", keys=symbols, fields=numbers)
    await client.items(1)


async def next_item(client: Any, *, having: str) -> dict[str, Any]:
    """Return the next item that has a field."""
    known = len(client.items_so_far())
    while True:
        for item in client.items_so_far()[known:]:
            if having in item:
                return dict(item)
        await client.next_frame()


async def hears_nothing(client: Any, *, for_s: float = 0.3) -> bool:
    """Whether no frame comes, but for what was on its way already."""
    await asyncio.sleep(0.1)
    while True:
        try:
            await client.socket.receive(timeout=0.02)
        except TimeoutError:
            break
    try:
        await client.socket.receive(timeout=for_s)
    except TimeoutError:
        return True
    return False


# --- the connection


async def test_silence_stops_data_and_heartbeats_until_it_is_over(client_of: Clients) -> None:
    async with simulator(heartbeat_s=0.05) as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("silence", for_s=1.0)
        assert await hears_nothing(client)

        assert "key" in await next_item(client, having="key")
        assert schwab.mischief.active == ()


async def test_silence_can_leave_the_heartbeats(client_of: Clients) -> None:
    async with simulator(heartbeat_s=0.05) as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("silence", heartbeats=True)
        await asyncio.sleep(0.1)
        items = len(client.items_so_far())
        for _ in range(4):
            await client.next_frame()
        heartbeats = [notice for notice in client.notices() if "heartbeat" in notice]

    assert len(heartbeats) >= 3
    assert len(client.items_so_far()) - items < 50


async def test_a_half_open_line_moves_no_byte_answers_no_ping_and_does_not_end(client_of: Clients) -> None:
    async with simulator(heartbeat_s=0.05) as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("half_open")
        assert await hears_nothing(client)
        await client.socket.send_str("{}")
        assert await hears_nothing(client)
        assert not client.socket.closed

        async with client_of(schwab) as other:
            await subscribed(other)
        await schwab.mischief.end_all()
        assert "1006" in await client.until_end()


@pytest.mark.parametrize("code", [1000, 1008, 1012])
async def test_a_connection_is_closed_with_a_code(client_of: Clients, code: int) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("close", code=code)

        assert await client.until_end() == f"CLOSE {code}"


async def test_a_connection_is_cut_without_a_word(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("drop")

        assert "1006" in await client.until_end()


@pytest.mark.parametrize(("reset", "ending"), [(True, "reset"), (False, "end")], ids=["RST", "FIN"])
async def test_a_cut_line_resets_or_merely_ends(reset: bool, ending: str) -> None:
    async with simulator() as schwab:
        host, port = schwab.http_url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        await schwab.mischief.begin("drop", reset=reset)
        try:
            seen = "end" if await reader.read() == b"" else "data"
        except ConnectionResetError:
            seen = "reset"
        writer.close()

    assert seen == ending


@pytest.mark.parametrize(("code", "ending"), [(12, "1000"), (30, "1006")])
async def test_a_notice_comes_and_the_connection_ends_as_after_it(
    client_of: Clients, code: int, ending: str
) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("notice", code=code)
        ended = await client.until_end()

    assert client.notices()[-1]["content"]["code"] == code
    assert ending in ended


@pytest.mark.parametrize("kind", [kind for kind in GARBAGE if kind != "bad_utf8"])
async def test_garbage_comes_as_it_is_between_good_frames(client_of: Clients, kind: str) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("garbage", kind=kind)
        content: bytes | None = None
        while content != GARBAGE[kind]():
            data = (await client.socket.receive(timeout=5)).data
            content = data if isinstance(data, bytes) else data.encode()

        assert "key" in await next_item(client, having="key")


async def test_a_text_frame_that_is_no_text_ends_a_strict_clients_connection(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("garbage", kind="bad_utf8")

        assert "ERROR" in await client.until_end()
        assert client.socket.close_code == aiohttp.WSCloseCode.INVALID_TEXT


@pytest.mark.parametrize(
    ("kind", "close_code"), [("flipped_bits", 1002), ("deflate_bomb", 1002)], ids=["flipped bits", "a bomb"]
)
async def test_bytes_that_break_the_framing_end_a_strict_clients_connection(
    client_of: Clients, kind: str, close_code: int
) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("garbage", kind=kind)

        assert "ERROR" in await client.until_end()
        assert client.socket.close_code == close_code


async def test_a_frame_comes_in_a_hundred_thousand_fragments(client_of: Clients) -> None:
    async with simulator(rate=1) as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("garbage", kind="fragments")
        text = ""
        while not text.isspace():
            text = (await client.socket.receive(timeout=20)).data

    assert len(text) == 100_000


async def test_in_an_outage_nothing_gets_through_but_asking_for_its_end(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("outage")
        assert "1006" in await client.until_end()
        for path in ("/trader/v1/userPreference", "/v1/oauth/authorize", "/ws"):
            with pytest.raises(aiohttp.ClientConnectionError):
                await client.get(path)

        ready = schwab.ready_line()
        headers = {"Authorization": f"Bearer {ready['control_token']}"}
        async with client.http.delete(ready["control"], headers=headers) as answer:
            assert answer.status == 200
        assert (await client.log_in())["code"] == 0


# --- logins and commands


async def test_an_answer_comes_in_one_frame_with_data(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("bundled_answers")
        content = await client.command(EQUITIES, "ADD", keys="MSFT", fields="0,3")

    assert content["code"] == 0
    assert {"response", "data"} <= client.frames[-1].keys()


async def test_commands_are_answered_late_and_a_second_meanwhile_fails(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await schwab.mischief.begin("late_answers", seconds=0.3)
        begun = time.monotonic()
        for number, command in ((90, "SUBS"), (91, "ADD")):
            request = {
                "requestid": number,
                "service": EQUITIES,
                "command": command,
                "parameters": {"keys": "AAPL", "fields": "0,3"},
            }
            await client.socket.send_str(json.dumps({"requests": [request]}))
        answers: dict[str, int] = {}
        while len(answers) < 2:
            for answer in (await client.next_frame()).get("response", []):
                answers[answer["requestid"]] = answer["content"]["code"]

    assert answers == {"90": 0, "91": 24}
    assert time.monotonic() - begun >= 0.3


async def test_two_commands_in_one_request_are_both_done(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        requests = [
            {
                "requestid": number,
                "service": EQUITIES,
                "command": "ADD",
                "parameters": {"keys": key, "fields": "3"},
            }
            for number, key in ((70, "AAPL"), (71, "MSFT"))
        ]
        await client.socket.send_str(json.dumps({"requests": requests}))
        codes: list[int] = []
        while len(codes) < 2:
            codes += [answer["content"]["code"] for answer in (await client.next_frame()).get("response", [])]

        assert codes == [0, 0]
        assert schwab.streamer.connections[0].subscribed == {"AAPL", "MSFT"}


async def test_the_next_commands_get_the_code_asked_for_then_all_is_well(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await schwab.mischief.begin("forced_code", code=22, count=2)
        codes = [
            (await client.command(EQUITIES, "SUBS", keys="AAPL", fields="0,3"))["code"] for _ in range(3)
        ]

    assert codes == [22, 22, 0]


async def test_a_muted_command_is_never_answered(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await schwab.mischief.begin("mute_commands")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.command(EQUITIES, "SUBS", keys="AAPL", fields="0,3")

        assert (await client.command(EQUITIES, "SUBS", keys="AAPL", fields="0,3"))["code"] == 0


async def test_a_service_is_off_and_others_are_not(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        await schwab.mischief.begin("unavailable_service", service=FUTURES)

        off = await client.command(FUTURES, "SUBS", keys="/ES", fields="0,3")
        on = await client.command(EQUITIES, "SUBS", keys="AAPL", fields="0,3")
        await schwab.mischief.end_all()
        again = await client.command(FUTURES, "SUBS", keys="/ES", fields="0,3")

    assert (off["code"], on["code"], again["code"]) == (11, 0, 0)


async def test_logins_are_refused_as_often_as_asked(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as first, client_of(schwab) as second:
        await schwab.mischief.begin("refused_logins", count=1)

        assert (await first.log_in())["code"] == 3
        assert (await second.log_in())["code"] == 0


# --- what the data says


async def test_data_is_marked_as_delayed_in_first_items_and_quotes(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("delayed_data")
        item = await next_item(client, having="delayed")
        _, quotes = await client.get(QUOTES, symbols="AAPL")
        await schwab.mischief.end_all()
        after = await next_item(client, having="delayed")

    assert (item["delayed"], after["delayed"]) == (True, False)
    assert quotes["AAPL"]["realtime"] is False


@pytest.mark.parametrize(
    ("parameters", "stamp_of"),
    [
        pytest.param({"shift_s": 3600}, lambda now_s: (now_s + 3600) * 1000, id="an hour ahead"),
        pytest.param({"in_seconds": True}, lambda now_s: now_s, id="in seconds"),
    ],
)
async def test_stamps_are_wrong(
    client_of: Clients, parameters: dict[str, Any], stamp_of: Callable[[float], float]
) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("wrong_stamps", **parameters)
        expected = stamp_of(time.time())
        async with asyncio.timeout(5):
            while abs((await next_item(client, having="35"))["35"] / expected - 1) > 1e-6:
                pass  # an item from before


async def frames_with_data(client: Any, count: int) -> list[Any]:
    """Return the next frames that have data."""
    found: list[Any] = []
    while len(found) < count:
        frame = await client.next_frame()
        if "data" in frame:
            found.append(frame["data"])
    return found


async def test_frames_are_doubled(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client, "AAPL,MSFT,SPY,TLT")
        await schwab.mischief.begin("duplicate_frames")
        datas = await frames_with_data(client, 12)

    doubled = [first == second for first, second in pairwise(datas)]
    assert doubled.count(True) >= 5


async def test_frames_are_swapped(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client, "AAPL,MSFT,SPY,TLT")
        await schwab.mischief.begin("swapped_frames")
        stamps = [data[0]["timestamp"] for data in await frames_with_data(client, 12)]

    assert sum(later < earlier for earlier, later in pairwise(stamps)) >= 5


# --- the market


async def test_a_halted_symbol_says_so_and_is_quiet_until_it_trades_again(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client, "AAPL,MSFT")
        await schwab.mischief.begin("halt", symbol="AAPL")
        halted = await next_item(client, having="32")
        known = len(client.items_so_far())
        while len(client.items_so_far()) < known + 50:
            await client.next_frame()
        meanwhile = {item["key"] for item in client.items_so_far()[known:]}
        _, quotes = await client.get(QUOTES, symbols="AAPL")
        await schwab.mischief.end_all()
        resumed = await next_item(client, having="32")

    assert (halted["key"], halted["32"]) == ("AAPL", "Halted")
    assert meanwhile == {"MSFT"}
    assert quotes["AAPL"]["quote"]["securityStatus"] == "Halted"
    assert resumed["32"] == "Normal"


async def test_a_gap_stays_and_the_quote_and_the_range_follow(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        _, before = await client.get(QUOTES, symbols="AAPL")
        await schwab.mischief.begin("gap", symbol="AAPL", percent=10)
        await asyncio.sleep(0.2)
        _, after = await client.get(QUOTES, symbols="AAPL")

    old, new = before["AAPL"]["quote"], after["AAPL"]["quote"]
    for name in ("lastPrice", "bidPrice", "askPrice"):
        assert new[name] / old[name] == pytest.approx(1.1, rel=0.005)
    assert new["closePrice"] == old["closePrice"]
    assert new["openPrice"] == old["openPrice"]
    assert new["highPrice"] >= new["lastPrice"]
    assert new["lowPrice"] == pytest.approx(old["lowPrice"], rel=0.005)


@pytest.mark.parametrize(
    "words", [{"fault": "gap", "percent": 1}, {"fault": "burst", "count": 50}], ids=["a gap", "a burst"]
)
async def test_volume_never_falls_after_it(client_of: Clients, words: dict[str, Any]) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin(symbol="AAPL", **words)
        items = await client.items(len(client.items_so_far()) + 100)

    volumes = [item["8"] for item in items if "8" in item]
    assert volumes == sorted(volumes)
    assert len(volumes) > 20


async def test_a_bad_print_is_one_trade_and_leaves_quotes_and_candles_alone(client_of: Clients) -> None:
    async with simulator(rate=1) as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("bad_print", symbol="AAPL", percent=20)
        far = await next_item(client, having="3")
        back = await next_item(client, having="3")
        _, quotes = await client.get(QUOTES, symbols="AAPL")
        now = schwab.exchange.now_ms
        _, history = await client.get(
            "/marketdata/v1/pricehistory", symbol="AAPL", startDate=str(now - 60_000), endDate=str(now)
        )

    assert far["3"] / back["3"] == pytest.approx(1.2, rel=0.001)
    assert quotes["AAPL"]["quote"]["lastPrice"] == pytest.approx(back["3"], rel=0.01)
    assert max(candle["high"] for candle in history["candles"]) < far["3"]


async def test_a_split_rebases_prices_previous_close_and_past(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        end = schwab.exchange.now_ms
        days = {
            "symbol": "AAPL", "periodType": "month", "frequencyType": "daily",
            "startDate": str(end - 30 * 86_400_000), "endDate": str(end),
        }  # fmt: skip
        _, old = await client.get("/marketdata/v1/pricehistory", **days)
        _, before = await client.get(QUOTES, symbols="AAPL")
        await schwab.mischief.begin("split", symbol="AAPL", ratio=4)
        item = await next_item(client, having="12")
        await asyncio.sleep(0.2)
        _, after = await client.get(QUOTES, symbols="AAPL")
        _, new = await client.get("/marketdata/v1/pricehistory", **days)

    assert item["12"] == pytest.approx(214.60 / 4, abs=0.01)
    for name in ("lastPrice", "closePrice", "openPrice", "highPrice", "lowPrice", "bidPrice"):
        assert after["AAPL"]["quote"][name] == pytest.approx(before["AAPL"]["quote"][name] / 4, rel=0.005)
    assert after["AAPL"]["quote"]["totalVolume"] >= 4 * before["AAPL"]["quote"]["totalVolume"]
    for then, now in zip(old["candles"], new["candles"], strict=True):
        assert now["close"] == pytest.approx(then["close"] / 4, rel=0.005)


async def test_a_renamed_share_is_unknown_and_found_by_its_cusip(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client)
        await schwab.mischief.begin("rename", symbol="AAPL", to="APLE")
        _, quotes = await client.get(QUOTES, symbols="AAPL,APLE")
        _, found = await client.get("/marketdata/v1/instruments/037833100")
        await client.command(EQUITIES, "ADD", keys="APLE", fields="0,3")
        known = len(client.items_so_far())
        while len(client.items_so_far()) < known + 5:
            await client.next_frame()

    assert quotes["errors"] == {"invalidSymbols": ["AAPL"]}
    assert quotes["APLE"]["quote"]["lastPrice"] > 0
    assert [each["symbol"] for each in found["instruments"]] == ["APLE"]
    assert {item["key"] for item in client.items_so_far()[known:]} == {"APLE"}


async def test_a_roll_moves_the_root_to_the_next_contract_by_their_offset(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client, "/ES", FUTURES)
        _, before = await client.get(QUOTES, symbols="/ES")
        old = before["/ES"]["reference"]["futureActiveSymbol"]
        await schwab.mischief.begin("roll", symbol="/ES")
        item = await next_item(client, having="34")
        await asyncio.sleep(0.2)
        _, after = await client.get(QUOTES, symbols=f"/ES,{old},{item['34']}")

    new = item["34"]
    front, last_one, next_one = (after[symbol] for symbol in ("/ES", old, new))
    assert new != old
    assert front["reference"]["futureActiveSymbol"] == new
    assert item["35"] == next_one["reference"]["futureExpirationDate"]
    assert next_one["reference"]["futureIsActive"] is True
    assert last_one["reference"]["futureIsActive"] is False
    assert front["quote"]["lastPrice"] == pytest.approx(next_one["quote"]["lastPrice"], rel=1e-3)
    assert front["quote"]["lastPrice"] / last_one["quote"]["lastPrice"] == pytest.approx(1.009, rel=1e-3)
    assert front["quote"]["closePrice"] == pytest.approx(
        before["/ES"]["quote"]["closePrice"] * 1.009, rel=1e-3
    )


async def test_a_contract_is_about_to_end(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await subscribed(client, "/ES", FUTURES)
        await schwab.mischief.begin("expire_contract", symbol="/ES", in_s=3600)
        item = await next_item(client, having="35")

    assert 3500 < item["35"] / 1000 - time.time() < 3700


async def test_a_burst_comes_whole_and_ends_where_it_began(client_of: Clients) -> None:
    async with simulator(rate=1) as schwab, client_of(schwab) as client:
        await subscribed(client, "SPY")
        known = len(client.items_so_far())
        last = client.items_so_far()[-1]["3"]
        await schwab.mischief.begin("burst", symbol="SPY", count=1001)
        await client.items(known + 1001)

    burst = [item for item in client.items_so_far()[known:] if item.get("9") == 1]
    assert len(burst) == 1001
    assert {round(item["3"] - last, 2) for item in burst} == {0.0, 0.01}
    assert burst[-1]["3"] == last


# --- signing in


async def test_access_tokens_run_out_soon(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.sign_in()
        before, _ = await client.get(QUOTES, symbols="AAPL")
        await schwab.mischief.begin("token_expiry", in_s=0.1)
        await asyncio.sleep(0.15)
        after, _ = await client.get(QUOTES, symbols="AAPL")
        await client.sign_in()
        again, _ = await client.get(QUOTES, symbols="AAPL")

    assert (before, after, again) == (200, 401, 200)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        pytest.param("invalid_grant", 400, '\\"error\\": \\"invalid_grant\\"', id="expired"),
        pytest.param("refresh_token_authentication_error", 400, "authentication_error", id="superseded"),
        pytest.param("invalid_client", 401, "invalid_client", id="wrong keys"),
        pytest.param("unreadable_error", 400, "{no JSON", id="an error inside that is no JSON"),
        pytest.param("access_denied", 403, "Access Denied", id="the edge's page"),
        pytest.param("server_error", 503, "upstream", id="server error"),
        pytest.param("no_token", 200, "Unauthorized", id="no token in an answer that is well"),
    ],
)
async def test_the_next_token_request_is_refused_in_that_way(
    client_of: Clients, error: str, status: int, words: str
) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await schwab.mischief.begin("token_error", error=error)
        form = {"grant_type": "refresh_token", "refresh_token": schwab.ready_line()["refresh_token"]}
        async with client.http.post(f"{schwab.http_url}/v1/oauth/token", data=form) as answer:
            text = await answer.text()
            seen = answer.status
        await client.sign_in()

    assert seen == status
    assert words in text
    assert client.access_token.startswith("I0.")


async def test_the_login_page_denies_access(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        ready = schwab.ready_line()
        query = urlencode({"client_id": ready["app_key"], "redirect_uri": ready["callback"]})
        url = f"{schwab.http_url}/v1/oauth/authorize?{query}"
        await schwab.mischief.begin("denied_sign_in")
        async with client.http.get(url, allow_redirects=False) as denied:
            page = await denied.text()
        await schwab.mischief.end_all()
        async with client.http.get(url, allow_redirects=False) as granted:
            status = granted.status

    assert "Access Denied" in page
    assert status == 302


async def test_rest_errors_are_asked_for_by_name_and_ended(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.sign_in()
        await schwab.mischief.begin("rest_error", error="too_many_requests", seconds=7)
        refused, _ = await client.get(QUOTES, symbols="AAPL")
        await schwab.mischief.end_all()
        answered, _ = await client.get(QUOTES, symbols="AAPL")

    assert (refused, answered) == (429, 200)


# --- asking


async def test_a_fault_that_is_on_begins_anew_and_ends_once(client_of: Clients) -> None:
    async with simulator() as schwab:
        await schwab.mischief.begin("silence", for_s=0.05)
        await schwab.mischief.begin("silence", heartbeats=True, for_s=60)
        await asyncio.sleep(0.1)
        (active,) = schwab.mischief.active

        assert active.values == {"heartbeats": True}
        assert not schwab.faults.is_silent
        assert schwab.faults.is_without_data


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param({"fault": "earthquake"}, "fault: expected one of silence", id="an unknown fault"),
        pytest.param(
            {"fault": "gap", "symbol": "AAPL", "percent": "3"}, "percent: expected a number", id="a text"
        ),
        pytest.param({"fault": "gap"}, "symbol: is missing", id="a parameter that is missing"),
        pytest.param(
            {"fault": "gap", "symbol": "NOSUCH"}, "symbol: there is no NOSUCH", id="an unknown symbol"
        ),
        pytest.param(
            {"fault": "roll", "symbol": "AAPL"}, "symbol: AAPL has no later", id="a roll of a share"
        ),
        pytest.param(
            {"fault": "drop", "for_s": 3}, "for_s: drop is over at once", id="a time for an instant"
        ),
        pytest.param({"fault": "silence", "for_s": -1}, "for_s: expected seconds", id="a time below 0"),
        pytest.param({"fault": "silence", "loud": 1}, "loud: unknown parameter", id="an unknown parameter"),
        pytest.param({"fault": "close", "code": 1006}, "code: expected one of 1000", id="not a choice"),
        pytest.param(
            {"fault": "notice", "code": True}, "code: expected a whole number", id="true for a number"
        ),
        pytest.param(
            {"fault": "split", "symbol": "AAPL", "ratio": float("nan")},
            "ratio: expected 0.001",
            id="no number",
        ),
    ],
)
async def test_what_cannot_be_done_is_refused_in_words(words: dict[str, Any], complaint: str) -> None:
    async with simulator() as schwab:
        with pytest.raises(BadInput) as refused:
            await schwab.mischief.begin(**words)

    assert complaint in str(refused.value)


def test_every_fault_and_parameter_says_what_it_is() -> None:
    for kind in FAULT_KINDS.values():
        assert kind.doc
        assert all(parameter.doc for parameter in kind.parameters)
