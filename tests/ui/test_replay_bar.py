"""The replay bar: what a trader sees of a replay, and how it is moved."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes import ManualClock
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.events import ReplayMoved
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.feeds.replay_control import ReplayControl
from tradeassist_desktop.recordings.survey import survey
from tradeassist_desktop.services.recordings.replaying import Replaying
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.time_line import TimeLine

FIRST_NS = 1_719_928_800 * NS_PER_SECOND  # 2024-07-02 14:00:00 UTC
HOUR_NS = 3_600 * NS_PER_SECOND


@pytest.fixture
def replay(desk: Any, tmp_path: Path) -> Replaying:
    """A replay of an hour of /ES, of which half an hour is played."""
    file = tmp_path / "hour.csv"
    file.write_text(f"timestamp,symbol,last\n{FIRST_NS},/ES,1\n{FIRST_NS + HOUR_NS},/ES,2\n")
    summary = survey(file)
    control = ReplayControl(
        clock=ManualClock(),
        span=(summary.first_ns, summary.last_ns),
        tell=lambda state: desk.bus.publish(ReplayMoved(state=state)),
    )
    opening = Opening(file=file, summary=summary)
    made = Replaying(opening=opening, summary=summary, control=control, bus=desk.bus, reopen=desk.reopen)
    play(made, FIRST_NS + HOUR_NS // 2)
    return made


@pytest.fixture
async def window(
    desk: Any, replay: Replaying, theme: Theme, tmp_path: Path, until: Callable[..., Any]
) -> AsyncIterator[MainWindow]:
    desk.replay = replay
    desk.recordings.is_live = False
    made = MainWindow(desk=desk, theme=theme, state_file=tmp_path / "layout.ini")
    made.start()
    made.build_every_panel()
    made.activateWindow()
    await until(made.isActiveWindow)
    yield made
    await made.finish()
    made.deleteLater()


def play(replay: Replaying, event_ns: int) -> None:
    replay.control.played(Tick("/ES", event_ns, 0, last=1.0), event_ns)
    replay.control.breathe()


def find(window: MainWindow, kind: Any, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None
    return found


async def test_the_bar_stands_under_the_menu_while_a_recording_is_replayed(window: MainWindow) -> None:
    assert find(window, QWidget, "replayBar").isVisible()
    assert find(window, QLabel, "replayNow").toolTip() == "2024-07-02 14:30:00.000 UTC"
    assert find(window, QToolButton, "replaySpeed").text() == "1×"


async def test_space_pauses_and_plays_while_the_bar_has_the_keyboard(
    window: MainWindow, replay: Replaying, qtbot: QtBot
) -> None:
    bar = find(window, QWidget, "replayBar")
    bar.setFocus()

    qtbot.keyClick(bar, Qt.Key.Key_Space)
    paused = replay.state.is_paused
    qtbot.keyClick(bar, Qt.Key.Key_Space)

    assert (paused, replay.state.is_paused) == (True, False)


async def test_a_step_is_one_click(window: MainWindow, replay: Replaying, qtbot: QtBot) -> None:
    qtbot.mouseClick(find(window, QToolButton, "replayStep"), Qt.MouseButton.LeftButton)

    assert replay.state.is_paused
    assert replay.control.wait_s(FIRST_NS + HOUR_NS) == 0


async def test_a_speed_is_chosen_from_the_menu(window: MainWindow, replay: Replaying) -> None:
    button = find(window, QToolButton, "replaySpeed")
    actions = {action.text(): action for action in button.menu().actions()}

    actions["As fast as possible"].trigger()

    assert replay.state.speed == 0
    assert button.text() == "As fast as possible"


async def test_a_click_on_the_time_line_seeks_forwards(
    window: MainWindow, replay: Replaying, qtbot: QtBot
) -> None:
    line = find(window, TimeLine, "replayTime")
    place = QPoint(line.width() * 9 // 10, line.height() // 2)

    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=place)

    assert replay.state.seek_ns is not None
    assert abs(replay.state.seek_ns - (FIRST_NS + HOUR_NS * 9 // 10)) < 120 * NS_PER_SECOND
    assert find(window, QLabel, "replaySeeking").text().startswith("Going to ")
    assert find(window, QPushButton, "replayCancel").isVisible()


async def test_seeking_is_broken_off_by_a_click(window: MainWindow, replay: Replaying, qtbot: QtBot) -> None:
    replay.seek(FIRST_NS + HOUR_NS)

    qtbot.mouseClick(find(window, QPushButton, "replayCancel"), Qt.MouseButton.LeftButton)

    assert replay.state.seek_ns is None
    assert find(window, QPushButton, "replayCancel").isHidden()


async def test_a_click_before_the_present_has_the_desk_opened_anew(
    window: MainWindow, desk: Any, fire: Callable[..., None], qtbot: QtBot
) -> None:
    fire("early", event_ns=FIRST_NS + 60 * NS_PER_SECOND)
    fire("late", event_ns=FIRST_NS + 1_500 * NS_PER_SECOND)
    line = find(window, TimeLine, "replayTime")

    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() // 4, line.height() // 2))

    (opening,) = desk.reopened
    assert abs(opening.start_at_ns - (FIRST_NS + HOUR_NS // 4)) < 120 * NS_PER_SECOND
    assert set(opening.earlier_alerts) == {"early", "late"}
    assert find(window, QLabel, "replaySeeking").text().startswith("Going back to")


async def test_the_time_line_tells_what_fired_from_what_was_suppressed(
    window: MainWindow, fire: Callable[..., None], theme: Theme
) -> None:
    fired_ns, suppressed_ns = FIRST_NS + 600 * NS_PER_SECOND, FIRST_NS + 1_200 * NS_PER_SECOND
    fire("fired", event_ns=fired_ns)
    fire("suppressed", event_ns=suppressed_ns, status=AlertStatus.SUPPRESSED)
    fire("cleared", event_ns=FIRST_NS + 1_500 * NS_PER_SECOND, status=AlertStatus.CLEARED)
    line = find(window, TimeLine, "replayTime")
    room = line.width() - 12

    picture = line.grab().toImage()
    columns = [6 + round(room * share) for share in (1 / 6, 1 / 3, 5 / 12)]
    above, below = ([picture.pixelColor(x, line.height() // 2 + y).name() for x in columns] for y in (-5, 5))
    ground = picture.pixelColor(columns[2], line.height() // 2 - 5).name()

    assert above == [theme.tokens.warn, ground, ground]
    assert below == [theme.tokens.warn, theme.tokens.text_3, ground]
    assert line.toolTip() == "Tall marks: 1 alert fired\nShort marks below the line: 1 alert suppressed"


async def test_the_arrow_keys_move_by_a_minute_once_they_rest(
    window: MainWindow, replay: Replaying, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    line = find(window, TimeLine, "replayTime")

    for _ in range(3):
        qtbot.keyClick(line, Qt.Key.Key_Right)
    await until(lambda: replay.state.seek_ns is not None)

    assert replay.state.seek_ns == FIRST_NS + HOUR_NS // 2 + 180 * NS_PER_SECOND


async def test_the_way_back_to_live_is_one_click(window: MainWindow, desk: Any, qtbot: QtBot) -> None:
    qtbot.mouseClick(find(window, QPushButton, "replayClose"), Qt.MouseButton.LeftButton)

    assert desk.reopened == [None]


async def test_the_end_is_said_and_nothing_can_be_played_on(window: MainWindow, replay: Replaying) -> None:
    play(replay, FIRST_NS + HOUR_NS)
    replay.control.end()

    assert find(window, QLabel, "replayNow").text().endswith("· the end")
    assert not find(window, QToolButton, "replayPlay").isEnabled()
