"""A rule on trial: over the past, with other numbers, beside another rule, in a replay, as a test alert."""

import asyncio
from contextlib import aclosing
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.replay import ReplayState
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.testing.chance import at_any_time
from tradeassist_desktop.services.testing.preview import Firing, MarketFile, Preview
from tradeassist_desktop.ui.models.firings import FiringsModel
from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.page_scroll import PageScroll
from tradeassist_desktop.ui.widgets.sight import is_in_sight
from tradeassist_desktop.ui.widgets.testing import preview_words
from tradeassist_desktop.ui.widgets.testing.days_choice import DaysChoice
from tradeassist_desktop.ui.widgets.testing.drill_words import drill_words
from tradeassist_desktop.ui.widgets.testing.firings import FiringsTable
from tradeassist_desktop.ui.widgets.testing.looking import looked_back
from tradeassist_desktop.ui.widgets.testing.market_file import FileChoice
from tradeassist_desktop.ui.widgets.testing.outcome import OutcomeColumn
from tradeassist_desktop.ui.widgets.testing.progress import ProgressLine
from tradeassist_desktop.ui.widgets.testing.replay_menu import ReplayMenu
from tradeassist_desktop.ui.widgets.testing.rule_pick import RulePick
from tradeassist_desktop.ui.widgets.testing.sweep import SweepColumn
from tradeassist_desktop.ui.widgets.turning import Turning
from tradeassist_desktop.ui.widgets.wrapping_bar import WrappingBar

_SECONDS_APART: Final = 60
"""While it is seen, the newest minutes are looked at too, once in so long."""
_SIDE_BY_SIDE_PX: Final = 960


