"""A row for each channel: how it is, how much arrived, how fast. Each figure leads to its alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.delivery import DeliveryState
from tradeassist_desktop.domain.delivery_figures import SENT_STATES, ChannelFigures, DeliveryPick
from tradeassist_desktop.services.delivery.lane import LaneReading
from tradeassist_desktop.ui.delivery_words import channel_title
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.delivery.figure_words import (
    all_in_words,
    count_in_words,
    latency_in_words,
    lost,
    share_in_words,
    waiting_in_words,
)
from tradeassist_desktop.ui.widgets.gauge import Level
from tradeassist_desktop.ui.widgets.notifications.channel_words import ChannelState
from tradeassist_desktop.ui.widgets.table import ColumnSpec
from tradeassist_desktop.ui.widgets.text_table import TextTable

_ROWS_SHOWN: Final = 8


class ChannelColumn(IntEnum):
    """Columns, left to right."""

    CHANNEL = 0
    STATE = 1
    SENT = 2
    SUCCESS = 3
    UNCERTAIN = 4
    LOST = 5
    MUTED = 6
    WAITING = 7
    P50 = 8
    P95 = 9
    P99 = 10


_TITLES: Final = (
    "Channel", "State", "Sent", "Success", "Uncertain", "Lost", "Muted", "Waiting", "p50", "p95", "p99",
)  # fmt: skip
_COLUMNS: Final = {
    ChannelColumn.CHANNEL: ColumnSpec(84),
    ChannelColumn.STATE: ColumnSpec(76, stretch=1),
    ChannelColumn.SENT: ColumnSpec(48),
    ChannelColumn.SUCCESS: ColumnSpec(132),
    ChannelColumn.UNCERTAIN: ColumnSpec(76, rank=1),
    ChannelColumn.LOST: ColumnSpec(44),
    ChannelColumn.MUTED: ColumnSpec(54, rank=5),
    ChannelColumn.WAITING: ColumnSpec(92, rank=2),
    ChannelColumn.P50: ColumnSpec(64, rank=4),
    ChannelColumn.P95: ColumnSpec(64, rank=6),
    ChannelColumn.P99: ColumnSpec(64, rank=3),
}
_FIGURES: Final = frozenset(ChannelColumn) - {
    ChannelColumn.CHANNEL,
    ChannelColumn.STATE,
    ChannelColumn.WAITING,
}
_STATES: Final[Mapping[ChannelColumn, tuple[DeliveryState, ...]]] = {
    ChannelColumn.SENT: SENT_STATES,
    ChannelColumn.SUCCESS: (DeliveryState.DELIVERED,),
    ChannelColumn.UNCERTAIN: (DeliveryState.UNCERTAIN,),
    ChannelColumn.LOST: (DeliveryState.DEAD, DeliveryState.EXPIRED),
    ChannelColumn.MUTED: (DeliveryState.SUPPRESSED,),
    ChannelColumn.WAITING: (DeliveryState.PENDING, DeliveryState.SENDING),
}


@dataclass(frozen=True, slots=True)
class ChannelNow:
    """A row: what a channel has done, what waits for it, and how it is, at ``taken_ns``."""

    figures: ChannelFigures
    lane: LaneReading | None
    state: ChannelState
    taken_ns: int

    @property
    def has_anything(self) -> bool:
        """Whether it is worth a row: it is set up, or has figures."""
        waits = self.lane is not None and self.lane.waiting > 0
        return waits or bool(self.figures.states) or self.state.level is not Level.QUIET


class ChannelsTable(TextTable):
    """Shows what it was given last; keeps the channel that is chosen."""

    picked = Signal(object)
    """The ``DeliveryPick`` of a figure that was clicked, or on which Enter was pressed."""
    chosen = Signal()
    """Another channel is chosen, or the first one."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        self._figures: tuple[ChannelFigures, ...] = ()
        self._rows = TextRows(titles=_TITLES, figures=_FIGURES, parent=parent)
        super().__init__(
            model=self._rows,
            columns=_COLUMNS,
            theme=theme,
            most_rows=_ROWS_SHOWN,
            least_rows=3,
            parent=parent,
        )
        self.setObjectName("deliveryChannels")
        self.setAccessibleName("Deliveries by channel")
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._pick)
        self.activated.connect(self._pick)
        self.selectionModel().currentRowChanged.connect(lambda *_: self.chosen.emit())

    def show_figures(self, channels: Sequence[ChannelNow]) -> None:
        """Show these channels."""
        before = self.chosen_figures()
        self._figures = tuple(each.figures for each in channels)
        self._rows.show([_row(each) for each in channels])
        names = [each.channel for each in self._figures]
        place = names.index(before.channel) if before is not None and before.channel in names else 0
        if names and self.currentIndex().row() != place:
            self.selectRow(place)

    def chosen_figures(self) -> ChannelFigures | None:
        """Return the figures of the channel that is chosen; ``None`` while there is none."""
        place = self.currentIndex().row()
        return self._figures[place] if 0 <= place < len(self._figures) else None

    def _pick(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if 0 <= index.row() < len(self._figures):
            self.picked.emit(pick_of(self._figures[index.row()], ChannelColumn(index.column())))


def pick_of(figures: ChannelFigures, column: ChannelColumn) -> DeliveryPick:
    """Return what the figure in a column counts."""
    latency = {
        ChannelColumn.P50: figures.latency.p50_ns,
        ChannelColumn.P95: figures.latency.p95_ns,
        ChannelColumn.P99: figures.latency.p99_ns,
    }
    if latency.get(column) is not None:
        return DeliveryPick(channel=figures.channel, least_latency_ns=latency[column])
    return DeliveryPick(channel=figures.channel, states=_STATES.get(column, ()))


def _row(now: ChannelNow) -> TextRow:
    figures = now.figures
    return TextRow(
        key=figures.channel,
        cells=(
            channel_title(figures.channel),
            now.state.word,
            f"{figures.sent:,}",
            share_in_words(figures.success),
            count_in_words(figures.count(DeliveryState.UNCERTAIN)),
            count_in_words(lost(figures)),
            count_in_words(figures.count(DeliveryState.SUPPRESSED)),
            waiting_in_words(now.lane, now_ns=now.taken_ns),
            latency_in_words(figures.latency.p50_ns),
            latency_in_words(figures.latency.p95_ns),
            latency_in_words(figures.latency.p99_ns),
        ),
        tooltip=all_in_words(figures, now.state.sentence),
        mark=now.state.level,
    )
