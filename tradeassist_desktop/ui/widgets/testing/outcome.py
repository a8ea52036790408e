"""How a rule did: how often, and what the price did after; of two rules, side by side."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.engine.studies.scores import HorizonSummary
from tradeassist_desktop.services.testing.preview import Preview
from tradeassist_desktop.services.testing.sweeps import summed
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.table import ColumnSpec
from tradeassist_desktop.ui.widgets.testing import preview_words
from tradeassist_desktop.ui.widgets.testing.comparison import verdict
from tradeassist_desktop.ui.widgets.text_table import TextTable

_ROWS: Final = 5


class _Column(IntEnum):
    AFTER = 0
    KNOWN = 1
    WAY = 2
    USUAL = 3
    MEAN = 4
    HIGHEST = 5
    LOWEST = 6


class _Pair(IntEnum):
    AFTER = 0
    FIRST = 1
    SECOND = 2
    MEANS = 3


_TITLES: Final = ("After", "Known", "Went its way", "At any time", "Mean", "Highest", "Lowest")
_COLUMNS: Final = {
    _Column.AFTER: ColumnSpec(48),
    _Column.KNOWN: ColumnSpec(60, rank=2),
    _Column.WAY: ColumnSpec(176, stretch=2),
    _Column.USUAL: ColumnSpec(84, rank=1, stretch=1),
    _Column.MEAN: ColumnSpec(76, rank=3),
    _Column.HIGHEST: ColumnSpec(76, rank=4),
    _Column.LOWEST: ColumnSpec(76, rank=5),
}
_PAIR_TITLES: Final = ("After", "First", "Second", "Means")
_MEAN_TITLES: Final = ("After", "Mean of the first", "Mean of the second")
_PAIRS: Final = {
    _Pair.AFTER: ColumnSpec(48),
    _Pair.FIRST: ColumnSpec(176, stretch=1),
    _Pair.SECOND: ColumnSpec(176, stretch=1),
    _Pair.MEANS: ColumnSpec(140, rank=1),
}
_MEANS: Final = {
    _Pair.AFTER: ColumnSpec(48),
    _Pair.FIRST: ColumnSpec(120, stretch=1),
    _Pair.SECOND: ColumnSpec(120, stretch=1),
}
_NO_WAY: Final = "Its condition looks neither up nor down: no move is its way."
_NEITHER_HAS_A_WAY: Final = (
    "Neither condition looks up or down: no move is its way, so the mean moves are shown."
)


class OutcomeColumn(QWidget):
    """A sentence, and a row for each time after a firing."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._said = self._label("testSaid", "", 13)
        self._said.setFont(ui_font(weight=QFont.Weight.DemiBold))
        self._details = self._label("testDetails", "quiet", SMALL_PX)
        figures = frozenset(range(1, len(_TITLES)))
        self._rows = TextRows(titles=_TITLES, figures=figures, parent=self)
        self._table = self._table_of(self._rows, _COLUMNS, context, "testOutcome")
        self._table.setAccessibleName("What the price did after the firings")
        self._pairs = TextRows(titles=_PAIR_TITLES, figures=figures, parent=self)
        self._compared = self._table_of(self._pairs, _PAIRS, context, "testCompared")
        self._compared.setAccessibleName("How often the price went the way of two rules after their firings")
        self._means = TextRows(titles=_MEAN_TITLES, figures=figures, parent=self)
        self._moved = self._table_of(self._means, _MEANS, context, "testMeans")
        self._moved.setAccessibleName("How far the price moved on average after the firings of two rules")
        self._verdict = self._label("testVerdict", "second", 12)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self._said, self._details, *self._tables, self._verdict):
            column.addWidget(widget)
        column.addStretch(1)
        self.say("Choose a rule to test", "")

    def say(self, words: str, details: str) -> None:
        """Say this in place of an outcome."""
        self._said.setText(words)
        self._details.setText(details)
        self._verdict.setText("")
        self._rows.show(())
        self._show_only(None)

    def show_one(self, found: Preview, chance: Preview | None, *, days: int) -> None:
        """Show how one rule did.

        Args:
            chance: What the price did at any time of the same data; ``None`` while that is not known.
        """
        self._said.setText(preview_words.headline(found, days))
        told = (*_pace(found), preview_words.held_back(found), preview_words.data(found))
        self._details.setText(text.unbroken(" · ".join(part for part in told if part)))
        usual = None if chance is None else summed(chance.reports)
        self._rows.show(
            [
                _row(summary, None if usual is None else usual[place])
                for place, summary in enumerate(summed(found.reports))
            ]
        )
        self._verdict.setText(_remark(found))
        is_known = any(summary.known for summary in summed(found.reports))
        self._show_only(self._table if is_known else None)

    def show_two(self, first: Preview, second: Preview, *, days: int) -> None:
        """Show how two rules did on the same data."""
        self._said.setText(
            f"{text.plural(first.fired, 'firing')} of the first, {second.fired:,} of the second, "
            f"{preview_words.span_words(first, days)}"
        )
        self._details.setText(
            f"First: {first.rule.name}, {preview_words.held_back(first) or 'none held back'} · "
            f"second: {second.rule.name}, {preview_words.held_back(second) or 'none held back'}"
        )
        ours, theirs = summed(first.reports), summed(second.reports)
        if any(one.favourable is not None for one in (*ours, *theirs)):
            self._pairs.show([_pair(one, other) for one, other in zip(ours, theirs, strict=True)])
            self._verdict.setText(verdict(first, second))
            self._show_only(self._compared)
        else:
            self._means.show([_means(one, other) for one, other in zip(ours, theirs, strict=True)])
            self._verdict.setText(_NEITHER_HAS_A_WAY)
            self._show_only(self._moved)

    @property
    def _tables(self) -> tuple[TextTable, ...]:
        return self._table, self._compared, self._moved

    def _show_only(self, shown: TextTable | None) -> None:
        for table in self._tables:
            table.setVisible(table is shown)

    def _table_of(
        self, rows: TextRows, columns: Mapping[Any, ColumnSpec], context: PanelContext, name: str
    ) -> TextTable:
        table = TextTable(
            model=rows, columns=columns, theme=context.theme, most_rows=_ROWS, least_rows=_ROWS, parent=self
        )
        table.setObjectName(name)
        return table

    def _label(self, name: str, tone: str, pixels: int) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(ui_font(pixels))
        if tone:
            label.setProperty("tone", tone)
        return label