class TestPanel(Panel):
    """What is chosen is looked at at once, while the dock is seen; what takes long shows how far it is."""

    __test__ = False  # no test of pytest's

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._looking: asyncio.Task[Any] | None = None
        self._is_seen = False
        self._is_wanted = True
        self._is_over = False
        self._seconds = 0
        self._shown: Rule | None = None
        self._drilled_rule: Rule | None = None
        self._asked: tuple[Rule | None, Rule | None] = (None, None)
        self._pick = RulePick(context=context, parent=self)
        self._days = DaysChoice(name="testDays", parent=self)
        self._file = FileChoice(context=context, drops_on=self, parent=self)
        self._replay = ReplayMenu(context=context, parent=self)
        self._fire = QPushButton("Fire it now as a test", self)
        self._progress = ProgressLine(name="testProgress", theme=context.theme, parent=self)
        self._drilled = QLabel(self)
        self._outcome = OutcomeColumn(context=context, parent=self)
        self._model = FiringsModel(desk=context.desk, parent=self)
        self._table = FiringsTable(model=self._model, theme=context.theme, parent=self)
        self._table.setObjectName("testFirings")
        self._empty = EmptyState(view=self._table, theme=context.theme, icon="alerts", title="", hint="")
        self._sweep = SweepColumn(context=context, parent=self)
        self._lay_out()
        self._pick.changed.connect(self._want)
        self._days.changed.connect(self._want)
        self._file.changed.connect(self._want)
        self._progress.cancelled.connect(self._cancel)
        self._fire.clicked.connect(self._drill)
        self._table.chosen.connect(self._lead_chart)
        context.navigator.test_wanted.connect(self._test)
        context.navigator.rule_chosen.connect(self._follow)
        context.bridge.rules_changed.connect(self._on_rules)
        context.bridge.replay_moved.connect(self._on_replay)
        context.pulse.states.connect(self._watch)
        context.pulse.second.connect(self._beat)
        self._show_choice()

    def take_focus(self) -> None:
        """Go to the choice of the rule."""
        self._pick.setFocus()

    # --- building

    def _lay_out(self) -> None:
        self._fire.setObjectName("testFire")
        self._fire.setAccessibleName("Fire the rule now as a test")
        self._fire.setToolTip(
            plain_tip("Sends what the rule would say through its real channels, marked as a test")
        )
        bar = WrappingBar(
            left=(self._pick, self._days, self._file), right=(self._replay, self._fire), parent=self
        )
        self._drilled.setObjectName("testDrilled")
        self._drilled.setTextFormat(Qt.TextFormat.PlainText)
        self._drilled.setWordWrap(True)
        self._drilled.setFont(ui_font(12))
        self._drilled.setContentsMargins(16, 6, 16, 0)
        self._drilled.hide()
        self._progress.layout().setContentsMargins(16, 4, 16, 0)  # type: ignore[union-attr]  # it has one
        page = Turning(least_px=_SIDE_BY_SIDE_PX, spacing=24)
        page.setContentsMargins(16, 10, 16, 10)
        for part, share in ((self._outcome, 9), (self._table, 7), (self._sweep, 11)):
            page.add(part, share)
        self._table.setMinimumHeight(150)
        scroll = PageScroll(page=page, name="testScroll", parent=self)
        self.stack(bar, self._drilled, self._progress, scroll)

    # --- asking

    def _test(self, rule: Rule) -> None:
        self.context.navigator.dock_wanted.emit("test")
        self._pick.show_rule(rule)

    def _follow(self, uid: str) -> None:
        rule = self.context.desk.rules.get(uid)
        if rule is not None and rule != self._pick.rule:
            self._pick.show_rule(rule)

    def _on_rules(self, uids: tuple[str, ...]) -> None:
        before = self._asked
        self._pick.refresh()
        if (self._pick.rule, self._pick.other) != before:
            self._want()

    def _on_replay(self, state: ReplayState) -> None:
        was_over, self._is_over = self._is_over, state.is_ended
        if self._is_over and not was_over:
            self._want()  # only what has been played was looked at

    def _want(self) -> None:
        self._is_wanted = True
        self._days.setEnabled(self._file.file is None)
        self._show_choice()
        if self._is_seen:
            self._look()

    def _watch(self) -> None:
        was_seen, self._is_seen = self._is_seen, is_in_sight(self)
        if self._is_seen and not was_seen:
            self._pick.refresh()
            if self._is_wanted:
                self._look()

    def _beat(self) -> None:
        self._seconds += 1
        is_idle = self._looking is None or self._looking.done()
        if self._seconds >= _SECONDS_APART and self._is_seen and is_idle and self._file.file is None:
            self._look()

    def _look(self) -> None:
        self._stop()
        self._is_wanted = False
        self._seconds = 0
        self._asked = rule, other = self._pick.rule, self._pick.other
        if rule is None:
            self._show_nothing()
        else:
            self._looking = self.context.tasks.start(self._look_at(rule, other))

    def _stop(self) -> None:
        self._progress.end()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _cancel(self) -> None:
        self._stop()
        self._outcome.say("Not looked at to the end", "It was cancelled. Choose the days or the rule again.")

    async def _look_at(self, rule: Rule, other: Rule | None) -> None:
        days, file = self._days.days, self._file.file
        if self._shown != rule:
            self._model.show(())
            self._outcome.say(rule.name, "Looking at the past…")
            self._empty.say("Looking at the past…", "", icon="alerts")
        try:
            looks = looked_back(
                self.context.desk, rule, by=self, days=days, file=file, progress=self._progress
            )
            async with aclosing(looks):
                async for found in looks:
                    self._show(found, days)
                    await self._show_beside(found, other, days, file)
        except BadInput as error:
            self._fail(error.faults[0].message)
        except TradeAssistError as error:
            self._fail(str(error))

    async def _show_beside(
        self, found: Preview, other: Rule | None, days: int, file: MarketFile | None
    ) -> None:
        """Show what it is compared with: another rule, or what the price did at any time."""
        previews = self.context.desk.previews
        if found.first_ns is None or found.error:
            return
        if other is not None:
            second = await previews.look(other, by=self, days=days, file=file)
            self._outcome.show_two(found, second, days=days)
        elif found.fired and (usual := at_any_time(found)) is not None:
            chance = await previews.look(usual, by=self, days=days, file=file)
            self._outcome.show_one(found, chance, days=days)

    # --- showing

    def _show_choice(self) -> None:
        rule, file = self._pick.rule, self._file.file
        self._file.usual_symbol = "" if rule is None else rule.symbols[0]
        if rule != self._drilled_rule:
            self._drilled.hide()  # it told of another rule
        self._sweep.show_rule(rule, days=self._days.days, file=file)
        self._replay.show_rule(rule, file)
        self.context.rights.enable(self._fire, Act.RESEND, rule is not None)
        if rule is None:
            self._show_nothing()

    def _show(self, found: Preview, days: int) -> None:
        self._shown = found.rule
        self._model.show(found.firings, are_prices=found.has_prices)
        if found.error:
            self._fail(found.error)
        elif found.first_ns is None:
            self._outcome.say(preview_words.no_data(found), "")
            self._empty.say("Nothing to look at", preview_words.what_instead(found), icon="open")
        else:
            self._outcome.show_one(found, None, days=days)
            self._empty.say("It would not have fired", preview_words.why_silent(found), icon="alerts")

    def _show_nothing(self) -> None:
        self._model.show(())
        how = self.context.keys.fill("Add one with {window.new-rule}, or write one in the editor.")
        self._outcome.say("No rule yet", how)
        self._empty.say("No rule yet", "What it would have done is listed here.", icon="alerts")

    def _fail(self, reason: str) -> None:
        self._model.show(())
        self._outcome.say("This could not be tried", reason)
        self._empty.say("No answer", "The rule itself is as it was.", icon="warning")

    # --- what the trader does

    def _lead_chart(self, firing: Firing) -> None:
        self.context.navigator.moment_chosen.emit(firing.symbol, firing.event_ns)

    def _drill(self) -> None:
        rule = self._pick.rule
        if rule is not None:
            self._drilled_rule = rule
            self._say_drilled("Sending the test…", "second")
            self.context.tasks.start(self._fire_as_test(rule))

    async def _fire_as_test(self, rule: Rule) -> None:
        try:
            drilled = await self.context.desk.fire_drill.fire(rule)
        except TradeAssistError as error:
            self._say_drilled(f"Not sent: {error}", "danger")
            return
        if self._pick.rule != rule:
            return  # another is looked at by now
        are_all = bool(drilled) and all(each.tested.is_delivered for each in drilled)
        self._say_drilled(drill_words(drilled), "second" if are_all else "warn")

    def _say_drilled(self, words: str, tone: str) -> None:
        self._drilled.setText(words)
        self._drilled.setProperty("tone", tone)
        self._drilled.style().unpolish(self._drilled)
        self._drilled.style().polish(self._drilled)
        self._drilled.show()
