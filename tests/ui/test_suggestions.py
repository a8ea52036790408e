"""The Suggestions dock, on a week of a real market's minutes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rulefile import quick_rule
from tradeassist_desktop.ui.main_window import MainWindow

pytestmark = pytest.mark.qt_loop
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def rule(desk: Any) -> Rule:
    desk.market.instruments["/6EH24"] = Instrument("/6EH24", tick_size=0.00005, decimals=5)
    quick = quick_rule("/6EH24 rsi(14)[1m] > 70", uid="rsi")
    made = replace(quick, name="Euro overbought", cooldown_ns=0)
    desk.rules.rules = {made.uid: made}
    return made


def button(window: MainWindow, name: str) -> QPushButton:
    return window.findChild(QPushButton, name)


def cards(window: MainWindow) -> list[QWidget]:
    found = window.panel("suggestions").findChildren(QWidget)
    return [each for each in found if each.objectName().startswith("suggestion_") and not each.isHidden()]


def words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if not label.isHidden())


def said(window: MainWindow) -> str:
    return window.findChild(QLabel, "suggestionsSaid").text()


async def test_a_suggestion_is_applied_with_one_click_and_taken_back_with_another(
    rule: Rule, window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.show_dock("suggestions")
    window.navigator.rule_selected.emit(rule.uid)
    assert button(window, "studyRule").text() == "Study “Euro overbought”"
    window.findChild(QSpinBox, "wishedAlerts").setValue(4)
    qtbot.mouseClick(button(window, "studyRule"), LEFT)
    await until(lambda: "Studying “Euro overbought”" in words(window.panel("suggestions")))
    await until(lambda: any("4 times a day" in words(card) for card in cards(window)), timeout=60)
    assert desk.previews.asked[-1] == rule, "to know of which days the venue is to be asked"
    (card,) = (card for card in cards(window) if "4 times a day" in words(card))
    assert "Chosen on 7–11 Jan, judged on 12 Jan" in words(card)
    number = card.objectName().rpartition("_")[2]
    assert "rsi(14)[1m] > 70  →  rsi(14)[1m] > " in words(card)
    assert words(card).count("→") == 1, "the cooldown stays as it is"
    assert cards(window)[-1].findChildren(QPushButton)[-1].nextInFocusChain() is button(window, "learnScore")

    qtbot.mouseClick(button(window, f"suggestionApply_{number}"), LEFT)
    await until(lambda: desk.rules.get(rule.uid) != rule)
    assert desk.rules.get(rule.uid).when.startswith("rsi(14)[1m] > ")
    assert cards(window) == [], "what was found of the rule as it was is of no use any more"
    assert "Undo brings it back" in said(window)

    window.context.rule_changes.undo()
    await until(lambda: desk.rules.get(rule.uid) == rule)
    await until(lambda: card in cards(window))
    assert button(window, f"suggestionApply_{number}").isEnabled(), "so it can be applied again"


async def test_rules_of_which_nothing_is_to_be_said_are_named_and_a_study_can_be_broken_off(
    rule: Rule, window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    desk.rules.rules["none"] = replace(rule, uid="none", name="Not recorded", symbols=("/NQ",))
    window.show_dock("suggestions")
    qtbot.mouseClick(button(window, "studyAllRules"), LEFT)
    await until(lambda: "Euro overbought" in words(window.panel("suggestions")))
    qtbot.mouseClick(button(window, "cancelStudy"), LEFT)
    await until(lambda: "Broken off" in said(window))
    assert button(window, "cancelStudy").isHidden() or not button(window, "cancelStudy").isVisible()

    window.navigator.rule_chosen.emit("none")
    qtbot.mouseClick(button(window, "studyRule"), LEFT)
    await until(lambda: "nothing is kept of /NQ yet" in said(window), timeout=60)


async def test_a_dismissed_suggestion_stays_away_until_that_is_taken_back(
    rule: Rule, window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.show_dock("suggestions")
    qtbot.mouseClick(button(window, "studyRule"), LEFT)
    await until(lambda: cards(window), timeout=60)
    await until(lambda: not button(window, "cancelStudy").isVisible())
    count = len(cards(window))
    number = cards(window)[0].objectName().rpartition("_")[2]
    qtbot.mouseClick(button(window, f"suggestionDismiss_{number}"), LEFT)
    assert len(cards(window)) == count - 1
    assert window.focusWidget() is button(window, "studyRule")
    qtbot.mouseClick(button(window, "undoButton"), LEFT)
    await until(lambda: len(cards(window)) == count)
