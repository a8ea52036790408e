from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.adjusting import Adjustment, adjust
from tradeassist_desktop.services.adjusting.proposals import Proposal, ProposalKind
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.rules.columns import RulesColumn

ROLL = Adjustment(symbol="/ESU24", new_symbol="/ESZ24", shift=56.25, tick_size=0.25)
LEVEL = Rule("1", "Breakout", ("/ESU24",), "last > 5500")
IN_DOUBT = Rule("2", "Relative", ("/ESU24",), "last > /NQU24.last")


def roll(*rules: Rule, waiting: str = "") -> Proposal:
    return Proposal(
        id="roll:/ESU24:/ESZ24",
        kind=ProposalKind.ROLL,
        symbol="/ESU24",
        new_symbol="/ESZ24",
        rules=tuple(adjust(rule, ROLL) for rule in rules),
        shift=None if waiting else 56.25,
        days=3,
        waiting=waiting,
    )


def block(window: MainWindow) -> QWidget:
    found = window.findChild(QWidget, "proposal_/ESU24")
    assert found is not None
    return found


def words(window: MainWindow) -> list[str]:
    labels = block(window).findChildren(QLabel)
    return [label.text() for label in labels if label.text() and not label.isHidden()]


def button(window: MainWindow, name: str) -> QPushButton:
    found = block(window).findChild(QPushButton, name)
    assert found is not None
    return found


def rows(window: MainWindow) -> list[list[str]]:
    view = block(window).findChild(QTableView)
    assert view is not None
    model = view.model()
    return [[model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())]


async def test_a_roll_is_told_with_every_rule_before_and_after(window: MainWindow, desk: Any) -> None:
    desk.market.instruments["/ESU24"] = Instrument("/ESU24", tick_size=0.25)
    desk.adjustments.propose(roll(LEVEL, IN_DOUBT))

    assert words(window)[:2] == [
        "/ESU24 expires in 3 days; /ESZ24 follows.",
        "/ESZ24 is +56.25 against /ESU24: levels move by that. "
        "Left as written, as it is not certain what they become: 1 rule.",
    ]
    assert rows(window) == [
        ["Breakout", "/ESU24", "/ESZ24"],
        ["", "last > 5500", "last > 5556.25"],
        ["Relative", "last > /NQU24.last", "left as it is"],
    ]
    assert button(window, "proposalApply_/ESU24").text() == "Carry over 1 rule"


async def test_one_click_applies_and_another_takes_it_back(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.show_dock("feed")
    desk.adjustments.propose(roll(LEVEL))
    offered: list[Any] = []
    window.navigator.undo_offered.connect(lambda done, undo, _: offered.append((done, undo)))

    qtbot.mouseClick(button(window, "proposalApply_/ESU24"), Qt.MouseButton.LeftButton)
    await until(lambda: offered)
    await offered[0][1]()

    assert offered[0][0] == "Carried over 1 rule on /ESU24"
    assert [outcome for outcome, _ in desk.adjustments.done] == ["applied", "undone"]
    assert button(window, "proposalApply_/ESU24").isEnabled()


async def test_a_dismissed_proposal_goes(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.show_dock("feed")
    desk.adjustments.propose(roll(LEVEL))

    qtbot.mouseClick(button(window, "proposalDismiss_/ESU24"), Qt.MouseButton.LeftButton)
    await until(lambda: desk.adjustments.done)

    assert desk.adjustments.done == [("dismissed", "roll:/ESU24:/ESZ24")]


async def test_what_waits_for_a_price_cannot_be_applied(window: MainWindow, desk: Any) -> None:
    desk.adjustments.propose(roll(waiting="Waiting for prices of /ESU24 and /ESZ24."))

    assert words(window)[1] == "Waiting for prices of /ESU24 and /ESZ24."
    assert not button(window, "proposalApply_/ESU24").isEnabled()


async def test_a_rule_on_a_contract_near_its_end_says_so(window: MainWindow, desk: Any) -> None:
    desk.adjustments.ends["rule-0"] = ("/ESU24", 3)
    window.pulse.states.emit()

    view = window.findChild(QTableView, "rulesTable")
    assert view is not None
    state = view.model().index(0, RulesColumn.STATE)

    assert state.data() == "armed, ends in 3 d"
    assert "/ESU24 expires in 3 days" in state.data(Qt.ItemDataRole.ToolTipRole)
