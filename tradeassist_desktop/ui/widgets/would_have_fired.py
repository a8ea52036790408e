"""Says of a rule, kept or still being written, where it would have fired."""

import asyncio
from contextlib import aclosing
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.preview import PreviewMark
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.testing.preview import Firing, Preview
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.firings import FiringsModel
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.sight import is_in_sight
from tradeassist_desktop.ui.widgets.testing import preview_words
from tradeassist_desktop.ui.widgets.testing.days_choice import DaysChoice
from tradeassist_desktop.ui.widgets.testing.firings import FiringsTable
from tradeassist_desktop.ui.widgets.testing.looking import looked_back
from tradeassist_desktop.ui.widgets.testing.market_file import FileChoice
from tradeassist_desktop.ui.widgets.testing.progress import ProgressLine

_TYPING_MS: Final = 100
_MOST_MARKS: Final = 500
_SECONDS_APART: Final = 60
"""While it is seen, the newest minutes are looked at too, once in so long."""


class WouldHaveFired(QWidget):
    """``show_rule`` at every key: what is asked last counts, and is looked at a moment after the last key."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("wouldHaveFired")
        self._context = context
        self._rule: Rule | None = None
        self._preview: Preview | None = None
        self._looking: asyncio.Task[Any] | None = None
        self._is_seen = False
        self._is_wanted = False
        self._seconds = 0
        self._said = QLabel(self)
        self._details = QLabel(self)
        self._again = QPushButton("Try again", self)
        self._file = FileChoice(context=context, drops_on=self, parent=self)
        self._progress = ProgressLine(name="previewProgress", theme=context.theme, parent=self)
        self._model = FiringsModel(desk=context.desk, parent=self)
        self._table = FiringsTable(model=self._model, theme=context.theme, parent=self)
        self._days = DaysChoice(name="previewDays", parent=self)
        self._empty = EmptyState(view=self._table, theme=context.theme, icon="alerts", title="", hint="")
        self._lay_out()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._look)
        self._table.chosen.connect(self._lead_chart)
        self._days.changed.connect(self._want)
        self._file.changed.connect(self._on_file)
        self._again.clicked.connect(self._look)
        self._progress.cancelled.connect(self._cancel)
        context.bridge.history_grew.connect(self._on_history)
        context.pulse.states.connect(self._watch)
        context.pulse.second.connect(self._beat)
        self._show_nothing()

    def show_rule(self, rule: Rule | None) -> None:
        """Say where this rule would have fired; ``None`` while what is typed is no rule."""
        before, self._rule = self._rule, rule
        if rule is None:
            self._stop()
            self._preview = None
            self._show_nothing()
            self._mark(())
        elif before is None or _meaning(before) != _meaning(rule):
            self._want()

    def forget(self) -> None:
        """Show no answer until there is one: the rule that comes next is another."""
        self._stop()
        self._rule = self._preview = None
        self._model.show(())
        self._say("Where it would have fired", "")
        self._empty.say("Looking at the past…", "", icon="alerts")
        self._mark(())

    # --- building

    def _lay_out(self) -> None:
        self._said.setObjectName("wouldHaveFiredSaid")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setFont(ui_font(weight=QFont.Weight.DemiBold))
        self._said.setWordWrap(True)
        self._details.setObjectName("wouldHaveFiredDetails")
        self._details.setTextFormat(Qt.TextFormat.PlainText)
        self._details.setFont(ui_font(SMALL_PX))
        self._details.setProperty("tone", "quiet")
        self._details.setWordWrap(True)
        self._again.setObjectName("previewAgain")
        self._again.setAccessibleName("Try again")
        self._again.setProperty("kind", "link")
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._said, 1)
        top.addWidget(self._again)
        below = QHBoxLayout()
        below.setSpacing(2)
        below.addWidget(self._details, 1)
        below.addWidget(self._days, alignment=Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._file, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(below)
        column.addWidget(self._progress)
        column.addWidget(self._table, 1)

    # --- asking

    def _want(self) -> None:
        self._is_wanted = True
        if self._is_seen:
            self._typing.start()

    def _watch(self) -> None:
        was_seen, self._is_seen = self._is_seen, is_in_sight(self)
        if self._is_seen and not was_seen:
            self._context.desk.previews.prepare()
            self._show_marks()
            if self._is_wanted:
                self._look()
        elif was_seen and not self._is_seen:
            self._mark(())

    def _beat(self) -> None:
        self._seconds += 1
        if self._seconds >= _SECONDS_APART and self._is_seen and self._file.file is None:
            self._want()

    def _on_history(self, symbol: str, timeframe: str) -> None:
        if self._preview is not None and any(symbol == read.symbol for read in self._preview.read):
            self._want()

    def _look(self) -> None:
        self._stop()
        if self._rule is not None:
            self._is_wanted = False
            self._seconds = 0
            if self._preview is None:
                self._empty.say("Looking at the past…", "", icon="alerts")
            self._looking = self._context.tasks.start(self._look_at(self._rule))

    def _stop(self) -> None:
        self._typing.stop()
        self._progress.end()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _cancel(self) -> None:
        self._stop()
        self._say("Not looked at to the end", "It was cancelled.", can_repeat=True)
        if self._preview is None:
            self._empty.say("No answer", "The rule itself is as it was.", icon="warning")

    async def _look_at(self, rule: Rule) -> None:
        days, file = self._days.days, self._file.file
        try:
            looks = looked_back(
                self._context.desk, rule, by=self, days=days, file=file, progress=self._progress
            )
            async with aclosing(looks):
                async for found in looks:
                    self._show(found, days)
        except BadInput as error:
            self._fail(error.faults[0].message)
        except TradeAssistError as error:
            self._fail(str(error))

    # --- showing

    def _show(self, preview: Preview, days: int) -> None:
        self._preview = preview
        self._model.show(preview.firings, are_prices=preview.has_prices)
        if preview.error:
            self._fail(preview.error)
            return
        if preview.first_ns is None:
            self._show_no_data(preview)
        else:
            self._say(preview_words.headline(preview, days), preview_words.details(preview))
            self._empty.say("It would not have fired", preview_words.why_silent(preview), icon="alerts")
        self._show_marks()

    def _show_no_data(self, preview: Preview) -> None:
        self._say(preview_words.no_data(preview), "")
        self._empty.say("Nothing to look at", preview_words.what_instead(preview), icon="open")

    def _show_nothing(self) -> None:
        self._model.show(())
        self._say("Where it would have fired", "")
        self._empty.say("Nothing to try yet", "Shown as soon as the rule is complete.", icon="alerts")

    def _fail(self, reason: str) -> None:
        self._preview = None
        self._model.show(())
        self._say("This could not be tried", reason, can_repeat=True)
        self._empty.say("No answer", "The rule itself is as it was.", icon="warning")
        self._mark(())

    def _say(self, words: str, details: str, *, can_repeat: bool = False) -> None:
        self._said.setText(words)
        self._details.setText(text.unbroken(details))
        self._again.setVisible(can_repeat)

    def _show_marks(self) -> None:
        if self._preview is not None and self._is_seen:
            newest = self._preview.firings[-_MOST_MARKS:]
            self._mark(tuple(PreviewMark(each.symbol, each.event_ns, each.price) for each in newest))

    def _mark(self, marks: tuple[PreviewMark, ...]) -> None:
        self._context.navigator.preview_changed.emit(marks)

    # --- what the trader does

    def _on_file(self) -> None:
        self._days.setEnabled(self._file.file is None)
        self._want()

    def _lead_chart(self, firing: Firing) -> None:
        self._context.navigator.moment_chosen.emit(firing.symbol, firing.event_ns)


def _meaning(rule: Rule) -> tuple[object, ...]:
    """Return what of a rule decides when it fires."""
    return (
        rule.symbols,
        rule.when,
        rule.on,
        rule.timeframe,
        rule.trigger,
        rule.hold_ns,
        rule.cooldown_ns,
        rule.rearm,
        rule.schedule,
    )