def _remark(found: Preview) -> str:
    """Return what is to be said of an outcome that is not all there."""
    if not found.fired:
        return ""
    if not any(summary.known for summary in summed(found.reports)):
        return "What the price did afterwards is not known yet: the data ends before."
    has_way = all(report.direction is not None for report in found.reports)
    return "" if has_way else _NO_WAY


def _pace(found: Preview) -> tuple[str, ...]:
    """Return how its firings are spread, of a rule on one symbol."""
    if len(found.reports) != 1 or found.fired < 2:
        return ()
    (report,) = found.reports
    told = []
    if report.fires_a_day is not None and report.days > 1:
        told.append(f"{text.number(report.fires_a_day, 1)} a day")
    if report.flapping:
        told.append(f"{in_percent(report.flapping)} within 5 m of the one before")
    if report.longest_quiet_ns is not None:
        told.append(f"quiet for up to {text.duration(report.longest_quiet_ns)}")
    return tuple(told)


def _row(summary: HorizonSummary, usual: HorizonSummary | None) -> TextRow:
    share = None if usual is None else usual.favourable_share
    return TextRow(
        key=summary.horizon,
        cells=(
            _after(summary.horizon),
            f"{summary.known:,}",
            _way(summary),
            text.UNKNOWN if share is None else f"{100 * share:.0f} %",
            text.move(summary.mean_change),
            text.move(summary.mean_highest),
            text.move(summary.mean_lowest),
        ),
        tooltip=_tip(summary, usual),
        tone="quiet" if summary.known < preview_words.FEW else "",
    )


def _pair(first: HorizonSummary, second: HorizonSummary) -> TextRow:
    return TextRow(
        key=first.horizon,
        cells=(
            _after(first.horizon),
            _way(first),
            _way(second),
            f"{text.move(first.mean_change)} / {text.move(second.mean_change)}",
        ),
        tooltip=f"First: {_tip(first)}\nSecond: {_tip(second)}",
    )


def _means(first: HorizonSummary, second: HorizonSummary) -> TextRow:
    return TextRow(
        key=first.horizon,
        cells=(_after(first.horizon), text.move(first.mean_change), text.move(second.mean_change)),
        tooltip=f"First: {_tip(first)}\nSecond: {_tip(second)}",
    )


def _after(horizon: str) -> str:
    return horizon.replace("m", " m")


def _way(summary: HorizonSummary) -> str:
    return (
        text.UNKNOWN
        if summary.favourable is None
        else preview_words.share_words(summary.favourable, summary.known)
    )


def _tip(summary: HorizonSummary, usual: HorizonSummary | None = None) -> str:
    if not summary.known:
        return "Nothing is known yet: the data ends before"
    lines = [f"{summary.known:,} firings whose outcome is known"]
    if summary.favourable is None:
        lines.append(_NO_WAY)
    elif summary.known < preview_words.FEW:
        lines.append("Too few for a share")
    else:
        lines.append("In brackets: where the true share is, with 95 % confidence")
    if usual is not None and usual.favourable is not None and usual.known:
        share = preview_words.share_words(usual.favourable, usual.known)
        lines.append(f"At any time, every five minutes, it did in {share}")
    return "\n".join(lines)
