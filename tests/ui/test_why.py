from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTableView, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.alerts import Leg, OperandValue
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rules import RulePhase
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.value_words import operand_text
from tradeassist_desktop.ui.widgets.why_lines import lines_of_rule


def page(window: MainWindow) -> QWidget:
    found = window.findChild(QWidget, "whyPage")
    assert found is not None
    return found


def words(window: MainWindow) -> list[str]:
    return [label.text() for label in page(window).findChildren(QLabel)]


def ask_why(window: MainWindow, qtbot: QtBot, choose_row: Callable[..., None]) -> None:
    table = window.findChild(QTableView, "rulesTable")
    assert table is not None
    table.setFocus()
    choose_row(table, 0)
    qtbot.keyClick(table, Qt.Key.Key_W)


async def test_w_on_a_rule_says_why_it_does_not_fire(
    window: MainWindow, desk: Any, qtbot: QtBot, choose_row: Callable[..., None]
) -> None:
    until_ns = desk.clock.ns + 90 * NS_PER_SECOND
    desk.rules.explained = {
        "phase": RulePhase.COOLING,
        "until_ns": until_ns,
        "blocks": ("fired 30 s ago; its cooldown is 2 m",),
        "legs": (
            Leg("last > 5530", 5529.0, 5530.0, False, (OperandValue("last", 5529.0, unit="price"),)),
            Leg(
                "change(last, 5m) > 1%",
                0.4,
                1.0,
                False,
                (OperandValue("change(last, 5m)", 0.4, unit="percent"),),
            ),
            Leg(
                "rsi(14)[15m] < 30",
                None,
                30.0,
                None,
                (OperandValue("rsi(14)[15m]", None, "needs 6 more 15m bars (about 1 h 30 m)"),),
            ),
        ),
        "is_true": False,
    }

    ask_why(window, qtbot, choose_row)

    said = words(window)
    assert (
        f"/ES  ·  cooling until {text.clock_time(until_ns)}  ·  at {text.clock_time(desk.clock.ns)}" in said
    )
    assert {"■", "fired 30 s ago; its cooldown is 2 m"} <= set(said)
    assert {"✗", "last > 5530", "false\nlast:  5,529.00"} <= set(said)
    assert "false\nchange(last, 5m):  0.40 %" in said
    assert {"?", "not known\nrsi(14)[15m]:  needs 6 more 15m bars (about 1 h 30 m)"} <= set(said)
    assert said[-3:] == ["✗", "All of it", "false"]


async def test_the_explanation_of_a_rule_moves_with_the_market_in_its_place(
    window: MainWindow, desk: Any, qtbot: QtBot, choose_row: Callable[..., None]
) -> None:
    desk.rules.explained = {"legs": (Leg("last > 5530", 5529.0, 5530.0, False),)}
    ask_why(window, qtbot, choose_row)
    before = page(window)

    desk.rules.explained = {"legs": (Leg("last > 5530", 5531.0, 5530.0, True),)}
    window.pulse.states.emit()

    assert page(window) is before
    assert "true:  5,531.00  vs  5,530.00" in words(window)


async def test_an_alert_that_comes_leaves_the_explanation_of_a_rule_alone(
    window: MainWindow,
    desk: Any,
    qtbot: QtBot,
    choose_row: Callable[..., None],
    fire: Callable[..., None],
    until: Callable[..., Any],
) -> None:
    ask_why(window, qtbot, choose_row)
    title = words(window)[0]

    fire("one")
    table = window.findChild(QTableView, "alertsTable")
    assert table is not None
    await until(lambda: table.model().rowCount() == 1)
    stays = words(window)[0]
    choose_row(table, 0)

    assert stays == title
    assert words(window)[0].startswith("Why it fired")


@pytest.mark.parametrize(
    ("operand", "said"),
    [
        (OperandValue("change(last, 5m)", -1.0689, unit="percent"), "−1.07 %"),
        (OperandValue("roc(10)", 0.0042, unit="percent"), "0.0042 %"),
        (OperandValue("age", 92.44, unit="seconds"), "92.44 s"),
        (OperandValue("age", 92.0, unit="seconds"), "92 s"),
        (OperandValue("volume", 12_345.0, unit="size"), "12,345"),
        (OperandValue("last_size", 0.01532, unit="size"), "0.01532"),
        (OperandValue("rsi(14)", 71.237, unit="number"), "71.24"),
        (OperandValue("cdlengulfing()", -100.0, unit="number"), "−100"),
        (OperandValue("last", 5529.0, unit="price"), "5,529.00"),
        (OperandValue("/6E.last", 1.0835, unit="price", symbol="/6E"), "1.08350"),
        (OperandValue("last", 5529.0), "5,529.00"),
        (OperandValue("rsi(14)", None, "needs 6 more 15m bars"), "needs 6 more 15m bars"),
    ],
)
def test_the_value_of_an_operand_is_told_in_its_unit(operand: OperandValue, said: str) -> None:
    def decimals_of(symbol: str) -> int:
        return 5 if symbol == "/6E" else 2

    assert operand_text(operand, symbol="/ES", decimals_of=decimals_of) == said


def test_a_rule_without_blocks_or_with_an_error_says_so() -> None:
    def said(**changes: Any) -> list[str]:
        values: dict[str, Any] = {"is_true": False, "legs": (), "phase": RulePhase.ARMED, **changes}
        explanation = Explanation("r", "rule", "/ES", "last > 1", 0, **values)
        return [
            f"{line.mark} {line.name} {line.said}".strip()
            for line in lines_of_rule(explanation, decimals_of=lambda _: 2)
        ]

    assert "✓  Nothing does" in said()
    assert "■  division by zero" in said(phase=RulePhase.ERROR, error="division by zero")
