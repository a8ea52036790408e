"""When a session opens or closes next, in words and in the status bar."""

from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtWidgets import QToolButton

from tests.fakes import NS_PER_SECOND
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.session_words import next_event


def utc_ns(moment: str) -> int:
    """Return an instant as nanoseconds."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) * NS_PER_SECOND


@pytest.mark.parametrize(
    ("symbol", "now", "told"),
    [
        ("AAPL", "2024-07-02T07:59:30", "ETH opens in 30 s"),
        ("AAPL", "2024-07-02T13:00:00", "RTH opens in 30 m"),
        ("AAPL", "2024-07-02T19:30:00", "RTH closes in 30 m"),
        ("AAPL", "2024-07-02T20:30:00", "ETH closes in 3 h 30 m"),
        ("AAPL", "2024-07-03T16:00:00", "RTH closes in 1 h"),  # an early close
        ("/ES", "2024-06-30T21:00:00", "ETH opens in 1 h"),
        ("/ES", "2024-06-28T20:00:00", "ETH closes in 1 h"),
        ("EUR/USD", "2024-07-05T20:00:00", "Session closes in 1 h"),
        ("BTC-USD", "2024-07-02T13:00:00", None),
    ],
)
def test_the_next_opening_or_close_is_told_with_how_long_it_is_until_then(
    symbol: str, now: str, told: str | None
) -> None:
    event = next_event(instrument_of(symbol), utc_ns(now))

    assert (event and event.told(utc_ns(now))) == told


async def test_the_status_bar_tells_of_the_session_of_what_the_chart_shows(
    window: MainWindow, desk: Any
) -> None:
    part = window.findChild(QToolButton, "statusSession")
    assert part is not None

    desk.clock.ns = utc_ns("2024-07-02T13:00:00")
    desk.market.instruments["AAPL"] = instrument_of("AAPL")
    window.context.navigator.symbol_chosen.emit("AAPL")
    of_a_share = (part.isVisible(), part.text(), part.toolTip())
    desk.clock.ns += 60 * NS_PER_SECOND
    window.pulse.second.emit()
    later = part.text()
    window.context.navigator.symbol_chosen.emit("BTC-USD")

    assert of_a_share == (True, "RTH opens in 30 m", "AAPL: RTH opens at 13:30")
    assert later == "RTH opens in 29 m"
    assert not part.isVisible()


async def test_the_session_makes_room_for_a_notice_that_would_be_cut(window: MainWindow, desk: Any) -> None:
    part = window.findChild(QToolButton, "statusSession")
    assert part is not None
    desk.clock.ns = utc_ns("2024-07-02T13:00:00")
    desk.market.instruments["AAPL"] = instrument_of("AAPL")
    window.context.navigator.symbol_chosen.emit("AAPL")

    window.context.navigator.noticed.emit(40 * "A long sentence. ")
    is_beside_a_long_one = part.isVisible()
    window.context.navigator.noticed.emit("")

    assert not is_beside_a_long_one
    assert part.isVisible()
