"""Tries a rule with other numbers, shows what came of each, and takes one into the editor or the rule."""

import asyncio
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.numbers import VariedNumber, numbers_of
from tradeassist_desktop.services.backtesting.run import BacktestProgress
from tradeassist_desktop.services.testing.preview import MarketFile
from tradeassist_desktop.services.testing.sweeps import SweptAxis, SweptRule
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Choice
from tradeassist_desktop.ui.widgets.testing.axis_row import AxisRow
from tradeassist_desktop.ui.widgets.testing.progress import ProgressLine
from tradeassist_desktop.ui.widgets.testing.sweep_map import SweepMap
from tradeassist_desktop.ui.widgets.testing.sweep_words import Measure, fires, judged_of, went
from tradeassist_desktop.ui.widgets.turning import Turning

_HINT: Final = "Choose one or two numbers of the rule, and what they are to be."
_SIDE_BY_SIDE_PX: Final = 400
_NO_NUMBERS: Final = "This rule has no number that could be another."


class SweepColumn(Turning):
    """``show_rule`` says which rule, and on what; nothing runs until the trader asks."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(least_px=_SIDE_BY_SIDE_PX, spacing=16, parent=parent)
        self._context = context
        self._rule: Rule | None = None
        self._days = 5
        self._file: MarketFile | None = None
        self._sweeping: asyncio.Task[Any] | None = None
        self._numbers: tuple[VariedNumber, ...] = ()
        self._tick_size = 0.0
        theme = context.theme
        self._first = AxisRow(name="sweepFirst", title="Number to vary", none="", theme=theme, parent=self)
        self._second = AxisRow(
            name="sweepSecond", title="Second number to vary", none="and no other", theme=theme, parent=self
        )
        self._measure = Choice(name="sweepMeasure", title="What is shown", theme=theme, parent=self)
        self._measure.offer([(each.name, each.value) for each in Measure], Measure.FIRES.name)
        self._run = self._button("Try them", "sweepRun", "Try the combinations")
        self._run.setProperty("kind", "primary")
        self._progress = ProgressLine(name="sweepProgress", theme=theme, parent=self)
        self._map = SweepMap(theme=theme, parent=self)
        self._hint = self._label("sweepHint", "quiet")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._chosen = self._label("sweepChosen", "second")
        self._edit = self._button("Edit", "sweepEdit", "Open the chosen combination in the editor")
        self._apply = self._button("Apply", "sweepApply", "Give the rule the chosen numbers")
        self._lay_out()
        self._run.clicked.connect(self._begin)
        self._progress.cancelled.connect(self._cancel)
        self._measure.picked.connect(lambda name: self._map.show_measure(Measure[name]))
        self._map.chosen.connect(lambda _: self._show_chosen())
        self._map.opened.connect(lambda _: self._open())
        self._edit.clicked.connect(self._open)
        self._apply.clicked.connect(self._take)
        self._first.changed.connect(self._offer_second)
        for row in (self._first, self._second):
            row.changed.connect(self._look_at_form)
        self.show_rule(None, days=5, file=None)

    def show_rule(self, rule: Rule | None, *, days: int, file: MarketFile | None) -> None:
        """Sweep this rule from now on, over these days or this file; what was found of another is gone."""
        is_same = (rule, days, file) == (self._rule, self._days, self._file)
        self._rule, self._days, self._file = rule, days, file
        if is_same and rule is not None:
            return
        self._cancel()
        numbers = () if rule is None else numbers_of(rule)
        tick_size = 0.0 if rule is None else self._context.desk.market.instrument(rule.symbols[0]).tick_size
        # The level rather than a period: it is what a trader wonders about first.
        first = next((place for place, each in enumerate(numbers) if each.is_level), 0)
        self._first.offer(numbers, tick_size=tick_size, wanted=first)
        self._numbers, self._tick_size = numbers, tick_size
        self._offer_second()
        self._forget(_NO_NUMBERS if rule is not None and not numbers else _HINT)
        self._look_at_form()

    # --- building

    def _lay_out(self) -> None:
        numbers, outcome = QWidget(self), QWidget(self)
        form = QVBoxLayout(numbers)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(4)
        form.addWidget(self._first)
        form.addWidget(self._second)
        form.addSpacing(4)
        form.addWidget(self._run)
        form.addStretch(1)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._hint)
        self._stack.addWidget(self._map)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._measure)
        top.addStretch(1)
        top.addWidget(self._edit)
        top.addWidget(self._apply)
        picture = QVBoxLayout(outcome)
        picture.setContentsMargins(0, 0, 0, 0)
        picture.setSpacing(4)
        picture.addLayout(top)
        picture.addWidget(self._progress)
        picture.addLayout(self._stack, 1)
        picture.addWidget(self._chosen)
        self.add(numbers, 4)
        self.add(outcome, 6)

    def _button(self, words: str, name: str, title: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAccessibleName(title)
        button.setToolTip(plain_tip(title))
        return button

    def _label(self, name: str, tone: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(ui_font(SMALL_PX))
        label.setProperty("tone", tone)
        return label

    # --- trying

    def _axes(self) -> tuple[SweptAxis, ...]:
        return tuple(axis for row in (self._first, self._second) if (axis := row.axis()) is not None)

    def _offer_second(self) -> None:
        """Offer as the second number what is not the first."""
        others = tuple(each for each in self._numbers if each != self._first.number)
        self._second.offer(others, tick_size=self._tick_size, wanted=None)
        self._second.setVisible(bool(others))

    def _look_at_form(self) -> None:
        words = ""
        try:
            axes = self._axes()
        except ValueError as error:
            axes, words = (), str(error)
        count = 1
        for _, values in axes:
            count *= len(values)
        self._run.setEnabled(bool(axes))
        self._run.setText(f"Try {count:,}" if axes else "Try them")
        # What is being tried is no longer what stands here.
        self._cancel()
        if words:
            self._forget(words)
        elif self._map.result is None:
            self._hint.setText(_HINT if axes or self._rule is None else _NO_NUMBERS)

    def _begin(self) -> None:
        self._cancel()
        if self._rule is not None:
            self._sweeping = self._context.tasks.start(self._sweep(self._rule, self._axes()))

    def _cancel(self) -> None:
        self._progress.end()
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None

    async def _sweep(self, rule: Rule, axes: tuple[SweptAxis, ...]) -> None:
        def on_progress(progress: BacktestProgress) -> None:
            self._progress.say("Trying them", progress.share)

        self._progress.begin("Trying them")
        try:
            sweep = await self._context.desk.sweeps.sweep(
                rule, axes, days=self._days, file=self._file, on_progress=on_progress
            )
        except BadInput as error:
            self._forget(f"Not tried: {error.faults[0].message}.")
        except TradeAssistError as error:
            self._forget(f"Not tried: {error}")
        else:
            self._map.show_sweep(sweep)
            self._stack.setCurrentWidget(self._map)
            self._show_chosen()
        self._progress.end()

    # --- showing

    def _forget(self, words: str) -> None:
        self._map.show_sweep(None)
        self._hint.setText(words)
        self._stack.setCurrentWidget(self._hint)
        self._show_chosen()

    def _show_chosen(self) -> None:
        result = self._map.result
        for widget in (self._edit, self._apply, self._measure):
            widget.setVisible(result is not None)
        if result is None:
            self._chosen.setText("")
            return
        self._chosen.setText(f"{' and '.join(result.numbers)}: {fires(result)}; {went(judged_of(result))}")
        self._context.rights.enable(self._apply, Act.EDIT_RULES, self._can_apply(result))

    def _can_apply(self, result: SweptRule) -> bool:
        return (
            self._rule is not None
            and self._rule == self._context.desk.rules.get(self._rule.uid) != result.rule
        )

    # --- what the trader does

    def _open(self) -> None:
        result = self._map.result
        if result is not None:
            self._context.navigator.draft_wanted.emit(result.rule)

    def _take(self) -> None:
        result = self._map.result
        if result is not None and self._can_apply(result):
            words, rules = f"Change numbers of {result.rule.name}", self._context.desk.rules
            after = {result.rule.uid: result.rule}
            self._context.tasks.call(lambda: self._context.rule_changes.do(rules.edit(words, after)))
