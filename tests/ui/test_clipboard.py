"""Row 50: what lets somebody in does not stay on the clipboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication

from tradeassist_desktop.ui.clipboard import STAY_MS, copy_for_a_while


@pytest.fixture
def clipboard(qapp: Any) -> Iterator[QClipboard]:
    yield QGuiApplication.clipboard()
    QGuiApplication.clipboard().clear()


def test_row_50_a_copied_secret_is_taken_back(clipboard: QClipboard, qtbot: Any) -> None:
    owner = QObject()
    copy_for_a_while("canary", owner=owner, stay_ms=20)
    copied = clipboard.text()

    qtbot.waitUntil(lambda: clipboard.text() == "")

    assert (copied, STAY_MS) == ("canary", 30_000)


def test_row_50_managers_of_clipboards_are_asked_not_to_keep_it(clipboard: QClipboard) -> None:
    owner = QObject()
    copy_for_a_while("canary", owner=owner)

    assert bytes(clipboard.mimeData().data("x-kde-passwordManagerHint").data()) == b"secret"


def test_what_was_copied_since_stays(clipboard: QClipboard, qtbot: Any) -> None:
    owner = QObject()
    copy_for_a_while("canary", owner=owner, stay_ms=20)
    clipboard.setText("AAPL")

    later: list[str] = []
    QTimer.singleShot(40, lambda: later.append("later"))
    qtbot.waitUntil(lambda: later != [])

    assert clipboard.text() == "AAPL"


def test_row_50_it_is_taken_back_with_who_copied_it(clipboard: QClipboard, qtbot: Any) -> None:
    owner = QObject()
    copy_for_a_while("canary", owner=owner)

    owner.deleteLater()

    qtbot.waitUntil(lambda: clipboard.text() == "")
