"""The control endpoint."""

from collections.abc import Callable
from typing import Any

import pytest

from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Simulator, StreamerRules, SyntheticMarket

Clients = Callable[..., Any]


def simulator() -> Simulator:
    clock = SystemClock()
    return Simulator(source=DemoMarket(clock=clock), clock=clock)


async def ask(
    client: Any, method: str, *, headers: dict[str, str] | None = None, **body: Any
) -> tuple[int, dict[str, Any]]:
    ready = client.simulator.ready_line()
    given = {"Authorization": f"Bearer {ready['control_token']}"} | (headers or {})
    async with client.http.request(method, ready["control"], headers=given, **body) as answer:
        return answer.status, await answer.json()


async def test_a_fault_is_begun_shown_and_ended(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        posted = await ask(client, "POST", json={"fault": "silence", "heartbeats": True, "for_s": 60})
        was_on = schwab.faults.is_without_data
        shown = await ask(client, "GET")
        deleted = await ask(client, "DELETE")

        silence = {"fault": "silence", "heartbeats": True, "for_s": 60}
        assert (posted[0], posted[1]["active"]) == (200, [silence])
        assert (shown[0], shown[1]["active"]) == (200, [silence])
        assert (deleted[0], deleted[1]["active"]) == (200, [])
        assert was_on
        assert not schwab.faults.is_without_data


async def test_what_is_known_can_be_asked_for(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.log_in()
        _, state = await ask(client, "GET")

    assert (state["connections"], state["logins"], state["rest_requests"]) == (1, 1, 1)
    assert "half_open" in state["known"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Authorization": "Bearer wrong"}, 401, id="a wrong token"),
        pytest.param({"Authorization": ""}, 401, id="no token"),
        pytest.param({"Authorization": "Bearer ä"}, 401, id="a token beyond ASCII"),
        pytest.param({"Host": "evil.example"}, 403, id="another name for this machine"),
        pytest.param({"Origin": "http://127.0.0.1"}, 403, id="a web page"),
    ],
)
async def test_nobody_else_may_ask(client_of: Clients, headers: dict[str, str], status: int) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        for method in ("GET", "POST", "DELETE"):
            answered, _ = await ask(client, method, headers=headers, json={"fault": "silence"})
            assert answered == status
        assert schwab.mischief.active == ()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"{", "not JSON", id="no JSON"),
        pytest.param(b"[]", "expected an object", id="no object"),
        pytest.param(b'{"fault": "silence", "loud": 1}', "loud: unknown parameter", id="a parameter"),
        pytest.param(b'{"fault": "gap", "symbol": "X"}', "there is no X", id="a symbol"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested too deeply"),
    ],
)
async def test_what_cannot_be_done_is_refused(client_of: Clients, content: bytes, complaint: str) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        status, body = await ask(client, "POST", data=content)

    assert status == 400
    assert complaint in body["errors"][0]


async def test_sending_times_are_kept_where_asked_for_and_given_once(client_of: Clients) -> None:
    clock = SystemClock()
    market = SyntheticMarket(clock=clock, symbols=8, rate=800)
    schwab = Simulator(source=market, clock=clock, rules=StreamerRules(sends_kept=1000))
    async with schwab, client_of(schwab) as client:
        await client.log_in()
        begun_ns = clock.monotonic_ns()
        await client.command("LEVELONE_EQUITIES", "SUBS", keys="S000", fields="0,3,8")
        items = await client.items(4)
        headers = {"Authorization": f"Bearer {schwab.ready_line()['control_token']}"}
        url = f"{schwab.http_url}/control/sends"
        async with client.http.get(url, headers=headers) as answer:
            sends = await answer.json()
        ended_ns = clock.monotonic_ns()

    sent_ns = {(symbol, volume): at_ns for symbol, volume, at_ns in sends}
    for item in items[1:]:
        assert begun_ns < sent_ns["S000", item["8"]] < ended_ns
