"""Runs in an environment of its own: the real schwabdev against the simulator.

Reads the simulator's ready line from standard input; prints one JSON object of what it got.
schwabdev's address is fixed, so every request is sent to the simulator's instead; everything
else is schwabdev as published.
"""

import json
import queue
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
import schwabdev

HOME = "https://api.schwabapi.com"
WAIT_S = 15


def send_to(base_url):
    request = requests.Session.request

    def redirected(session, method, url, **options):
        return request(session, method, url.replace(HOME, base_url, 1), **options)

    requests.Session.request = redirected


def log_in(authorize_url):
    """Do what the user does in the browser; return the address it ends at."""
    answer = requests.get(authorize_url, allow_redirects=False, timeout=WAIT_S)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


class Talk:
    """Sends a command and waits for its answer, keeping all else that comes."""

    def __init__(self, stream):
        self._stream = stream
        self._frames = queue.Queue()
        self.items = []
        self.heartbeats = 0

    def take(self, text):
        self._frames.put(json.loads(text))

    def start(self):
        self._stream.start(self.take)
        return self.answer()

    def ask(self, request):
        self._stream.send(request)
        return self.answer()

    def answer(self):
        while True:
            frame = self.next_frame()
            if "response" in frame:
                return frame["response"][0]["content"]

    def until(self, fits):
        while not any(fits(*item) for item in self.items):
            self.next_frame()
        return next(item for item in self.items if fits(*item))[1]

    def next_frame(self):
        frame = self._frames.get(timeout=WAIT_S)
        for part in frame.get("data", []):
            self.items += [(part["service"], item) for item in part["content"]]
        self.heartbeats += sum("heartbeat" in notice for notice in frame.get("notify", []))
        return frame


def use_rest(client, report):
    first = client.tokens.access_token
    report["token_by_code"] = first[:3]
    client.update_tokens(force_access_token=True)
    report["was_refreshed"] = client.tokens.access_token != first
    quotes = client.quotes(["AAPL", "/ES", "NOSUCH"]).json()
    report["quotes"] = {
        symbol: quote["quote"]["lastPrice"] for symbol, quote in quotes.items() if "quote" in quote
    }
    report["unknown"] = quotes["errors"]["invalidSymbols"]
    report["one"] = client.quote("MSFT").json()["MSFT"]["reference"]["description"]
    end = datetime.fromtimestamp(quotes["AAPL"]["quote"]["tradeTime"] // 60_000 * 60, UTC)
    asked = {
        "periodType": "day", "frequencyType": "minute", "frequency": 1,
        "startDate": end - timedelta(minutes=59), "endDate": end,
    }  # fmt: skip
    report["minutes"] = client.price_history("AAPL", **asked).json()
    report["future_minutes"] = client.price_history("/ES", **asked).status_code
    report["found"] = client.instruments("AAPL", "symbol-search").json()["instruments"]
    report["by_cusip"] = client.instrument_cusip("037833100").json()["instruments"]
    report["hours"] = client.market_hours(["equity", "future"]).json()


def use_stream(client, report):
    stream = schwabdev.Stream(client)
    talk = Talk(stream)
    report["login"] = talk.start()
    codes = [
        talk.ask(stream.level_one_equities(["AAPL", "$TICK"], "0,1,2,3,15", "SUBS")),
        talk.ask(stream.level_one_futures(["/ES", "/NQ"], "0,3,16,25,34,35")),
        talk.ask(stream.level_one_forex(["EUR/USD"], "0,1,2")),
        talk.ask(stream.chart_equity(["AAPL"], "0,1,2,3,4,5,6,7,8")),
        talk.ask(stream.chart_futures(["/ES"], "0,1,2,3,4,5,6")),
    ]
    report["share"] = talk.until(lambda service, item: item["key"] == "AAPL" and "15" in item)
    report["future"] = talk.until(lambda service, item: item["key"] == "/ES" and "16" in item)
    report["forex"] = talk.until(lambda service, item: item["key"] == "EUR/USD")
    report["bar"] = talk.until(lambda service, item: service == "CHART_EQUITY")
    report["future_bar"] = talk.until(lambda service, item: service == "CHART_FUTURES")
    codes.append(talk.ask(stream.level_one_equities(["AAPL"], "0,3", "VIEW")))
    talk.items.clear()
    talk.until(lambda service, item: service == "LEVELONE_EQUITIES" and "3" in item)
    report["after_view"] = sorted(
        {name for service, item in talk.items if service == "LEVELONE_EQUITIES" for name in item}
    )
    codes.append(talk.ask(stream.level_one_futures(["/NQ"], "0,3", "UNSUBS")))
    talk.items.clear()
    for _ in range(30):
        talk.next_frame()
    report["after_unsubs"] = sorted({item["key"] for service, item in talk.items if "FUTURES" in service})
    report["beyond_the_limit"] = talk.ask(stream.level_one_equities(["MSFT", "SPY"], "0,3"))
    report["codes"] = [content["code"] for content in codes]
    report["heartbeats"] = talk.heartbeats
    stream.stop()
    report["has_stopped"] = not stream.active


def main():
    ready = json.loads(sys.stdin.readline())
    send_to(ready["http"])
    report = {}
    with tempfile.TemporaryDirectory() as folder:
        client = schwabdev.Client(
            ready["app_key"],
            ready["app_secret"],
            ready["callback"],
            tokens_db=str(Path(folder) / "tokens.db"),
            call_on_auth=log_in,
        )
        use_rest(client, report)
        use_stream(client, report)
        client.close()
    print(json.dumps(report))


main()
