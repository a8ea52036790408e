"""What is quiet now, until when, and the ways to change that."""

from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import Any, Final

from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.routing import Silence, SilenceCause, SilenceScope
from tradeassist_desktop.services import silencing
from tradeassist_desktop.services.changes import Change
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.silence_form import SilenceForm, SilenceWish
from tradeassist_desktop.ui.widgets.notifications.silence_words import (
    cause_in_words,
    end_in_words,
    left_in_words,
    scope_in_words,
)
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button
from tradeassist_desktop.ui.widgets.table import ColumnSpec
from tradeassist_desktop.ui.widgets.text_table import TextTable

_MINUTE_NS: Final = 60 * NS_PER_SECOND
_ROWS_SHOWN: Final = 8
_LEAST_ROWS: Final = 4


class _Column(IntEnum):
    WHAT = 0
    WHY = 1
    ENDS = 2
    NOTE = 3


_COLUMNS: Final = {
    _Column.WHAT: ColumnSpec(130, stretch=2),
    _Column.WHY: ColumnSpec(104, rank=1),
    _Column.ENDS: ColumnSpec(100),
    _Column.NOTE: ColumnSpec(70, rank=2, stretch=1),
}


class SilencesBody(QWidget):
    """Pause, a form for a new silence, the list, and what to do with the chosen ones."""

    def __init__(
        self,
        *,
        context: PanelContext,
        changes: Changes,
        states: ChannelStates,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._changes = changes
        self._silences = context.desk.silences
        self._shown: tuple[Silence, ...] = ()
        self._pause = named_button("pauseAll", "Pause all alerts", parent=self)
        self._pause.clicked.connect(self._toggle_pause)
        self._form = SilenceForm(context=context, states=states, parent=self)
        self._form.wished.connect(self._add)
        context.rights.enable(self._form, Act.SILENCE)
        context.rights.enable(self._pause, Act.SILENCE)
        self._rows = TextRows(
            titles=("What", "Why", "Ends", "Note"), figures=frozenset((_Column.ENDS,)), parent=self
        )
        self._table = TextTable(
            model=self._rows,
            columns=_COLUMNS,
            theme=context.theme,
            most_rows=_ROWS_SHOWN,
            least_rows=_LEAST_ROWS,
            parent=self,
        )
        self._table.setObjectName("silencesTable")
        self._table.setAccessibleName("Silences")
        EmptyState(
            view=self._table,
            theme=context.theme,
            icon="pause",
            title="Nothing is silenced",
            hint="Silence something above, or snooze an alert where it comes up.",
        )
        self._end = named_button("endSilence", "End now", parent=self)
        self._end.clicked.connect(self._end_chosen)
        self._extend = self._extend_button()
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._end, self._extend):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._pause)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._form)
        column.addWidget(self._table)
        column.addLayout(buttons)
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._look_at_choice())
        context.bridge.silences_changed.connect(self._refresh)
        context.bridge.rules_changed.connect(lambda uids: self._refresh())
        context.pulse.second.connect(self._refresh)
        context.theme.changed.connect(self._table.viewport().update)
        self._refresh()

    # --- showing

    def _refresh(self) -> None:
        self._form.refresh()
        now_ns = self._context.desk.clock.now_ns()
        chosen = {silence.id for silence in self._chosen()}
        active = self._silences.active()
        acknowledged = tuple(each for each in active if each.cause is SilenceCause.ACKNOWLEDGED)
        others = tuple(each for each in active if each.cause is not SilenceCause.ACKNOWLEDGED)
        # What was acknowledged ends by itself, and may be a lot: last.
        self._shown = (*others, *self._silences.coming(), *acknowledged)
        self._rows.show([self._row(silence, now_ns) for silence in self._shown])
        self._choose(chosen)
        pausing = self._silences.pausing()
        self._pause.setText("Pause all alerts" if pausing is None else "Resume alerts")
        self._pause.setAccessibleName(self._pause.text())
        if self._context.rights.may(Act.SILENCE):
            told = (
                "Send nothing until you resume; alerts are kept in the list"
                if pausing is None
                else f"All alerts are paused {end_in_words(pausing, now_ns)}"
            )
            self._context.keys.tip(self._pause, f"{told} ({{window.pause-all-alerts}})")
        self._look_at_choice()

    def _row(self, silence: Silence, now_ns: int) -> TextRow:
        cells = (
            self._name(silence),
            cause_in_words(silence, now_ns),
            left_in_words(silence, now_ns),
            silence.note,
        )
        told = f"{cells[0]}: {cells[1]} {end_in_words(silence, now_ns)}"
        return TextRow(
            key=silence.id, cells=cells, tooltip=f"{told}\n{silence.note}" if silence.note else told
        )

    def _name(self, silence: Silence) -> str:
        def rule_name(uid: str) -> str:
            rule = self._context.desk.rules.get(uid)
            return "" if rule is None else rule.name

        return scope_in_words(silence, rule_name)

    def _chosen(self) -> list[Silence]:
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [self._shown[row] for row in rows if row < len(self._shown)]

    def _choose(self, ids: set[str]) -> None:
        if {silence.id for silence in self._chosen()} == ids and ids:
            return
        places = [place for place, silence in enumerate(self._shown) if silence.id in ids]
        for place in places or ([0] if self._shown else []):
            self._table.selectRow(place)

    def _look_at_choice(self) -> None:
        chosen = self._chosen()
        enable = self._context.rights.enable
        enable(self._end, Act.SILENCE, bool(chosen))
        enable(self._extend, Act.SILENCE, any(silence.end_ns is not None for silence in chosen))

    # --- doing

    def _add(self, wish: SilenceWish) -> None:
        about = {
            SilenceScope.RULE: {"rule_uid": wish.about},
            SilenceScope.TAG: {"tag": wish.about},
            SilenceScope.SYMBOL: {"symbol": wish.about},
        }.get(wish.scope, {})

        async def add() -> Change:
            # Named once it is there: the words say what it is about.
            name = wish.about
            if wish.scope is SilenceScope.RULE:
                rule = self._context.desk.rules.get(wish.about)
                name = "" if rule is None else rule.name
            what = "all alerts" if wish.scope is SilenceScope.ALL else f"{wish.scope.value} {name}"
            return await silencing.add(
                self._silences,
                wish.scope,
                words=f"Silence {what}",
                until_ns=wish.until_ns,
                from_ns=wish.from_ns,
                channels=wish.channels,
                note=wish.note,
                **about,
            )

        async def added() -> None:
            try:
                await self._changes.taken(add())
            except BadInput as error:
                self._form.show_faults(error.faults)
            except TradeAssistError as error:
                self._form.show_faults([Fault(place="Not silenced", message=str(error))])
            else:
                self._form.clear()

        self._context.tasks.start(added())

    def _end_chosen(self) -> None:
        chosen = self._chosen()
        if chosen:
            self._take(silencing.end(self._silences, chosen, words=f"End: {self._names(chosen)}"))

    def _extend_chosen(self, until_ns: Callable[[Silence], int], words: str) -> None:
        chosen = self._chosen()
        if chosen:
            told = f"Extend {words}: {self._names(chosen)}"
            self._take(silencing.extend(self._silences, chosen, until_ns, words=told))

    def _toggle_pause(self) -> None:
        pauses = [each for each in self._silences.active() if each.mutes_everything]
        if pauses:
            self._take(silencing.end(self._silences, pauses, words="Resume alerts"))
        else:
            self._take(silencing.pause(self._silences, words="Pause all alerts"))

    def _take(self, making: Coroutine[Any, Any, Change]) -> None:
        self._context.tasks.start(self._changes.taken(making))

    def _names(self, silences: list[Silence]) -> str:
        return self._name(silences[0]) if len(silences) == 1 else f"{len(silences)} silences"

    def _extend_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("extendSilence")
        button.setText("Extend")
        button.setAccessibleName("Extend the chosen silences")
        button.setProperty("kind", "menu")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for name, minutes, words in (("15", 15, "by 15 minutes"), ("60", 60, "by 1 hour")):
            action = menu.addAction(words.capitalize())
            action.setObjectName(f"extendBy_{name}")
            action.triggered.connect(self._extender(minutes, words))
        action = menu.addAction("Until the next open")
        action.setObjectName("extendBy_open")
        action.triggered.connect(
            lambda: self._extend_chosen(lambda silence: self._silences.next_open_ns(), "until the open")
        )
        button.setMenu(menu)
        return button

    def _extender(self, minutes: int, words: str) -> Callable[[], None]:
        def later(silence: Silence) -> int:
            assert silence.end_ns is not None
            return silence.end_ns + minutes * _MINUTE_NS

        return lambda: self._extend_chosen(later, words)
