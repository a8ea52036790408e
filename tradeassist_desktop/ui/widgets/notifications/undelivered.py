"""What was not delivered, why, sending it again, and putting it away."""

from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QItemSelectionModel, QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.delivery import Delivery, DeliveryKey, DeliveryState
from tradeassist_desktop.services.dead_letters import SHOWN, DeadLetter, Discarding
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.gauge import Level
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label
from tradeassist_desktop.ui.widgets.table import ColumnSpec
from tradeassist_desktop.ui.widgets.text_table import TextTable

_WRITTEN_MS: Final = 300
"""The outbox tells of a state at once, and has written it down a moment later."""
_FINAL: Final = (DeliveryState.DEAD, DeliveryState.UNCERTAIN, DeliveryState.EXPIRED)
_WORDS: Final = {
    DeliveryState.DEAD: "given up",
    DeliveryState.UNCERTAIN: "may have arrived",
    DeliveryState.EXPIRED: "too late",
}


class _Column(IntEnum):
    ALERT = 0
    CHANNEL = 1
    STATE = 2
    TRIES = 3
    WHEN = 4
    WHY = 5


_TITLES: Final = ("Alert", "Channel", "State", "Tries", "When", "Why")
_COLUMNS: Final = {
    _Column.ALERT: ColumnSpec(120, stretch=1),
    _Column.CHANNEL: ColumnSpec(68),
    _Column.STATE: ColumnSpec(110, rank=1),
    _Column.TRIES: ColumnSpec(44, rank=3),
    _Column.WHEN: ColumnSpec(112, rank=4),
    _Column.WHY: ColumnSpec(110, rank=2, stretch=1),
}


