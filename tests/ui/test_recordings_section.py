"""Recording by a click, the list of recordings, and opening one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.recordings import KeptRecording, RecordingState
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.table import DeskTable

BEGUN_NS = 1_719_928_800 * NS_PER_SECOND  # 2024-07-02 14:00:00 UTC


def kept(name: str, **changes: Any) -> KeptRecording:
    values: dict[str, Any] = {
        "file": Path("/nowhere/recordings") / name,
        "size_bytes": 2_400_000,
        "made_ns": BEGUN_NS,
        "is_scheduled": False,
        "rows": 150_000,
        "first_ns": BEGUN_NS,
        "last_ns": BEGUN_NS + 5_400 * NS_PER_SECOND,
    }
    return KeptRecording(**{**values, **changes})


def action(window: MainWindow, title: str) -> QAction:
    return next(each for each in window.findChildren(QAction) if title in (each.text(), each.iconText()))


def find(window: MainWindow, kind: Any, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


async def list_files(window: MainWindow, desk: Any, until: Callable[..., Any], *files: KeptRecording) -> Any:
    desk.recordings.files = list(files)
    desk.recordings.become(RecordingState(file=Path("/other")))
    table = find(window, DeskTable, "recordingsTable")
    await until(lambda: table.model().rowCount() == len(files))
    return table


async def test_the_buttons_beside_it_stay_where_they_are_when_a_recording_begins(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    window.show_dock("feed")
    record = find(window, QPushButton, "recordButton")
    before = record.sizeHint().width()

    desk.recordings.become(
        RecordingState(file=Path("/nowhere/a.csv.gz"), rows=1, size_bytes=1, since_ns=BEGUN_NS)
    )

    await until(lambda: record.text() == "Stop recording")
    assert record.sizeHint().width() == before == record.minimumSizeHint().width()


async def test_a_key_begins_a_recording_and_ends_it(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    action(window, "Record session").trigger()
    await until(lambda: desk.recordings.state.is_running)
    is_checked = action(window, "Record session").isChecked()
    action(window, "Record session").trigger()
    await until(lambda: not desk.recordings.state.is_running)

    assert is_checked
    assert not action(window, "Record session").isChecked()


async def test_the_status_bar_tells_of_a_recording_and_leads_to_the_list(
    window: MainWindow, desk: Any, qtbot: QtBot
) -> None:
    part = find(window, QToolButton, "statusRecording")
    before = part.isHidden()
    desk.recordings.become(
        RecordingState(file=Path("/x/a.csv.gz"), rows=1_234, size_bytes=20_480, since_ns=BEGUN_NS)
    )

    qtbot.mouseClick(part, Qt.MouseButton.LeftButton)

    assert before
    assert part.text() == "REC 1,234 rows"
    assert window.dock("feed").isVisible()


async def test_a_recording_that_ended_early_is_told(window: MainWindow, desk: Any) -> None:
    desk.recordings.become(RecordingState(trouble="a.csv.gz has ended early: the disk is full."))

    assert find(window, QLabel, "statusNotice").text() == "a.csv.gz has ended early: the disk is full."
    assert find(window, QLabel, "recordingSaid").text() == "a.csv.gz has ended early: the disk is full."


async def test_recordings_are_listed_with_length_rows_and_size(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    table = await list_files(
        window, desk, until, kept("a.csv.gz"), kept("b.csv.gz", first_ns=None, rows=None)
    )
    model = table.model()
    rows = [[model.index(row, column).data() for column in (1, 2, 3, 4)] for row in (0, 1)]

    assert rows == [
        ["1 h 30 m", "a", "150,000", "2.3 MB"],
        ["—", "b", "—", "2.3 MB"],
    ]


async def test_a_deleted_recording_can_be_brought_back(
    window: MainWindow, desk: Any, until: Callable[..., Any], qtbot: QtBot, choose_row: Callable[..., None]
) -> None:
    window.show_dock("feed")
    table = await list_files(window, desk, until, kept("a.csv.gz"))
    choose_row(table, 0)

    qtbot.mouseClick(find(window, QToolButton, "deleteRecording"), Qt.MouseButton.LeftButton)
    await until(lambda: table.model().rowCount() == 0)
    await until(lambda: find(window, QPushButton, "undoButton").isVisible())
    action(window, "Undo").trigger()

    await until(lambda: table.model().rowCount() == 1)


async def test_a_schedule_is_chosen_from_a_menu(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    button = find(window, QToolButton, "recordingSchedule")
    actions = {each.text(): each for each in button.menu().actions()}

    actions["Regular sessions"].trigger()
    await until(lambda: desk.settings.get("recording.schedule") == "rth")

    assert button.text() == "By schedule: Regular sessions"


async def test_a_file_is_opened_as_a_replay_from_its_beginning(
    window: MainWindow, desk: Any, tmp_path: Path, until: Callable[..., Any]
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("timestamp,symbol,last\n1,/ES,5\n")

    window.navigator.replay_wanted.emit(file, "")
    await until(lambda: desk.reopened)

    (opening,) = desk.reopened
    assert (opening.file, opening.start_at_ns, opening.summary.symbols) == (file, 0, ("/ES",))


async def test_a_file_without_symbols_asks_for_one(
    window: MainWindow, desk: Any, tmp_path: Path, until: Callable[..., Any], qtbot: QtBot
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("timestamp,last\n1,5\n")

    window.navigator.replay_wanted.emit(file, "")
    await until(lambda: window.findChild(QLineEdit, "recordingSymbolLine"))
    line = find(window, QLineEdit, "recordingSymbolLine")
    qtbot.keyClicks(line, "/nq")
    qtbot.mouseClick(find(window, QPushButton, "recordingSymbolDone"), Qt.MouseButton.LeftButton)
    await until(lambda: desk.reopened)

    assert desk.reopened[0].symbol == "/NQ"


async def test_a_file_whose_symbol_was_told_is_not_asked_about_again(
    window: MainWindow, desk: Any, tmp_path: Path, until: Callable[..., Any]
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("timestamp,last\n1,5\n")

    window.navigator.replay_wanted.emit(file, "/NQ")
    await until(lambda: desk.reopened)

    assert desk.reopened[0].symbol == "/NQ"
    assert window.findChild(QLineEdit, "recordingSymbolLine") is None


async def test_a_file_that_cannot_be_read_is_refused_with_row_and_column(
    window: MainWindow, desk: Any, tmp_path: Path, until: Callable[..., Any]
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("timestamp,symbol,last\n1,/ES,many\n")

    window.navigator.replay_wanted.emit(file, "")
    await until(lambda: window.findChild(QDialog, "recordingRefused"))
    sheet = find(window, QDialog, "recordingRefused")

    words = [label.text() for label in sheet.findChildren(QLabel)]
    assert words[0] == "mine.csv cannot be replayed"
    assert "row 2, column last: expected a number, found 'many'" in words[1]
    assert desk.reopened == []
    sheet.accept()


async def test_hours_to_record_are_asked_for_until_they_can_be_read(
    window: MainWindow, desk: Any, until: Callable[..., Any], qtbot: QtBot
) -> None:
    button = find(window, QToolButton, "recordingSchedule")
    next(each for each in button.menu().actions() if each.text() == "Hours…").trigger()
    await until(lambda: window.findChild(QLineEdit, "recordingHoursLine"))
    line, done = (
        find(window, QLineEdit, "recordingHoursLine"),
        find(window, QPushButton, "recordingHoursDone"),
    )

    line.setText("mornings")
    qtbot.mouseClick(done, Qt.MouseButton.LeftButton)
    sheet = find(window, QDialog, "recordingHours")
    await until(lambda: any("xpected off, rth, eth" in each.text() for each in sheet.findChildren(QLabel)))
    line.setText("09:30-11:00 America/New_York")
    qtbot.mouseClick(done, Qt.MouseButton.LeftButton)
    await until(lambda: desk.settings.get("recording.schedule") == "09:30-11:00 America/New_York")

    assert button.text() == "By schedule: 09:30-11:00 America/New_York"


async def test_reading_a_large_file_is_told_and_can_be_broken_off(
    window: MainWindow, desk: Any, tmp_path: Path, until: Callable[..., Any], qtbot: QtBot
) -> None:
    file = tmp_path / "large.csv"
    file.write_text("timestamp,symbol,last\n1,/ES,5\n")
    desk.recordings.is_slow = True

    window.navigator.replay_wanted.emit(file, "")
    await until(lambda: window.findChild(QDialog, "recordingReading"))
    sheet = find(window, QDialog, "recordingReading")
    await until(lambda: sheet.isVisible() and "25 %" in sheet.findChildren(QLabel)[0].text())
    qtbot.mouseClick(find(window, QPushButton, "recordingReadingCancel"), Qt.MouseButton.LeftButton)
    await until(lambda: window.findChild(QDialog, "recordingReading") is None)

    assert desk.reopened == []
