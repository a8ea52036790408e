"""The feed's commands, as a scripted Schwab hears them."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.feeds.scripted_schwab import ScriptedSchwab, quote, response, scripted_desk
from tradeassist_desktop.domain.health import FeedState, Remedy
from tradeassist_desktop.domain.market import TradingStatus

Until = Callable[..., Any]


async def test_services_without_a_wanted_symbol_are_never_mentioned(until: Until) -> None:
    async with scripted_desk(ScriptedSchwab(), symbols=["AAPL", "/ES", "$SPX"]) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert desk.server.commands == [
            ("ADMIN", "LOGIN", ""),
            ("LEVELONE_EQUITIES", "SUBS", "$SPX,AAPL"),
            ("LEVELONE_FUTURES", "SUBS", "/ES"),
            ("CHART_EQUITY", "SUBS", "AAPL"),
            ("CHART_FUTURES", "SUBS", "/ES"),
        ]


async def test_what_changes_is_added_and_taken_away_and_the_rest_stays(until: Until) -> None:
    async with scripted_desk(ScriptedSchwab(), symbols=["$SPX", "$VIX"]) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        desk.server.commands.clear()

        desk.feed.subscribe(frozenset({"$SPX", "$NDX"}))
        await until(lambda: len(desk.server.commands) == 2)
        desk.feed.subscribe(frozenset())
        await until(lambda: len(desk.server.commands) == 3)

    assert desk.server.commands == [
        ("LEVELONE_EQUITIES", "UNSUBS", "$VIX"),
        ("LEVELONE_EQUITIES", "ADD", "$NDX"),
        ("LEVELONE_EQUITIES", "UNSUBS", "$NDX,$SPX"),
    ]


async def test_rules_symbols_are_asked_for_first(until: Until) -> None:
    server = ScriptedSchwab()
    async with scripted_desk(server, symbols=[]) as desk:
        desk.feed.subscribe(frozenset({"$A", "$B", "$Z"}), frozenset({"$Z"}))
        await until(lambda: len(server.commands) == 2)

    assert server.commands[1] == ("LEVELONE_EQUITIES", "SUBS", "$Z,$A,$B")


async def test_an_answer_that_comes_with_data_in_one_frame_counts(until: Until) -> None:
    class Coalescing(ScriptedSchwab):
        async def answer(self, socket: Any, request: dict[str, Any]) -> None:
            data = json.loads(quote("AAPL", 200.0))
            await socket.send_str(json.dumps({"response": [response(request)], **data}))

    async with scripted_desk(Coalescing()) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert [tick.last for tick in desk.sink.ticks][:2] == [200.0, 200.0]


async def test_a_limit_without_a_count_leaves_all_that_was_asked_in_doubt(until: Until) -> None:
    def verdict(request: dict[str, Any]) -> tuple[int, str]:
        return (19, "too many") if request["service"] == "LEVELONE_EQUITIES" else (0, "")

    async with scripted_desk(ScriptedSchwab(verdicts=verdict), symbols=["$A", "$B", "/ES"]) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert desk.sink.status.discarded == ("$A", "$B")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param(9, "Schwab reported an unknown failure", id="9 at login"),
        pytest.param(20, "Schwab no longer knew the connection", id="20 at login"),
        pytest.param(30, "Schwab stopped the stream", id="30 at login"),
        pytest.param(77, "Schwab sent code 77", id="an unknown code"),
    ],
)
async def test_a_login_that_fails_otherwise_is_tried_again(until: Until, code: int, words: str) -> None:
    codes = [code]

    def verdict(request: dict[str, Any]) -> tuple[int, str]:
        return (codes.pop(), "") if codes and request["command"] == "LOGIN" else (0, "")

    async with scripted_desk(ScriptedSchwab(verdicts=verdict)) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        assert any(status.detail.startswith(words) for status in desk.sink.statuses)
        assert desk.server.connects == 2


async def test_a_login_that_meets_another_connection_offers_to_take_over(until: Until) -> None:
    async with scripted_desk(ScriptedSchwab(verdicts=lambda request: (12, ""))) as desk:
        await until(lambda: desk.sink.status.state is FeedState.REFUSED)
        await asyncio.sleep(0.1)

        assert desk.sink.status.remedy is Remedy.TAKE_OVER
        assert desk.server.connects == 1


async def test_bars_of_the_venue_and_halts_reach_the_sink(until: Until) -> None:
    bar = {"key": "AAPL", "1": 1, "2": 9.0, "3": 11.0, "4": 8.0, "5": 10.0, "6": 5, "7": 1_756_000_020_000}
    part = {"service": "CHART_EQUITY", "timestamp": 1, "command": "SUBS", "content": [bar]}

    async with scripted_desk(ScriptedSchwab()) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        await desk.server.send(json.dumps({"data": [part]}))
        await desk.server.send(quote("AAPL", 10.0, **{"32": "Halted"}))
        await until(lambda: desk.sink.trading)

    assert [bar[4:] for bar in desk.sink.venue_bars] == [(9.0, 11.0, 8.0, 10.0, 5.0)]
    assert desk.sink.trading == {"AAPL": TradingStatus.HALTED}
