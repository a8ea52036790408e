"""The simulated token endpoint and REST answers."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, SignInRules, Simulator

CALLBACK = "https://127.0.0.1:8182"
Clients = Callable[..., Any]


def simulator() -> Simulator:
    return Simulator(source=DemoMarket(clock=SystemClock()), clock=SystemClock())


def true_error(answer: dict[str, Any]) -> str:
    description = answer["error_description"]
    inner = json.loads(description[description.index("{") : description.rindex("}") + 1])
    return str(inner["error"])


async def test_a_code_is_exchanged_once(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        code = schwab.ready_line()["authorization_code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}

        status, tokens = await client.post_token(**form)
        again, _ = await client.post_token(**form)

    assert (status, again) == (200, 400)
    assert code.endswith("@")
    assert tokens["access_token"].startswith("I0.")
    assert tokens["access_token"].endswith("@")
    assert (tokens["expires_in"], tokens["token_type"], tokens["scope"]) == (1800, "Bearer", "api")


async def test_authorize_sends_the_browser_to_the_callback_with_a_new_code(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        query = {"client_id": schwab.ready_line()["app_key"], "redirect_uri": CALLBACK, "state": "s1"}
        url = f"{schwab.http_url}/v1/oauth/authorize"
        async with client.http.get(url, params=query, allow_redirects=False) as answer:
            target = urlsplit(answer.headers["Location"])
            assert answer.status == 302
        returned = parse_qs(target.query)

        status, _ = await client.post_token(
            grant_type="authorization_code", code=returned["code"][0], redirect_uri=CALLBACK
        )

    assert f"{target.scheme}://{target.netloc}" == CALLBACK
    assert "%40" in target.query
    assert returned["state"] == ["s1"]
    assert returned["session"]
    assert status == 200


async def test_authorize_refuses_another_callback(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        query = {"client_id": schwab.ready_line()["app_key"], "redirect_uri": CALLBACK + "/"}
        url = f"{schwab.http_url}/v1/oauth/authorize"
        async with client.http.get(url, params=query, allow_redirects=False) as answer:
            assert answer.status == 403
            assert "Access Denied" in await answer.text()


async def test_a_code_of_authorize_lives_half_a_minute(client_of: Clients) -> None:
    clock = ManualClock()
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock)
    async with schwab, client_of(schwab) as client:
        query = {"client_id": schwab.ready_line()["app_key"], "redirect_uri": CALLBACK}
        url = f"{schwab.http_url}/v1/oauth/authorize"
        async with client.http.get(url, params=query, allow_redirects=False) as answer:
            code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        await clock.advance(31)

        status, error = await client.post_token(
            grant_type="authorization_code", code=code, redirect_uri=CALLBACK
        )

    assert (status, true_error(error)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="another grant"),
        pytest.param({}, "unsupported_grant_type", id="no grant"),
        pytest.param(
            {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://127.0.0.1"},
            "invalid_request",
            id="another callback",
        ),
    ],
)
async def test_the_token_endpoint_refuses(client_of: Clients, form: dict[str, str], error: str) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        status, answer = await client.post_token(**form)

    assert (status, answer["error"]) == (400, error)


async def test_wrong_keys_are_an_invalid_client(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        status, answer = await client.post_token(keys=("who", "knows"), grant_type="refresh_token")

    assert (status, answer["error"]) == (401, "invalid_client")


async def test_a_refresh_token_hides_its_true_error_in_the_description(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        _, unknown = await client.post_token(grant_type="refresh_token", refresh_token="nobody's")
        schwab.sign_in.revoke_refresh_tokens()
        _, expired = await client.post_token(
            grant_type="refresh_token", refresh_token=schwab.ready_line()["refresh_token"]
        )

    assert unknown["error"] == expired["error"] == "unsupported_token_type"
    assert true_error(unknown) == "refresh_token_authentication_error"
    assert true_error(expired) == "invalid_grant"


async def test_an_access_token_lives_half_an_hour(client_of: Clients) -> None:
    clock = ManualClock()
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock)
    async with schwab, client_of(schwab) as client:
        await client.sign_in()
        await clock.advance(1799)
        fresh, _ = await client.get("/trader/v1/userPreference")
        await clock.advance(1)
        stale, error = await client.get("/trader/v1/userPreference")

    assert (fresh, stale) == (200, 401)
    assert error["errors"][0]["detail"] == "Client not authorized"


async def test_user_preference_says_where_to_stream(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.sign_in()
        _, preference = await client.get("/trader/v1/userPreference")

    (info,) = preference["streamerInfo"]
    assert info["streamerSocketUrl"] == schwab.ready_line()["ws"]
    assert len(info["schwabClientCustomerId"]) == 64
    assert (info["schwabClientChannel"], info["schwabClientFunctionId"]) == ("N9", "APIAPP")


async def test_quotes_answer_what_is_listed_and_name_what_is_not(client_of: Clients) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        await client.sign_in()
        _, quotes = await client.get("/marketdata/v1/quotes", symbols="/ES,AAPL,NOSUCH", fields="quote")
        _, reference = await client.get("/marketdata/v1/MSFT/quotes")
        missing, _ = await client.get("/marketdata/v1/NOSUCH/quotes")
        empty, _ = await client.get("/marketdata/v1/quotes")

    assert quotes["/ES"]["quote"]["lastPrice"] == 5528.75
    assert "reference" not in quotes["/ES"]
    assert quotes["errors"] == {"invalidSymbols": ["NOSUCH"]}
    assert reference["MSFT"]["reference"]["description"] == "Microsoft Corp"
    assert (missing, empty) == (404, 400)


async def test_lives_of_tokens_are_settings(client_of: Clients) -> None:
    clock = ManualClock()
    rules = SignInRules(access_life_s=5, refresh_life_s=100)
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock, sign_in_rules=rules)
    form = {"grant_type": "refresh_token", "refresh_token": schwab.ready_line()["refresh_token"]}
    async with schwab, client_of(schwab) as client:
        _, tokens = await client.post_token(**form)
        await clock.advance(6)
        expired, _ = await client.get("/trader/v1/userPreference", token=tokens["access_token"])
        await clock.advance(95)
        status, refusal = await client.post_token(**form)

    assert tokens["expires_in"] == 5
    assert expired == 401
    assert (status, true_error(refusal)) == (400, "invalid_grant")


async def test_a_rotated_refresh_token_is_not_accepted_any_more(client_of: Clients) -> None:
    clock = SystemClock()
    schwab = Simulator(
        source=DemoMarket(clock=clock), clock=clock, sign_in_rules=SignInRules(is_rotating=True)
    )
    first = schwab.ready_line()["refresh_token"]
    async with schwab, client_of(schwab) as client:
        _, tokens = await client.post_token(grant_type="refresh_token", refresh_token=first)
        again, refusal = await client.post_token(grant_type="refresh_token", refresh_token=first)
        status, _ = await client.post_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    assert tokens["refresh_token"] != first
    assert (again, true_error(refusal)) == (400, "refresh_token_authentication_error")
    assert status == 200


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"redirect_uri": CALLBACK + "/"}, id="a slash more"),
        pytest.param({"redirect_uri": CALLBACK.replace("https", "HTTPS")}, id="other case"),
        pytest.param({"client_id": "another"}, id="another app"),
        pytest.param({"response_type": "token"}, id="another response type"),
    ],
)
async def test_authorize_denies_what_is_not_registered(client_of: Clients, changed: dict[str, str]) -> None:
    async with simulator() as schwab, client_of(schwab) as client:
        query = {"client_id": schwab.ready_line()["app_key"], "redirect_uri": CALLBACK} | changed
        url = f"{schwab.http_url}/v1/oauth/authorize"
        async with client.http.get(url, params=query, allow_redirects=False) as answer:
            page = await answer.text()

    assert answer.status == 403
    assert "Access Denied" in page
