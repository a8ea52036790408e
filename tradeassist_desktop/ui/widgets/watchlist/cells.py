"""Draws the watchlist: rows that flash and grey out, and the heads of groups."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.market import TradingStatus
from tradeassist_desktop.ui.models.watchlist.columns import WatchlistColumn, alignment
from tradeassist_desktop.ui.models.watchlist.lines import GroupHead, Line
from tradeassist_desktop.ui.models.watchlist.row import WatchlistRow, pct_change
from tradeassist_desktop.ui.models.watchlist.words import cell
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ROW_PX, SMALL_PX, mix, ui_font
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_sparkline, draw_text

_NEAR_PERCENT: Final = 0.1
_ARROW_PX: Final = 14


class WatchlistCells(CellDelegate):
    """Draws lines of the watchlist."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(theme=context.theme, row_px=ROW_PX, parent=parent)
        self._settings = context.desk.settings
        self._plain = ui_font(12)
        self._strong = ui_font(12, weight=QFont.Weight.DemiBold)
        self._small = ui_font(SMALL_PX, weight=QFont.Weight.DemiBold)

    def ground(self, index: Index, is_selected: bool) -> QColor | None:
        """Return the colour behind a cell: of a price that has just moved, its direction's."""
        line: Line = index.data(Qt.ItemDataRole.UserRole)
        tokens = self.theme.tokens
        if isinstance(line, GroupHead):
            return super().ground(index, is_selected) or QColor(tokens.surface_2)
        if line.flash and self._settings.get("appearance.flash"):
            return mix(tokens.surface_1, tokens.up if line.flash > 0 else tokens.down, 0.26)
        return super().ground(index, is_selected)

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw what is in the cell."""
        line: Line = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(line, GroupHead):
            self._draw_head(painter, rect, line)
            return
        column = WatchlistColumn(index.column())
        tokens = self.theme.tokens
        if column is WatchlistColumn.TREND:
            change = line.quote.net_change if line.quote is not None else None
            colour = QColor(tokens.text_3 if line.is_stale else tokens.of_change(change))
            draw_sparkline(painter, QRectF(rect.adjusted(8, 6, -10, -6)), line.trend, colour)
            return
        is_strong = column in (WatchlistColumn.SYMBOL, WatchlistColumn.LAST) and line.quote is not None
        draw_text(
            painter,
            rect,
            cell(line, column),
            colour=self._colour(line, column),
            font=self._strong if is_strong else self._plain,
            align=Qt.AlignmentFlag.AlignLeft if line.is_silent and not line.quote else alignment(column),
            padding=6,
        )

    def _draw_head(self, painter: QPainter, rect: QRect, head: GroupHead) -> None:
        tokens = self.theme.tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.text_2), 1.5))
        middle = QPointF(rect.left() + 10, rect.center().y() + 0.5)
        points = ((-2, -4), (2, 0), (-2, 4)) if head.is_collapsed else ((-4, -2), (0, 2), (4, -2))
        painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in points]))
        words = rect.adjusted(_ARROW_PX, 0, 0, 0)
        draw_text(painter, words, head.name, colour=tokens.text_2, font=self._small, padding=6)
        draw_text(
            painter,
            rect,
            f"{head.count:,}",
            colour=tokens.text_3,
            font=self._small,
            align=Qt.AlignmentFlag.AlignRight,
            padding=8,
        )

    def _colour(self, row: WatchlistRow, column: WatchlistColumn) -> str:
        tokens = self.theme.tokens
        if column is WatchlistColumn.SYMBOL:
            return tokens.text_1
        if row.quote is None or row.is_stale:
            return tokens.text_3
        if row.trading is not TradingStatus.NORMAL and column is WatchlistColumn.LEVEL:
            return tokens.warn
        if column is WatchlistColumn.LAST:
            return tokens.text_1
        if column is WatchlistColumn.CHANGE:
            return tokens.of_change(row.quote.net_change)
        if column is WatchlistColumn.PERCENT:
            return tokens.of_change(pct_change(row, row.quote))
        is_near = row.distance is not None and abs(row.distance) < _NEAR_PERCENT
        if column is WatchlistColumn.LEVEL and is_near:
            return tokens.warn
        return tokens.text_3 if column in (WatchlistColumn.AGE, WatchlistColumn.VOLUME) else tokens.text_2
