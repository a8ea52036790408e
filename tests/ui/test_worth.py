"""Verdicts on alerts, and the score that is learned from them, in the window."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.events import WorthLearned
from tradeassist_desktop.domain.verdicts import Verdict
from tradeassist_desktop.engine.studies.worth.features import NAMES
from tradeassist_desktop.engine.studies.worth.model import Model, Score, Trial
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.alerts import AlertsColumn

pytestmark = pytest.mark.qt_loop
LEFT = Qt.MouseButton.LeftButton
A_MODEL = Model(
    means=(0.0,) * len(NAMES),
    scales=(1.0,) * len(NAMES),
    weights=(0.0,) * len(NAMES),
    intercept=0.0,
    slope=1.0,
    shift=0.0,
    trial=Trial(
        brier=0.18,
        base_brier=0.24,
        base_rate=0.4,
        known=140,
        judged=60,
        first_ns=1_719_840_600_000_000_000,
        split_ns=1_719_926_000_000_000_000,
        last_ns=1_719_927_000_000_000_000,
    ),
    verdicts=31,
)


def states(window: MainWindow) -> list[str]:
    model = window.findChild(QTableView, "alertsTable").model()
    return [str(model.index(row, AlertsColumn.STATE).data()) for row in range(model.rowCount())]


def explained(window: MainWindow) -> str:
    page = window.findChild(QWidget, "whyPage")
    return "\n".join(label.text() for label in page.findChildren(QLabel))


async def test_a_verdict_is_given_by_key_shown_and_taken_back(
    window: MainWindow,
    desk: Any,
    fire: Callable[..., None],
    until: Callable[..., Any],
    qtbot: QtBot,
    choose_row: Callable[..., None],
) -> None:
    fire("one")
    await until(lambda: states(window) == ["new"])
    table = window.findChild(QTableView, "alertsTable")
    table.setFocus()
    choose_row(table, 0)
    qtbot.keyClick(table, Qt.Key.Key_U)
    await until(lambda: states(window) == ["new, useful"])
    assert "You called it useful." in explained(window)
    qtbot.keyClick(table, Qt.Key.Key_N)
    await until(lambda: states(window) == ["new, noise"])
    qtbot.mouseClick(window.findChild(QPushButton, "undoButton"), LEFT)
    await until(lambda: desk.verdicts.of("one") is Verdict.USEFUL)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_U)
    await until(lambda: states(window) == ["new"])


async def test_scored_alerts_are_ranked_on_request_and_say_what_speaks_for_them(
    window: MainWindow,
    desk: Any,
    fire: Callable[..., None],
    until: Callable[..., Any],
    qtbot: QtBot,
    choose_row: Callable[..., None],
) -> None:
    for name in ("old", "middle", "new"):
        fire(name)
    desk.worth.given = {
        "old": Score(0.81, ((NAMES[6], 1.2), (NAMES[3], -0.4), (NAMES[5], 0.01))),
        "middle": Score(0.12, ()),
    }
    desk.bus.publish(WorthLearned())
    await until(lambda: states(window) == ["new", "new, 12 % worth it", "new, 81 % worth it"])
    qtbot.mouseClick(window.findChild(QToolButton, "rankAlerts"), LEFT)
    await until(lambda: states(window) == ["new, 81 % worth it", "new, 12 % worth it", "new"])
    choose_row(window.findChild(QTableView, "alertsTable"), 0)
    said = explained(window)
    assert "Learned: 81 % likely worth your time" in said
    assert "how this rule's alerts did before\nspeaks for it" in said
    assert "this rule's alerts in the last hour\nspeaks against it" in said
    assert NAMES[5] not in said.split("\n"), "too light to speak of"
    choose_row(window.findChild(QTableView, "alertsTable"), 1)
    assert "Nothing speaks clearly for it or against it" in explained(window)


async def test_the_score_says_how_it_did_against_the_base_rate_or_why_there_is_none(
    window: MainWindow, desk: Any, until: Callable[..., Any], qtbot: QtBot
) -> None:
    said = window.findChild(QLabel, "scoreSaid")
    learn = window.findChild(QPushButton, "learnScore")
    window.show_dock("suggestions")
    qtbot.mouseClick(learn, LEFT)
    await until(lambda: said.text() == "Nothing was learned: 3 alerts of known worth, 1 of them worth it.")
    desk.worth.to_learn = A_MODEL
    qtbot.mouseClick(learn, LEFT)
    await until(lambda: "Brier score 0.180, better than the 0.240 of always saying 40 %" in said.text())
    assert "Learned from 200 alerts, 31 of them with your verdict" in said.text()
    desk.worth.is_possible = False
    desk.bus.publish(WorthLearned())
    assert "not installed" in said.text()
    assert not learn.isEnabled()