class UndeliveredBody(QWidget):
    """The list; buttons that send the chosen ones, or all, once more, or put them away."""

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
        self._states = states
        self._letters: tuple[DeadLetter, ...] = ()
        self._is_looking = False
        self._is_stale = False
        self._is_resending = False
        self._rows = TextRows(titles=_TITLES, figures=frozenset((_Column.TRIES,)), parent=self)
        self._table = TextTable(
            model=self._rows, columns=_COLUMNS, theme=context.theme, most_rows=8, least_rows=4, parent=self
        )
        self._table.setObjectName("undeliveredTable")
        self._table.setAccessibleName("Not delivered")
        EmptyState(
            view=self._table,
            theme=context.theme,
            icon="check",
            title="Everything was delivered",
            hint="What a channel refuses for good, or may have lost, is listed here to be sent again.",
        )
        self._one = named_button("resendChosen", "Re-send", parent=self)
        self._all = named_button("resendAll", "Re-send all", parent=self)
        self._discard = named_button("discardChosen", "Discard", parent=self)
        self._discard_all = named_button("discardAll", "Discard all", parent=self)
        for button in (self._discard, self._discard_all):
            button.setToolTip("List it no more: nothing is sent, and it stays in the alert's own history.")
        self._said = plain_label(self, ui_font(12), tone="second")
        self._said.setObjectName("undeliveredSaid")
        self._said.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._one, self._all):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self._discard, self._discard_all):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._table)
        column.addLayout(buttons)
        column.addWidget(self._said)
        self._one.clicked.connect(lambda: self._resend(self._chosen()))
        self._all.clicked.connect(lambda: self._resend(self._letters))
        self._discard.clicked.connect(lambda: self._put_away(self._chosen()))
        self._discard_all.clicked.connect(lambda: self._put_away(self._letters))
        changes.settled.connect(self._look)
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._look_at_choice())
        context.bridge.deliveries_changed.connect(self._on_deliveries)
        context.theme.changed.connect(self._table.viewport().update)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_WRITTEN_MS)
        self._soon.timeout.connect(self._look)
        self._look()

    def _on_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        # Given up; or announced again on its channel, which takes it off the list.
        listed = {(letter.delivery.alert_id, letter.delivery.channel) for letter in self._letters}
        if any(each.state in _FINAL or (each.alert_id, each.channel) in listed for each in deliveries):
            self._soon.start()

    def _look(self) -> None:
        self._is_stale = self._is_looking
        if not self._is_looking:
            self._is_looking = True
            self._context.tasks.start(self._read())

    async def _read(self) -> None:
        try:
            letters = await self._context.desk.dead_letters.newest()
        finally:
            self._is_looking = self._is_resending = False
        chosen = {letter.delivery.key for letter in self._chosen()}
        self._letters = letters
        self._rows.show([self._row(letter) for letter in letters])
        self._choose(chosen)
        self._all.setText(f"Re-send all {len(self._letters)}" if len(self._letters) > 1 else "Re-send all")
        if len(self._letters) == SHOWN:
            self._all.setText(f"Re-send the newest {SHOWN}")
        self._look_at_choice()
        if self._is_stale:
            self._look()

    def _row(self, letter: DeadLetter) -> TextRow:
        alert, delivery = letter.alert, letter.delivery
        now_ns = self._context.desk.clock.now_ns()
        cells = (
            alert.rule_name or alert.message,
            self._states.title(delivery.channel),
            _WORDS.get(delivery.state, delivery.state.value),
            f"{delivery.attempts:,}",
            text.clock_time(delivery.finished_ns, now_ns=now_ns),
            delivery.detail,
        )
        level = Level.WARN if delivery.state is DeliveryState.UNCERTAIN else Level.BAD
        tries = "1 try" if delivery.attempts == 1 else f"{delivery.attempts:,} tries"
        told = f"{alert.message}\n{cells[1]}: {cells[2]} after {tries}"
        return TextRow(
            key="/".join(map(str, delivery.key)),
            cells=cells,
            tooltip=f"{told}\n{delivery.detail}".strip(),
            mark=level,
        )

    def _chosen(self) -> tuple[DeadLetter, ...]:
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return tuple(self._letters[row] for row in rows if row < len(self._letters))

    def _choose(self, keys: Collection[DeliveryKey]) -> None:
        """Leave the choice on these: a new one at the top must not be discarded in their place."""
        model, flags = self._table.selectionModel(), QItemSelectionModel.SelectionFlag
        places = [place for place, letter in enumerate(self._letters) if letter.delivery.key in keys]
        if not places and self._letters:
            self._table.selectRow(0)
        elif {index.row() for index in model.selectedRows()} != set(places):
            model.clear()
            model.setCurrentIndex(self._rows.index(places[0], 0), flags.NoUpdate)
            for place in places:
                model.select(self._rows.index(place, 0), flags.Select | flags.Rows)

    def _look_at_choice(self) -> None:
        for button in (self._one, self._discard):
            self._context.rights.enable(button, Act.RESEND, bool(self._chosen()))
        for button in (self._all, self._discard_all):
            self._context.rights.enable(button, Act.RESEND, bool(self._letters))

    def _put_away(self, letters: Sequence[DeadLetter]) -> None:
        if not letters:
            return
        of = letters[0].alert.rule_name if len(letters) == 1 else f"{len(letters):,} messages"
        self._said.hide()
        self._changes.do(
            Discarding(
                letters=self._context.desk.dead_letters,
                keys=[letter.delivery.key for letter in letters],
                words=f"Discard: {of}",
            )
        )

    def _resend(self, letters: Sequence[DeadLetter]) -> None:
        async def resend() -> None:
            # Not by disabling the buttons: the keyboard would go on to Discard.
            self._is_resending = True
            try:
                count = await self._context.desk.dead_letters.resend(
                    [letter.delivery.key for letter in letters]
                )
                self._said.setText(f"{text.plural(count, 'message')} on the way again.")
                self._said.show()
            finally:
                self._look()

        if letters and not self._is_resending:
            self._context.tasks.start(resend())
