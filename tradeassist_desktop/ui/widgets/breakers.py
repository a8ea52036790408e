"""Which services are in use and which are left alone, and what the trader can decide of that."""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.breaker_words import (
    all_in_words,
    breaker_level,
    failures_in_words,
    next_try_in_words,
    state_in_words,
    title_of,
)
from tradeassist_desktop.ui.widgets.table import ColumnSpec
from tradeassist_desktop.ui.widgets.text_table import TextTable

_ROWS_SHOWN: Final = 12
_WIDEST_PX: Final = 760  # beyond, a name and its state are too far apart to be read as one row


class _Column(IntEnum):
    SERVICE = 0
    STATE = 1
    FAILURES = 2
    TRIPS = 3
    NEXT_TRY = 4


_TITLES: Final = ("Service", "State", "Failures", "Trips", "Next try")
_COLUMNS: Final = {
    _Column.SERVICE: ColumnSpec(140, stretch=1),
    _Column.STATE: ColumnSpec(150),
    _Column.FAILURES: ColumnSpec(76, rank=1),
    _Column.TRIPS: ColumnSpec(52, rank=2),
    _Column.NEXT_TRY: ColumnSpec(104),
}


class BreakersBody(QWidget):
    """A row for each service; buttons for the one that is chosen."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaximumWidth(_WIDEST_PX)
        self._breakers = context.desk.breakers
        self._call = context.tasks.call
        self._rights = context.rights
        self._readings: tuple[BreakerReading, ...] = ()
        self._rows = TextRows(
            titles=_TITLES, figures=frozenset((_Column.FAILURES, _Column.TRIPS)), parent=self
        )
        self._table = TextTable(
            model=self._rows, columns=_COLUMNS, theme=context.theme, most_rows=_ROWS_SHOWN, parent=self
        )
        self._table.setObjectName("breakersTable")
        self._table.setAccessibleName("Services")
        self._reset = self._button(
            "resetBreaker",
            "Reset",
            "Use the service again at once, and count its failures anew. Also ends what was forced.",
            self._breakers.reset,
        )
        self._open = self._button(
            "forceBreakerOpen",
            "Force open",
            "Leave the service alone, until it is reset: nothing is asked of it or sent to it.",
            lambda name: self._breakers.force(name, BreakerState.FORCED_OPEN),
        )
        self._closed = self._button(
            "forceBreakerClosed",
            "Force closed",
            "Use the service whatever comes of it, until it is reset.",
            lambda name: self._breakers.force(name, BreakerState.FORCED_CLOSED),
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._reset, self._open, self._closed):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(buttons)
        column.addWidget(self._table)
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._look_at_choice())
        self._rows.modelReset.connect(self._look_at_choice)
        context.bridge.breaker_changed.connect(lambda reading: self._refresh())
        context.pulse.second.connect(self._refresh)
        context.theme.changed.connect(self._table.viewport().update)
        self._refresh()

    def _button(self, name: str, words: str, tooltip: str, act: Callable[[str], None]) -> QPushButton:
        def on_click() -> None:
            reading = self._chosen()
            if reading is not None:
                self._call(lambda: act(reading.name))
                self._refresh()

        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setToolTip(plain_tip(tooltip))
        button.setAccessibleDescription(tooltip)
        button.clicked.connect(on_click)
        return button

    def _refresh(self) -> None:
        chosen = self._chosen()
        self._readings = tuple(sorted(self._breakers.readings(), key=lambda reading: title_of(reading.name)))
        self._rows.show([_row(reading) for reading in self._readings])
        # A service that comes in between must not slip under a pointer that is about to click.
        names = [reading.name for reading in self._readings]
        place = names.index(chosen.name) if chosen is not None and chosen.name in names else 0
        if names and self._table.currentIndex().row() != place:
            self._table.selectRow(place)
        self._look_at_choice()

    def _chosen(self) -> BreakerReading | None:
        place = self._table.currentIndex().row()
        return self._readings[place] if 0 <= place < len(self._readings) else None

    def _look_at_choice(self) -> None:
        chosen = self._chosen()
        state = None if chosen is None else chosen.state
        enable = self._rights.enable
        enable(self._reset, Act.RECONNECT, chosen is not None)
        enable(self._open, Act.RECONNECT, state not in (None, BreakerState.FORCED_OPEN))
        enable(self._closed, Act.RECONNECT, state not in (None, BreakerState.FORCED_CLOSED))


def _row(reading: BreakerReading) -> TextRow:
    return TextRow(
        key=reading.name,
        cells=(
            title_of(reading.name),
            state_in_words(reading),
            failures_in_words(reading),
            f"{reading.totals.trips:,}",
            next_try_in_words(reading),
        ),
        tooltip=all_in_words(reading),
        mark=breaker_level(reading),
    )
