"""Which feeds a start runs, and who is asked about a symbol."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import ScriptedFeed
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.side_by_side import SideBySide
from tradeassist_desktop.app.sources import Source, feed_names
from tradeassist_desktop.domain.errors import TradeAssistError, UsageError
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.feeds import FEEDS
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.paths import resolve
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.settings import Settings


def launch(feed: str | None, tmp_path: Path) -> Launch:
    return Launch(
        places=resolve(tmp_path),
        feed=feed,
        speed=None,
        symbol=None,
        bar_label="start",
        rules_file=None,
        record_file=None,
        overrides=(),
        environment={},
        is_dev=False,
        is_headless=True,
        mask=SecretMask(),
    )


@pytest.mark.parametrize(
    ("feed", "names"),
    [
        pytest.param(None, (), id="left to the settings"),
        pytest.param("coinbase", ("coinbase",), id="one"),
        pytest.param("schwab,coinbase", ("schwab", "coinbase"), id="two, the main one first"),
        pytest.param("coinbase, demo", ("coinbase", "demo"), id="a space after the comma"),
    ],
)
def test_the_command_line_names_feeds(feed: str | None, names: tuple[str, ...], tmp_path: Path) -> None:
    assert launch(feed, tmp_path).feeds == names


@pytest.mark.parametrize(
    ("feed", "message"),
    [
        pytest.param("kraken", "found kraken", id="unknown"),
        pytest.param("demo,", "found nothing", id="nothing after the comma"),
        pytest.param("coinbase,coinbase", "each feed once", id="twice"),
        pytest.param("demo,schwab", "the same symbols", id="made-up prices beside real ones"),
        pytest.param("coinbase,replay:session.csv", "a replay goes alone", id="a replay beside another"),
    ],
)
def test_what_cannot_run_side_by_side_is_refused(feed: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        launch(feed, tmp_path)


@pytest.mark.parametrize("name", [name for name in FEEDS if name != "replay"])
def test_every_live_feed_of_the_table_can_be_asked_for(name: str, tmp_path: Path) -> None:
    assert launch(name, tmp_path).feeds == (name,)


def settings(tmp_path: Path, *overrides: str) -> Settings:
    return Settings(
        file=tmp_path / "settings.toml", overrides=overrides, environment={}, is_dev=False, bus=Bus()
    )


@pytest.mark.parametrize(
    ("overrides", "names"),
    [
        pytest.param((), ("demo",), id="as installed"),
        pytest.param(("feed.also=coinbase",), ("demo", "coinbase"), id="coinbase beside the demo"),
        pytest.param(("feed.name=schwab", "feed.also=coinbase"), ("schwab", "coinbase"), id="beside schwab"),
        pytest.param(("feed.name=coinbase", "feed.also=coinbase"), ("coinbase",), id="beside itself: once"),
    ],
)
def test_the_settings_name_feeds(overrides: tuple[str, ...], names: tuple[str, ...], tmp_path: Path) -> None:
    assert feed_names(launch(None, tmp_path), settings(tmp_path, *overrides)) == names


def test_the_command_line_s_feeds_replace_all_of_the_settings(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "feed.also=coinbase")

    assert feed_names(launch("demo", tmp_path), chosen) == ("demo",)


def test_settings_that_cannot_run_side_by_side_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"feed.also: demo and schwab bring the same symbols"):
        feed_names(launch(None, tmp_path), settings(tmp_path, "feed.also=schwab"))


def test_a_live_stream_has_no_speed(tmp_path: Path) -> None:
    faster = replace(launch("coinbase", tmp_path), speed=5.0)

    with pytest.raises(UsageError, match="--speed: a live stream has its own"):
        feed_names(faster, settings(tmp_path))


def is_coin(symbol: str) -> bool:
    return symbol.endswith("-USD")


def source(venue: str, *, symbols: Sequence[str] = (), has_bars: bool = True, coins: bool = False) -> Source:
    async def bars(symbol: str, *_: object) -> Sequence[Bar]:
        return (Bar(symbol, venue, 0, 1, 1.0, 1.0, 1.0, 1.0, 1.0),)  # its "timeframe" says who was asked

    feed = ScriptedFeed([], name=venue, carries=is_coin if coins else lambda symbol: not is_coin(symbol))
    return Source(
        feed=feed,
        venue=venue,
        label=venue.capitalize(),
        symbols=tuple(symbols),
        is_live=True,
        fetch_bars=bars if has_bars else None,
        fetch_gap=bars if has_bars else None,
    )


async def test_bars_of_a_symbol_are_asked_of_its_own_venue() -> None:
    both = SideBySide((source("schwab"), source("coinbase", coins=True)))
    assert both.fetch_bars is not None
    assert both.fetch_gap is not None

    asked = [
        (await both.fetch_bars("BTC-USD", "1m", 5))[0].timeframe,
        (await both.fetch_gap("BTC-USD", 0, 5))[0].timeframe,
        (await both.fetch_bars("/ES", "1m", 5))[0].timeframe,
    ]

    assert asked == ["coinbase", "coinbase", "schwab"]


async def test_a_venue_without_bars_says_so_while_the_other_has_them() -> None:
    both = SideBySide((source("schwab", has_bars=False), source("coinbase", coins=True)))
    assert both.fetch_bars is not None

    with pytest.raises(TradeAssistError, match="Schwab has no bars of the past"):
        await both.fetch_bars("/ES", "1m", 5)


@pytest.mark.parametrize(
    ("kept", "watched"),
    [
        pytest.param((), ("/ES", "AAPL", "BTC-USD"), id="nothing chosen: symbols of all"),
        pytest.param(("TLT",), ("TLT", "BTC-USD"), id="a feed is new: its first symbols"),
        pytest.param(("TLT", "ETH-USD"), ("TLT", "ETH-USD"), id="something of each: as it was"),
    ],
)
def test_of_each_feed_something_is_watched(kept: tuple[str, ...], watched: tuple[str, ...]) -> None:
    both = SideBySide((source("schwab"), source("coinbase", coins=True, symbols=["BTC-USD"])))

    assert both.watchlist(kept, usual=("/ES", "AAPL")) == watched
    assert both.label == "Schwab and Coinbase"


def test_a_venue_beside_the_main_one_keeps_what_it_carries() -> None:
    both = SideBySide((source("demo"), source("coinbase", coins=True)))

    (name, carries), *rest = both.beside.items()

    assert (name, carries("BTC-USD"), carries("/ES"), rest) == ("coinbase", True, False, [])
