"""The rule editor in the real window: by its keys, in both views, and as its rule changes elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.conftest import START_NS
from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.domain.rules import Rearm, Rule, Trigger
from tradeassist_desktop.engine.kinds.kind_shapes import kind_name
from tradeassist_desktop.engine.language import parse, to_text
from tradeassist_desktop.engine.templates import TEMPLATES, template_rule
from tradeassist_desktop.ui.main_window import MainWindow


class Editor:
    """The dock as a trader knows it."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self.keys = qtbot

    def find(self, kind: type[Any], name: str) -> Any:
        found = self.window.findChild(kind, name)
        assert found is not None, name
        return found

    @property
    def text(self) -> QPlainTextEdit:
        return self.find(QPlainTextEdit, "ruleExpression")  # type: ignore[no-any-return]

    def line(self, name: str) -> QLineEdit:
        return self.find(QLineEdit, f"rule_{name}")  # type: ignore[no-any-return]

    def said(self, name: str) -> str:
        return str(self.find(QLabel, name).text())

    def show(self, view: str) -> None:
        self.find(QWidget, f"ruleView_{view}").click()

    def write(self, words: str) -> None:
        self.show("text")
        self.text.selectAll()
        self.keys.keyClicks(self.text, words)

    def type(self, name: str, words: str) -> None:
        line = self.line(name)
        line.selectAll()
        self.keys.keyClicks(line, words)

    @property
    def underlined(self) -> list[str]:
        return [
            each.cursor.selectedText()  # type: ignore[attr-defined]  # not in PySide's stubs
            for each in self.text.extraSelections()
            if each.format.fontUnderline() or each.format.underlineColor().isValid()  # type: ignore[attr-defined]
        ]


@pytest.fixture
def editor(window: MainWindow, qtbot: QtBot) -> Editor:
    """The dock, in front, with the keyboard."""
    window.show_dock("editor")
    made = Editor(window, qtbot)
    # Where it would have fired is looked up by tasks of its own: test_would_have_fired.py is about that.
    made.find(QAbstractButton, "ruleFiredHead").setChecked(False)
    return made


def tick(desk: Any, symbol: str, last: float, *, at_s: float = 0.0) -> None:
    desk.engine.on_tick(Tick(symbol, START_NS + round(at_s * NS_PER_SECOND), 0, last=last))


def is_whole_in(widget: QWidget, outer: QWidget) -> bool:
    place = QRect(widget.mapTo(outer, QPoint()), widget.size())
    return widget.isVisible() and outer.rect().contains(place)


async def test_tab_goes_to_what_is_read_next(editor: Editor) -> None:
    keys = editor.keys
    keys.keyClick(editor.find(QPushButton, "editorBegin"), Qt.Key.Key_Space)
    editor.line("name").setFocus()

    def tab(times: int) -> list[str]:
        gone_to = []
        for _ in range(times):
            keys.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            gone_to.append(QApplication.focusWidget().objectName())
        return gone_to

    heads = [f"rule{part}Head" for part in ("Now", "Fired", "Fires", "Times", "Tells", "Notes")]
    gone_to = tab(16)
    assert gone_to[0] == "rule_symbol"
    assert [name for name in gone_to if name in heads] == heads
    editor.find(QAbstractButton, "ruleFiresHead").setFocus()
    keys.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert tab(2) == ["rule_trigger", "rule_on"]


