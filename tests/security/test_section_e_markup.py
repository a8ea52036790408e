"""Row 106: nothing that is typed or received is taken for markup, and no file is opened for it."""

import ast
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QLabel, QTableView, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import FakeDesk, alert, bars, choose_row, desk, fire, theme, window
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.tips import plain_tip

__all__ = ["alert", "bars", "choose_row", "desk", "fire", "theme", "window"]

UI = Path(__file__).parents[2] / "tradeassist_desktop" / "ui"
OURS = ("_details",)
"""Labels of markup that this program makes itself, with what is in it escaped."""


class Lure:
    """A picture whose first reader is noticed: a pipe that waits for one."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "picture.png"
        self.is_taken = threading.Event()
        self._stop = threading.Event()
        os.mkfifo(self.path)
        self._thread = threading.Thread(target=self._wait)

    @property
    def markup(self) -> str:
        return f"<img src='{self.path}' width=99999 height=99999><a href='file://{self.path}'>x</a>"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _wait(self) -> None:
        while not self._stop.wait(0.005):
            try:
                pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads
                continue
            self.is_taken.set()
            os.write(pipe, _png())
            os.close(pipe)


def _png() -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImage(4, 4, QImage.Format.Format_RGB32).save(buffer, "PNG")
    return bytes(content.data())


@pytest.fixture
def lure(tmp_path: Path, qapp: QApplication) -> Iterator[Lure]:
    made = Lure(tmp_path)
    made.start()
    yield made
    made.stop()


def test_a_label_of_qt_s_own_kind_opens_the_file_and_is_as_large_as_it_says(lure: Lure, qtbot: QtBot) -> None:
    label = QLabel(lure.markup)  # what every label of the program must not be
    qtbot.addWidget(label)
    label.show()

    qtbot.waitUntil(lure.is_taken.is_set)
    assert label.sizeHint().width() >= 99_999


@pytest.fixture
async def hostile(window: MainWindow, desk: FakeDesk, fire: Callable[..., None], lure: Lure) -> MainWindow:
    """The window with markup in every text that comes from outside."""
    words = lure.markup
    for number, symbol in enumerate(("AAPL", words[:20])):
        fire(f"a{number}", rule_name=words, symbol=symbol, message=words, condition=words)
    status = FeedStatus(state=FeedState.REFUSED, detail=words)
    desk.market.become(status)
    window.warn(words)
    return window


async def test_row_106_the_whole_window_shows_markup_as_text_and_opens_no_file(
    hostile: MainWindow, lure: Lure, qtbot: QtBot
) -> None:
    labels = [label for label in hostile.findChildren(QLabel) if lure.markup[:20] in label.text()]

    for widget in hostile.findChildren(QWidget):
        widget.ensurePolished()
        widget.sizeHint()
        widget.grab() if widget in labels else None
    hostile.grab()

    assert labels
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    assert max(label.sizeHint().height() for label in labels) < 2_000
    assert hostile.minimumSizeHint().width() < 2_000
    assert not lure.is_taken.is_set()


async def test_row_106_no_tooltip_of_the_window_is_markup_of_another(hostile: MainWindow, lure: Lure) -> None:
    tips = [widget.toolTip() for widget in hostile.findChildren(QWidget)]
    for view in hostile.findChildren(QTableView):
        model = view.model()
        tips += [
            str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or "")
            for row in range(min(model.rowCount(), 20))
            for column in range(model.columnCount())
        ]

    telling = [tip for tip in tips if "picture.png" in tip]
    assert telling
    assert not [tip for tip in telling if "<img" in tip]


def test_row_106_a_tooltip_shows_every_letter_and_opens_no_file(lure: Lure, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.setToolTip(plain_tip(f"{lure.markup}\nsecond line"))
    widget.show()

    QApplication.sendEvent(
        widget, QHelpEvent(QEvent.Type.ToolTip, QPoint(1, 1), widget.mapToGlobal(QPoint(1, 1)))
    )
    qtbot.waitUntil(QToolTip.isVisible)
    shown = next(each for each in QApplication.topLevelWidgets() if each.inherits("QTipLabel"))
    assert isinstance(shown, QLabel)
    shown.grab()

    assert "&lt;img" in shown.text()
    assert shown.sizeHint().width() < 5_000
    assert not lure.is_taken.is_set()
    QToolTip.hideText()


@pytest.mark.parametrize("words", ["a < b", "AAPL above 100", "5 > 3 & 2", ""])
def test_a_tooltip_without_markup_stays_as_it_is(words: str) -> None:
    assert plain_tip(words) == words


# --- every place where text is shown


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == name:
                yield node


@pytest.fixture(scope="module")
def sources() -> dict[str, ast.Module]:
    """Every file of the window, by its name."""
    return {str(file.relative_to(UI)): ast.parse(file.read_text()) for file in sorted(UI.rglob("*.py"))}


def labels_that_guess(tree: ast.Module) -> list[str]:
    made = [
        ast.unparse(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "QLabel"
    ]
    plain = {
        ast.unparse(call.func.value)
        for call in calls(tree, "setTextFormat")
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.args[0]) == "Qt.TextFormat.PlainText"
    }
    without_name = len(list(calls(tree, "QLabel"))) - len(made)  # cannot be told to be plain
    loose = [name for name in made if name not in plain and name.removeprefix("self.") not in OURS]
    return loose + ["one without a name"] * without_name


def tooltips_that_guess(tree: ast.Module) -> list[str]:
    given = [call.args[0] for call in calls(tree, "setToolTip")]
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "ToolTipRole" in ast.unparse(node.test):
            given += [
                each.value for each in node.body if isinstance(each, ast.Return) and each.value is not None
            ]
    return [
        ast.unparse(each)
        for each in given
        if not isinstance(each, ast.Constant)
        and not (isinstance(each, ast.Call) and ast.unparse(each.func) == "plain_tip")
    ]


def test_row_106_every_label_says_that_its_text_is_plain(sources: dict[str, ast.Module]) -> None:
    found = {file: labels_that_guess(tree) for file, tree in sources.items()}

    assert {file: labels for file, labels in found.items() if labels} == {}


def test_row_106_every_tooltip_is_fixed_or_made_plain(sources: dict[str, ast.Module]) -> None:
    # What the tray shows is drawn by the desktop, and its words are all our own.
    found = {file: tooltips_that_guess(tree) for file, tree in sources.items() if file != "tray_icon.py"}

    assert {file: tips for file, tips in found.items() if tips} == {}


@pytest.mark.parametrize(
    "name",
    [
        "QMessageBox",
        "QErrorMessage",
        "QTextBrowser",
        "setHtml",
        "insertHtml",
        "setWhatsThis",
        "QToolTip",
        "LabelItem",
    ],
)
def test_row_106_nothing_else_that_guesses_at_markup_is_used(name: str) -> None:
    users = [file for file in UI.rglob("*.py") if name in file.read_text()]

    assert users == []
