"""Runs in an environment of its own: the real schwab-py against the simulator.

Reads the simulator's ready line from standard input; prints one JSON object of what it got.
Only the addresses are changed; everything else is schwab-py as published.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # authlib refuses plain http otherwise

import httpx
import schwab
from schwab.streaming import StreamClient

WANTED_UPDATES = 3
HANDLERS = ("LEVELONE_EQUITIES", "LEVELONE_FUTURES")


def send_to(session, base_url):
    async def redirect(request):
        request.url = httpx.URL(base_url + request.url.raw_path.decode())

    session.event_hooks = {"request": [redirect]}


def sign_in_by_code(ready, kept):
    schwab.auth.TOKEN_ENDPOINT = ready["http"] + "/v1/oauth/token"
    context = schwab.auth.get_auth_context(ready["app_key"], ready["callback"])
    query = urlencode(
        {"client_id": ready["app_key"], "redirect_uri": ready["callback"], "state": context.state}
    )
    answer = httpx.get(f"{ready['http']}/v1/oauth/authorize?{query}")
    assert answer.status_code == 302, answer.text
    schwab.auth.client_from_received_url(
        ready["app_key"],
        ready["app_secret"],
        context,
        answer.headers["location"],
        lambda token, *_, **__: kept.append(token),
    )


async def use(ready):
    kept = []
    sign_in_by_code(ready, kept)
    report = {"token_by_code": kept[-1]["token"]["access_token"][:3]}
    expired = json.loads(json.dumps(kept[-1]))
    expired["token"]["expires_at"] = 1
    client = schwab.auth.client_from_access_functions(
        ready["app_key"],
        ready["app_secret"],
        lambda: expired,
        lambda token, *_, **__: kept.append(token),
        asyncio=True,
    )
    send_to(client.session, ready["http"])
    quotes = (await client.get_quotes(["AAPL", "/ES", "NOSUCH"])).json()
    report["was_refreshed"] = len(kept) == 2 and kept[0]["token"] != kept[1]["token"]
    report["quotes"] = {
        symbol: quote["quote"]["lastPrice"] for symbol, quote in quotes.items() if "quote" in quote
    }
    report["unknown"] = quotes["errors"]["invalidSymbols"]
    report["one"] = (await client.get_quote("MSFT")).json()["MSFT"]["reference"]["description"]
    await ask_for_the_past_and_the_listings(client, report, quotes["AAPL"]["quote"]["tradeTime"])
    await stream_all(client, report)
    await client.close_async_session()
    return report


async def ask_for_the_past_and_the_listings(client, report, now_ms):
    end = datetime.fromtimestamp(now_ms // 60_000 * 60, UTC)
    start = end - timedelta(minutes=59)
    history = client.get_price_history_every_minute
    report["minutes"] = (await history("AAPL", start_datetime=start, end_datetime=end)).json()
    report["future_minutes"] = (await history("/ES", start_datetime=start, end_datetime=end)).status_code
    by_symbol = client.Instrument.Projection.SYMBOL_SEARCH
    report["found"] = (await client.get_instruments(["AAPL"], by_symbol)).json()["instruments"]
    report["by_cusip"] = (await client.get_instrument_by_cusip("037833100")).json()["instruments"]
    markets = client.MarketHours.Market
    report["hours"] = (await client.get_market_hours([markets.EQUITY, markets.FUTURE])).json()


async def stream_all(client, report):
    stream = StreamClient(client)
    messages = {service: [] for service in (*HANDLERS, "LEVELONE_FOREX", "CHART_EQUITY", "CHART_FUTURES")}
    for service, add in (
        ("LEVELONE_EQUITIES", stream.add_level_one_equity_handler),
        ("LEVELONE_FUTURES", stream.add_level_one_futures_handler),
        ("LEVELONE_FOREX", stream.add_level_one_forex_handler),
        ("CHART_EQUITY", stream.add_chart_equity_handler),
        ("CHART_FUTURES", stream.add_chart_futures_handler),
    ):
        add(messages[service].append)
    await stream.login()
    await stream.level_one_equity_subs(["AAPL", "$TICK"])
    await stream.level_one_futures_subs(["/ES"])
    await stream.level_one_futures_add(["/NQ"])
    await stream.level_one_forex_subs(["EUR/USD"])
    await stream.chart_equity_subs(["AAPL"])
    await stream.chart_futures_subs(["/ES"])
    while any(
        len(received) < (WANTED_UPDATES if service in HANDLERS else 1)
        for service, received in messages.items()
    ):
        await asyncio.wait_for(stream.handle_message(), 10)
    try:
        await stream.level_one_equity_add(["MSFT", "SPY"])
    except schwab.streaming.UnexpectedResponseCode as refusal:
        report["beyond_the_limit"] = refusal.response["response"][0]["content"]
    await stream.level_one_futures_unsubs(["/NQ"])
    await stream.logout()
    report["first"] = {service: messages[service][0]["content"] for service in HANDLERS}
    report["later"] = {service: messages[service][-1]["content"] for service in HANDLERS}
    report["bar"] = messages["CHART_EQUITY"][0]["content"][0]
    report["future_bar"] = messages["CHART_FUTURES"][0]["content"][0]
    report["forex"] = messages["LEVELONE_FOREX"][0]["content"][0]


print(json.dumps(asyncio.run(asyncio.wait_for(use(json.loads(sys.stdin.readline())), 40))))
