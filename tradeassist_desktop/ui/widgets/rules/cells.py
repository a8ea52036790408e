"""Draws the cells of the rules table: two lines a row, or one where the condition has a column of its own."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.rules.arranging import TagGroup
from tradeassist_desktop.ui.models.rules.columns import RulesColumn
from tradeassist_desktop.ui.models.rules.row import RuleRow, cell
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_text
from tradeassist_desktop.ui.widgets.priority_mark import draw_priority
from tradeassist_desktop.ui.widgets.rule_phase import draw_phase, phase_colour

TWO_LINES_PX: Final = 40
ONE_LINE_PX: Final = 24


class RuleCells(CellDelegate):
    """Draws rules and the lines above those of a tag."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(theme=context.theme, row_px=TWO_LINES_PX, parent=parent)
        self._rights = context.rights
        self._name = ui_font(13, weight=QFont.Weight.Medium)
        self._small = ui_font(SMALL_PX)
        self._plain = ui_font(12)

    def ground(self, index: Index, is_selected: bool) -> QColor | None:
        """Return the colour behind a cell: a tag's line stands out a little."""
        found = super().ground(index, is_selected)
        if found is not None or index.column() != 0:  # which a tag's line spans the table from
            return found
        is_group = isinstance(index.data(Qt.ItemDataRole.UserRole), TagGroup)
        return QColor(self.theme.tokens.surface_2) if is_group else None

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw what is in the cell."""
        row: RuleRow | TagGroup = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(row, TagGroup):
            self._draw_group(painter, rect, row)
            return
        column = RulesColumn(index.column())
        if column is RulesColumn.SWITCH:
            self._draw_switch(painter, rect, row.rule.active)
        elif column is RulesColumn.RULE:
            self._draw_name(painter, rect, row)
        elif column is RulesColumn.STATE:
            self._draw_state(painter, rect, row)
        elif column is RulesColumn.FIRED:
            self._draw_fired(painter, rect, row)
        elif column is RulesColumn.PRIORITY:
            self._draw_priority(painter, rect, row)
        else:
            self._draw_text(painter, rect, row, column)

    def _draw_group(self, painter: QPainter, rect: QRect, group: TagGroup) -> None:
        tokens = self.theme.tokens
        arrow = QRect(rect.left() + 4, rect.top(), 16, rect.height())
        draw_text(
            painter, arrow, "▾" if group.is_open else "▸", colour=tokens.text_2, font=self._name, padding=2
        )
        title = rect.adjusted(18, 0, 0, 0)
        colour = tokens.text_1 if group.tag else tokens.text_2
        draw_text(painter, title, group.title, colour=colour, font=self._name)
        width = painter.fontMetrics().horizontalAdvance(group.title)
        count = title.adjusted(width + 10, 0, 0, 0)
        draw_text(painter, count, f"{len(group.uids):,}", colour=tokens.text_3, font=self._plain)

    def _draw_name(self, painter: QPainter, rect: QRect, row: RuleRow) -> None:
        tokens = self.theme.tokens
        first, second = (tokens.text_1, tokens.text_2) if row.rule.active else (tokens.text_3, tokens.text_3)
        if _is_low(rect):
            draw_text(painter, rect, row.rule.name, colour=first, font=self._name)
            return
        draw_text(painter, _upper(rect), row.rule.name, colour=first, font=self._name)
        if row.trouble and row.rule.active:
            colour = phase_colour(tokens, row.phase)
            # Of which symbol is said beside it: the room is for the reason.
            said = row.trouble.removeprefix(f"{row.told_of} cannot be seen: ")
            draw_text(painter, _lower(rect), said, colour=colour, font=self._small)
        else:
            draw_text(painter, _lower(rect), row.words, colour=second, font=self._small)

    def _draw_text(self, painter: QPainter, rect: QRect, row: RuleRow, column: RulesColumn) -> None:
        tokens = self.theme.tokens
        quiet = column in (RulesColumn.KIND, RulesColumn.CHANNELS, RulesColumn.COOLDOWN)
        colour = tokens.text_2 if row.rule.active and not quiet else tokens.text_3
        said = cell(row, column)
        if column is RulesColumn.CONDITION and row.trouble and row.rule.active:
            said, colour = row.trouble, phase_colour(tokens, row.phase)
        draw_text(painter, rect, said, colour=colour, font=self._plain)

    def _draw_fired(self, painter: QPainter, rect: QRect, row: RuleRow) -> None:
        tokens = self.theme.tokens
        if not row.fired or row.last_fired_ns is None:
            said = text.plural(row.fired, "firing") if row.fired else "not yet"
            draw_text(painter, rect, said, colour=tokens.text_3, font=self._small)
        elif _is_low(rect):
            draw_text(painter, rect, row.last_fired, colour=tokens.text_2, font=self._plain)
        else:
            draw_text(painter, _upper(rect), row.last_fired, colour=tokens.text_2, font=self._small)
            count = text.plural(row.fired, "firing")
            draw_text(painter, _lower(rect), count, colour=tokens.text_3, font=self._small)

    def _draw_priority(self, painter: QPainter, rect: QRect, row: RuleRow) -> None:
        tokens = self.theme.tokens
        priority = row.rule.priority
        is_on = row.rule.active
        colour = tokens.of_priority(priority) if is_on else tokens.text_3
        mark = QRectF(rect.left() + 6, rect.center().y() - 4.5, 10, 10)
        draw_priority(painter, mark, priority, QColor(colour), is_filled=is_on)
        is_loud = priority in (Priority.HIGH, Priority.URGENT)
        ink = colour if is_loud else tokens.text_2 if is_on else tokens.text_3
        draw_text(painter, rect.adjusted(14, 0, 0, 0), priority.value, colour=ink, font=self._plain)

    def _draw_switch(self, painter: QPainter, rect: QRect, is_on: bool) -> None:
        tokens = self.theme.tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self._rights.may(Act.ARM) else 0.45)
        track = QRectF(rect.left() + 12, rect.center().y() - 7.5, 28, 16)
        painter.setPen(Qt.PenStyle.NoPen if is_on else QColor(tokens.text_3))
        painter.setBrush(QColor(tokens.accent) if is_on else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(track, 8, 8)
        knob = QRectF(
            track.right() - 14 if is_on else track.left() + 3, track.top() + (2 if is_on else 3), 12, 12
        )
        if not is_on:
            knob.adjust(0, 0, -2, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.on_accent if is_on else tokens.text_3))
        painter.drawEllipse(knob)
        painter.setOpacity(1.0)

    def _draw_state(self, painter: QPainter, rect: QRect, row: RuleRow) -> None:
        tokens = self.theme.tokens
        tells_nothing = row.is_silent or row.is_muted
        colour = QColor(tokens.warn if tells_nothing else phase_colour(tokens, row.phase))
        ends = "" if _is_low(rect) else row.ends
        line = _upper(rect) if ends else rect
        mark = QRectF(rect.left() + 6, line.center().y() - 3.5, 8, 8)
        draw_phase(painter, mark, row.phase, colour, is_silent=tells_nothing)
        said = row.state if ends or not row.ends else f"{row.state}, {row.ends}"
        draw_text(painter, line.adjusted(16, 0, 0, 0), said, colour=colour, font=self._plain)
        if ends:
            lower = _lower(rect).adjusted(16, 0, 0, 0)
            draw_text(painter, lower, ends, colour=tokens.warn, font=self._small)


def _is_low(rect: QRect) -> bool:
    return rect.height() < TWO_LINES_PX


def _upper(rect: QRect) -> QRect:
    return QRect(rect.left(), rect.top() + 4, rect.width(), 18)


def _lower(rect: QRect) -> QRect:
    return QRect(rect.left(), rect.top() + 20, rect.width(), 16)
