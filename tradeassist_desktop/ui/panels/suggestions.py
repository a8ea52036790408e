"""What the past suggests about the rules, to be applied with one click and taken back with another."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.suggesting.study import Findings
from tradeassist_desktop.engine.studies.suggesting.suggestion import Suggestion, per_day
from tradeassist_desktop.engine.studies.suggesting.walk_forward import FEWEST_DAYS
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import Panel, PanelContext, Toolbar
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.controls import Choice, Number
from tradeassist_desktop.ui.widgets.page_scroll import PageScroll
from tradeassist_desktop.ui.widgets.suggestions.card import SuggestionCard
from tradeassist_desktop.ui.widgets.suggestions.learned_score import LearnedScore
from tradeassist_desktop.ui.widgets.suggestions.studying import Studying

_DAYS: Final = (("5", "5 days"), ("20", "20 days"), ("60", "60 days"), ("250", "250 days"))
_FIRST_DAYS: Final = "20"
_HINT: Final = (
    "Choose a rule in the Rules dock and study it, or study all: each is run over the days that are kept, "
    "as it is and with other numbers. What is chosen on the earlier days is judged on the later ones."
)
_OVERTAKEN: Final = (
    "What was found is of the rule as it was before the change. Undo brings it back; study the rule again to "
    "judge it as it is."
)
_NO_RULE: Final = "There is no rule to study yet. Ctrl+N adds one, Ctrl+Shift+N fills in a template."
_MOST_A_DAY: Final = 999
_WIDEST_PX: Final = 760
_SCORE_PX: Final = 420


class SuggestionsPanel(Panel):
    """A card for each suggestion; one is seen as long as its rule is as it was studied, until dismissed."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._uid: str | None = None
        self._cards: list[SuggestionCard] = []
        self._count = 0
        self._said_of: list[str] = []
        self._dismissed: set[tuple[Rule, str]] = set()
        self._studying = Studying(desk=context.desk, tasks=context.tasks, parent=self)
        self._lay_out()
        self._studying.found.connect(self._show_findings)
        self._studying.failed.connect(self._say_failed)
        self._studying.progressed.connect(self._show_progress)
        self._studying.ended.connect(self._show_end)
        context.navigator.rule_chosen.connect(self._choose)
        context.navigator.rule_selected.connect(self._choose)
        context.bridge.rules_changed.connect(self._follow_rules)
        self._choose("")

    def take_focus(self) -> None:
        """Go to the button that studies the chosen rule."""
        (self._study_one if self._study_one.isEnabled() else self._study_all).setFocus()

    # --- building

    def _lay_out(self) -> None:
        bar = Toolbar(parent=self)
        self._study_one = _button("", "studyRule", bar)
        self._study_one.setProperty("kind", "primary")
        self._study_one.clicked.connect(self._begin_one)
        self._study_all = _button("Study all rules", "studyAllRules", bar)
        self._study_all.clicked.connect(self._begin_all)
        self._days = Choice(name="studyDays", title="Days of the past", theme=self.context.theme, parent=bar)
        self._days.offer(_DAYS, _FIRST_DAYS)
        self._wish = Number(
            name="wishedAlerts",
            title="Alerts a day wished for",
            low=0,
            high=_MOST_A_DAY,
            suffix=_alerts_a_day(0),
            parent=bar,
        )
        self._wish.turned.connect(lambda count: self._wish.setSuffix(_alerts_a_day(count)))
        self._wish.setSpecialValueText("any number of alerts")
        for widget in (self._study_one, self._study_all, self._days):
            bar.row.addWidget(widget)
        bar.row.addSpacing(12)
        bar.row.addWidget(self._wish)
        bar.row.addStretch(1)
        self._working = QWidget(self)
        row = QHBoxLayout(self._working)
        row.setContentsMargins(16, 8, 16, 0)
        row.setSpacing(12)
        self._work_words = _label(self._working, "second")
        self._progress = QProgressBar(self._working)
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("How far the study is")
        cancel = _button("Cancel", "cancelStudy", self._working)
        cancel.clicked.connect(self._studying.cancel)
        row.addWidget(self._work_words, 2)
        row.addWidget(self._progress, 3)
        row.addWidget(cancel)
        self._working.hide()
        page = QWidget()
        across = QHBoxLayout(page)
        across.setContentsMargins(16, 12, 16, 16)
        cards = QWidget(page)
        cards.setMaximumWidth(_WIDEST_PX)
        across.addWidget(cards, 2)
        across.addSpacing(32)
        self._score = LearnedScore(context=self.context, parent=page)
        self._score.setMaximumWidth(_SCORE_PX)
        across.addWidget(self._score, 1, Qt.AlignmentFlag.AlignTop)
        across.addStretch(0)
        self._column = QVBoxLayout(cards)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._said = _label(cards, "second")
        self._said.setObjectName("suggestionsSaid")
        self._said.setText(_HINT)
        self._column.addWidget(self._said)
        self._column.addStretch(1)
        cards.setAutoFillBackground(False)
        self.stack(bar, self._working, PageScroll(page=page, name="suggestionsScroll", parent=self))

    # --- what the trader does

    def study(self, rule: Rule) -> None:
        """Study one rule, as the button does."""
        self._choose(rule.uid)
        self._begin((rule,))

    def _choose(self, uid: str) -> None:
        rule = self.context.desk.rules.get(uid) or next(iter(self.context.desk.rules.all()), None)
        self._uid = None if rule is None else rule.uid
        self._study_one.setEnabled(rule is not None)
        self._study_one.setText("Study a rule" if rule is None else f"Study “{_short(rule.name)}”")
        self._study_all.setEnabled(rule is not None)
        if not self._said_of and not self._cards and self._working.isHidden():
            self._say(_HINT if rule is not None else _NO_RULE)

    def _begin_one(self) -> None:
        rule = None if self._uid is None else self.context.desk.rules.get(self._uid)
        if rule is not None:
            self._begin((rule,))

    def _begin_all(self) -> None:
        self._begin(self.context.desk.rules.all())

    def _begin(self, rules: tuple[Rule, ...]) -> None:
        for card in list(self._cards):
            self._remove(card)
        self._said_of = []
        self._say("")
        wish = self._wish.value()
        self._studying.begin(rules, days=int(self._days.value), wish_a_day=wish or None)

    def _apply(self, card: SuggestionCard) -> None:
        rules = self.context.desk.rules
        after = card.suggestion.after
        assert after is not None
        words = f"{card.suggestion.title}: {card.rule.name}"
        self.context.rule_changes.do(rules.edit(words, {after.uid: after}))

    def _dismiss(self, card: SuggestionCard) -> None:
        rule, suggestion = card.rule, card.suggestion
        key = (rule, suggestion.title)
        self._dismissed.add(key)
        self._remove(card)

        async def put_back() -> None:
            self._dismissed.discard(key)
            self._add_card(rule, suggestion)

        self.context.navigator.offer_undo(f"Dismissed: {suggestion.title}", put_back)

    def _follow_rules(self, *_: object) -> None:
        """Hide what was found of rules that are others by now: undone, the change brings it back."""
        for card in self._cards:
            is_current = self.context.desk.rules.get(card.rule.uid) == card.rule
            if not is_current and not card.isHidden():
                self._hide(card)
            card.setVisible(is_current)
        are_all_hidden = bool(self._cards) and all(card.isHidden() for card in self._cards)
        self._say("\n".join((*self._said_of, *((_OVERTAKEN,) * are_all_hidden))))
        self._choose(self._uid or "")

    # --- what is found

    def _show_findings(self, rule: Rule, findings: Findings) -> None:
        if self.context.desk.rules.get(rule.uid) != rule:
            return  # changed meanwhile
        shown = [each for each in findings.suggestions if (rule, each.title) not in self._dismissed]
        for suggestion in shown:
            self._add_card(rule, suggestion)
        if not shown:
            self._said_of.append(_nothing_of(rule, findings))
            self._say("\n".join(self._said_of))

    def _say_failed(self, rule: Rule, why: str) -> None:
        self._said_of.append(f"“{rule.name}” could not be studied: {why}")
        self._say("\n".join(self._said_of))

    def _show_progress(self, words: str, share: float) -> None:
        self._working.show()
        self._work_words.setText(words)
        self._progress.setValue(round(share * 1000))

    def _show_end(self, is_done: bool) -> None:
        self._working.hide()
        if not is_done:
            self._said_of.append("Broken off. What was found until then is kept.")
            self._say("\n".join(self._said_of))

    def _add_card(self, rule: Rule, suggestion: Suggestion) -> None:
        self._count += 1
        card = SuggestionCard(
            rule=rule, suggestion=suggestion, number=self._count, context=self.context, parent=self
        )
        card.apply_wanted.connect(lambda: self._apply(card))
        card.edit_wanted.connect(lambda: self.context.navigator.draft_wanted.emit(suggestion.after))
        card.dismissed.connect(lambda: self._dismiss(card))
        self._cards.append(card)
        self._column.insertWidget(self._column.count() - 1, card)
        # Else the keyboard comes to a new card after what stands beside all of them.
        self.setTabOrder(card.last, self._score.button)
        card.setVisible(self.context.desk.rules.get(rule.uid) == rule)

    def _remove(self, card: SuggestionCard) -> None:
        self._cards.remove(card)
        self._column.removeWidget(card)
        self._hide(card)
        card.deleteLater()

    def _hide(self, card: SuggestionCard) -> None:
        # Asked of the window, which knows it also while another program's is in front.
        if card.isAncestorOf(self.window().focusWidget() or self):
            self.take_focus()  # else Qt hands it to the status bar
        card.hide()

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))


def _nothing_of(rule: Rule, findings: Findings) -> str:
    days = text.plural(len(findings.days), "day")
    if not findings.days:
        return (
            f"“{rule.name}”: nothing is kept of {', '.join(rule.symbols)} yet; the desk keeps it from now on."
        )
    would = "never have fired"
    if len(findings.days) == 1 and findings.fired:  # a rate of one day would say the day twice
        would = "have fired once" if findings.fired == 1 else f"have fired {findings.fired:,} times"
    elif findings.fired:
        would = f"have fired {per_day(findings.fired / len(findings.days))}"
    few = (
        f" To choose on some days and judge on others takes {FEWEST_DAYS}."
        if len(findings.days) < FEWEST_DAYS
        else ""
    )
    return f"“{rule.name}”: nothing to suggest. It would {would} in {days}.{few}"


def _alerts_a_day(count: int) -> str:
    return " alert a day" if count == 1 else " alerts a day"


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:27]}…"


def _button(words: str, name: str, parent: QWidget) -> QPushButton:
    button = QPushButton(words, parent)
    button.setObjectName(name)
    return button


def _label(parent: QWidget, tone: str) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(ui_font(12))
    label.setWordWrap(True)
    label.setProperty("tone", tone)
    return label