async def test_tab_shows_the_whole_of_the_field_it_leads_to(editor: Editor) -> None:
    editor.window.resize(1280, 720)
    editor.keys.keyClick(editor.find(QPushButton, "editorBegin"), Qt.Key.Key_Space)
    editor.keys.keyClick(editor.find(QAbstractButton, "ruleTellsHead"), Qt.Key.Key_Space)
    form, message = editor.find(QScrollArea, "ruleForm"), editor.find(QPlainTextEdit, "rule_message")
    QApplication.processEvents()
    editor.find(QWidget, "rule_notify_clear").setFocus()
    cut = message.mapTo(form.widget(), QPoint(0, message.height() // 2)).y() - form.viewport().height()
    form.verticalScrollBar().setValue(cut)
    editor.keys.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)

    assert QApplication.focusWidget() is message
    assert is_whole_in(message, form.viewport())


async def test_save_shows_the_field_to_mend_and_the_whole_of_what_is_wrong_with_it(
    editor: Editor, until: Callable[..., Any]
) -> None:
    editor.window.resize(1280, 720)
    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    editor.type("rearm", "half a point below the level")
    form, said = editor.find(QScrollArea, "ruleForm"), editor.find(QLabel, "fault_rearm")
    page, row = form.widget(), said.parentWidget()
    await until(lambda: is_whole_in(said, row) and is_whole_in(row, row.parentWidget()))
    await until(lambda: is_whole_in(said, page) and page.height() == page.sizeHint().height())
    form.verticalScrollBar().setValue(0)
    editor.line("name").setFocus()

    editor.keys.keyClick(editor.line("name"), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    await until(editor.line("rearm").hasFocus)
    assert is_whole_in(said, form.viewport())


async def test_a_rule_is_written_from_nothing_by_keys_alone(
    editor: Editor, desk: Any, until: Callable[..., Any]
) -> None:
    keys = editor.keys
    keys.keyClick(editor.find(QPushButton, "editorBegin"), Qt.Key.Key_Space)
    editor.type("symbol", "AAPL")
    editor.write("last cr")
    proposals = QApplication.activePopupWidget()
    assert proposals is not None
    keys.keyClick(proposals, Qt.Key.Key_Return)
    keys.keyClicks(editor.text, " above 230")
    for name, words in (
        ("cooldown", "10 min"),
        ("tags", "breakout, morning"),
        ("expires_at", "2024-07-03 15:30"),
        ("message", "Broke out: {sy"),
    ):
        field = editor.find(QWidget, f"rule_{name}")
        field.setFocus()
        field.selectAll()
        keys.keyClicks(field, words)
    proposals = QApplication.activePopupWidget()
    assert proposals is not None
    keys.keyClick(proposals, Qt.Key.Key_Return)
    keys.keyClick(editor.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: len(desk.rules.all()) == 2)
    rule = desk.rules.all()[1]
    assert (rule.symbols, rule.when) == (("AAPL",), "last crosses above 230")
    assert rule.name == "AAPL last crosses above 230"
    assert (rule.cooldown_ns, rule.tags) == (600 * NS_PER_SECOND, ("breakout", "morning"))
    assert rule.message == "Broke out: {symbol}"
    assert rule.expires_at_ns is not None
    await until(lambda: editor.said("editorState") == "Saved.")


async def test_a_rule_goes_through_the_channels_that_are_ticked_for_it(
    editor: Editor, desk: Any, until: Callable[..., Any]
) -> None:
    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    editor.find(QAbstractButton, "ruleTellsHead").click()
    ways = editor.find(QComboBox, "rule_channels")

    editor.keys.keyClick(ways, Qt.Key.Key_Down)
    for name in ("toast", "webhook"):
        editor.keys.mouseClick(
            editor.find(QAbstractButton, f"rule_channel_{name}"), Qt.MouseButton.LeftButton
        )
    editor.keys.keyClick(editor.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: desk.rules.get("rule-0").channels == ("toast", "webhook"))
    assert editor.find(QAbstractButton, "ruleTellsHead").summary == "normal, toasts, the webhook"


async def test_form_and_text_agree_over_every_template(editor: Editor) -> None:
    for template in TEMPLATES.values():
        rule = template_rule(template, ("/ES",), {})
        has_form = kind_name(parse(rule.when)) != "expression"

        editor.window.navigator.draft_wanted.emit(rule)
        assert editor.text.toPlainText() == rule.when
        editor.show("form")
        assert editor.find(QWidget, "kindForm").isVisibleTo(editor.window) is has_form, rule.when
        if has_form:  # any edit of the form writes the text anew
            line = next(line for line in editor.find(QWidget, "kindForm").findChildren(QLineEdit))
            line.end(False)
            editor.keys.keyClicks(line, "x")
            assert editor.text.toPlainText() != rule.when
            editor.keys.keyClick(line, Qt.Key.Key_Backspace)
        editor.show("text")

        assert editor.text.toPlainText() == (to_text(parse(rule.when)) if has_form else rule.when)


async def test_an_unfinished_form_is_unfinished_text_and_keeps_what_was_entered(editor: Editor) -> None:
    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    crossed = editor.line("form_right")
    crossed.clear()
    editor.keys.keyClick(crossed, Qt.Key.Key_Backspace)
    editor.type("form_right", "ema(")

    editor.show("text")
    assert editor.text.toPlainText() == "last crosses above ema("
    assert editor.said("ruleConditionFault").endswith("a closing ); found the end")
    assert editor.find(QLabel, "ruleConditionFault").property("tone") == "second"
    editor.show("form")

    assert editor.line("form_right").text() == "ema("
    editor.keys.keyClicks(editor.line("form_right"), "9)[5m]")
    assert editor.text.toPlainText() == "last crosses above ema(9)[5m]"
    assert editor.said("fault_form_right") == ""


async def test_a_bad_expression_is_mended_from_its_message_alone(
    editor: Editor, desk: Any, until: Callable[..., Any]
) -> None:
    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    editor.write("last crosses abve 5540")

    assert editor.said("ruleWordHelp") == ""
    assert "did you mean above?" in editor.said("ruleConditionFault")
    assert editor.said("ruleConditionFault").startswith("Column 14")
    assert editor.underlined == ["abve"]
    assert editor.said("editorState") == "To mend: condition"
    assert not editor.find(QPushButton, "editorSave").isEnabled()

    for _ in range(len("bve 5540")):
        editor.keys.keyClick(editor.text, Qt.Key.Key_Backspace)
    assert editor.said("ruleWordHelp") == ""
    editor.keys.keyClicks(editor.text, "bove")
    assert editor.said("ruleWordHelp") == "above: upwards"
    editor.keys.keyClicks(editor.text, " 5540")

    assert editor.underlined == []
    assert "crosses above 5,540" in editor.said("ruleInWords")
    editor.keys.keyClick(editor.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: desk.rules.get("rule-0").when == "last crosses above 5540")


async def test_an_unfinished_condition_is_told_quietly_and_in_red_once_it_is_wrong_or_left(
    editor: Editor, until: Callable[..., Any]
) -> None:
    fault, state = editor.find(QLabel, "ruleConditionFault"), editor.find(QLabel, "editorState")

    def looks() -> tuple[Any, list[str], Any, str]:
        return fault.property("tone"), editor.underlined, state.property("tone"), state.text()

    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    editor.write("last crosses ab")
    begun = looks()
    editor.keys.keyClicks(editor.text, "ve")
    wrong = looks()
    editor.write("last crosses above")
    unfinished = looks()
    editor.line("name").setFocus()
    left = looks()
    editor.text.setFocus()
    back = looks()
    editor.keys.keyClick(editor.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: looks() != back)
    tried = looks()

    quiet = ("second", [], "quiet", "Unfinished: condition")
    assert begun == unfinished == back == quiet
    assert wrong == ("danger", ["abve"], "danger", "To mend: condition")
    assert left == tried == ("danger", ["e"], "danger", "To mend: condition")


async def test_a_symbol_without_its_field_is_mended_by_one_key_and_comes_back_with_undo(
    editor: Editor, desk: Any, until: Callable[..., Any]
) -> None:
    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    editor.write("SPY crosses above 500")
    said, mend = editor.said("ruleConditionFault"), editor.find(QPushButton, "ruleConditionMend")
    editor.text.setFocus()
    editor.keys.keyClick(editor.text, Qt.Key.Key_Tab)
    words, is_reached = mend.text(), mend.hasFocus()
    editor.keys.keyClick(mend, Qt.Key.Key_Space)
    meant = editor.text.toPlainText()
    editor.keys.keyClick(editor.text, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    undone = editor.text.toPlainText()
    mend.click()
    editor.keys.keyClick(editor.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: desk.rules.get("rule-0").when == "SPY.last crosses above 500")
    assert said.startswith("Column 1: expected a field of SPY, found SPY alone; write SPY.last crosses")
    assert (words, is_reached) == ("Write SPY.last crosses above 500", True)
    assert (meant, undone) == ("SPY.last crosses above 500", "SPY crosses above 500")
    assert not mend.isVisible()


async def test_what_is_typed_wrong_anywhere_is_said_at_its_field(editor: Editor) -> None:
    editor.window.navigator.rule_edit_wanted.emit("rule-0")

    editor.type("hold", "soon")
    editor.type("rearm", "-1")
    editor.type("expires_at", "teatime")

    assert editor.said("fault_hold").startswith("Expected a duration of up to 366d such as 90 s, 10m")
    assert editor.said("fault_rearm") == "Expected a distance such as 1.25 or 0.5%, found '-1'"
    assert "15:30" in editor.said("fault_expires_at")
    editor.type("hold", "90 s")  # which a crossing cannot have
    editor.type("rearm", "")
    editor.keys.keyClick(editor.line("rearm"), Qt.Key.Key_Backspace)
    editor.keys.keyClick(editor.line("expires_at"), Qt.Key.Key_Backspace)
    editor.line("expires_at").clear()
    editor.line("expires_at").textEdited.emit("")
    assert "true for one evaluation only" in editor.said("fault_hold")


async def test_unsaved_words_wait_while_another_rule_is_open(
    editor: Editor, desk: Any, until: Callable[..., Any]
) -> None:
    other = Rule(uid="other", name="Apple falls", symbols=("AAPL",), when="last < 200")
    await desk.rules.put(other)
    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    editor.write("last crosses above 5541")
    assert editor.said("editorTitle") == "● ES breakout"

    editor.window.navigator.rule_edit_wanted.emit("other")
    assert editor.said("editorTitle") == "Apple falls"
    assert editor.find(QWidget, "editorDrafts").isVisibleTo(editor.window)
    editor.window.dock("editor").close()
    editor.window.navigator.rule_edit_wanted.emit("rule-0")

    assert editor.window.dock("editor").isVisible()
    assert editor.text.toPlainText() == "last crosses above 5541"
    assert desk.rules.get("rule-0").when == "last crosses above 5530"


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        pytest.param("/ES last > 5530", "/ES last > 5550", id="named by its condition"),
        pytest.param("ES breaks out", "ES breaks out", id="a name of its own"),
    ],
)
async def test_a_rule_named_by_its_condition_is_named_by_the_new_one(
    editor: Editor, desk: Any, until: Callable[..., Any], name: str, kept_as: str
) -> None:
    await desk.rules.put(Rule(uid="typed", name=name, symbols=("/ES",), when="last > 5530"))
    editor.window.navigator.rule_edit_wanted.emit("typed")

    editor.write("last > 5550")
    editor.keys.keyClick(editor.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: desk.rules.get("typed").when == "last > 5550")
    assert desk.rules.get("typed").name == kept_as
    await until(lambda: editor.said("editorTitle") == kept_as)
    assert editor.line("name").text() == kept_as


@pytest.mark.parametrize(
    ("answer", "when", "name"),
    [
        pytest.param("takeOver", "last crosses above 5540", "Mine", id="their level, my name"),
        pytest.param("keepMine", "last crosses above 5530", "Mine", id="all as it is here"),
    ],
)
async def test_a_level_dragged_elsewhere_is_taken_over_or_not(
    editor: Editor, desk: Any, until: Callable[..., Any], answer: str, when: str, name: str
) -> None:
    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    editor.type("name", "Mine")

    await desk.rules.put(replace(desk.rules.get("rule-0"), when="last crosses above 5540"))
    banner = editor.find(QWidget, "editorElsewhere")
    assert banner.isVisible()
    assert "last crosses above 5540" in banner.accessibleDescription()
    assert not editor.find(QPushButton, "editorSave").isEnabled()
    editor.find(QPushButton, answer).click()
    editor.keys.keyClick(editor.line("name"), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: desk.rules.get("rule-0").name == name)
    assert desk.rules.get("rule-0").when == when
    assert not banner.isVisible()


async def test_an_untouched_rule_follows_what_happens_elsewhere(editor: Editor, desk: Any) -> None:
    editor.window.navigator.rule_edit_wanted.emit("rule-0")

    await desk.rules.put(
        replace(desk.rules.get("rule-0"), when="last > 5540", rearm=Rearm(1.25), trigger=Trigger.EVERY)
    )

    assert editor.text.toPlainText() == "last > 5540"
    assert editor.find(QComboBox, "rule_form_comparator").currentText() == "is above"
    assert editor.line("rearm").text() == "1.25"
    assert editor.said("editorState") == "Saved."


async def test_a_copy_is_saved_as_new_and_the_first_is_deleted_and_comes_back(
    editor: Editor, desk: Any, window: MainWindow, until: Callable[..., Any]
) -> None:
    window.navigator.rule_edit_wanted.emit("rule-0")
    editor.write("last crosses above 5550")
    action = {action.text(): action for action in editor.find(QWidget, "editorMore").menu().actions()}

    action["Save as new"].trigger()
    await until(lambda: editor.said("editorTitle") == "ES breakout (2)")
    assert [rule.when for rule in desk.rules.all()] == ["last crosses above 5530", "last crosses above 5550"]
    window.navigator.rule_edit_wanted.emit("rule-0")
    await until(lambda: editor.said("editorState") == "Saved.")
    action["Delete"].trigger()
    await until(lambda: editor.said("editorTitle") == "Editor")

    assert desk.rules.get("rule-0") is None
    window.context.rule_changes.undo()
    await until(lambda: desk.rules.get("rule-0") is not None)


async def test_a_draft_sees_the_market_before_it_is_kept(editor: Editor, desk: Any) -> None:
    tick(desk, "/ES", 5528.5)
    editor.window.navigator.draft_wanted.emit(
        Rule(uid="new", name="Dip", symbols=("/ES",), when="last < 5530 and $VIX.last > 20")
    )
    rows = editor.find(QWidget, "ruleLiveValues")

    def seen() -> str:
        return " ".join(label.text() for label in rows.findChildren(QLabel) if label.text())

    assert "no data of $VIX yet" in seen()
    tick(desk, "$VIX", 21.5, at_s=1)
    tick(desk, "/ES", 5529.0, at_s=1)
    editor.type("name", "Dip and fear")
    editor.window.pulse.states.emit()

    editor.type("hold", "soon")  # which is wrong, and changes nothing of what is seen
    assert "All of it" in seen()
    assert "5,529.00" in seen()
    assert "false" not in seen()
    assert desk.engine.status("new") == ()


async def test_who_may_not_edit_reads_why(gate: Any, editor: Editor) -> None:
    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    gate.is_admin = False
    editor.window.bridge.access_changed.emit()

    banner = editor.find(QWidget, "editorReadOnly")
    assert banner.isVisible()
    assert banner.accessibleDescription().startswith("To be read only.")
    assert not editor.line("name").isEnabled()
    assert not editor.find(QPushButton, "editorSave").isEnabled()


async def test_to_save_what_one_may_not_change_is_refused_in_words_and_written_down(
    gate: Any, editor: Editor, desk: Any, until: Callable[..., Any]
) -> None:
    said: list[str] = []
    editor.window.navigator.noticed.connect(said.append)
    editor.window.navigator.rule_edit_wanted.emit("rule-0")
    editor.type("name", "Another")
    before = dict(desk.rules.rules)
    gate.is_admin = False
    editor.window.bridge.access_changed.emit()

    actions = editor.window.panel("editor").actions()
    next(action for action in actions if action.text() == "Save the rule").trigger()

    await until(lambda: said)
    assert said == ["A trader or an admin may add, change and remove rules."]
    assert gate.refused == [Act.EDIT_RULES]
    assert desk.rules.rules == before
