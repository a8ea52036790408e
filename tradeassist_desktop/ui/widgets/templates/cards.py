"""The cards: a picture, a name and a story each, as many beside each other as there is room for."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tradeassist_desktop.ui.theme import SMALL_PX, Theme, mix, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.cells import Index
from tradeassist_desktop.ui.widgets.templates.offers import Offer
from tradeassist_desktop.ui.widgets.templates.pictures import draw_picture, picture_of

_LEAST_PX: Final = 180
_HEIGHT_PX: Final = 164
_PICTURE_PX: Final = 50
_GAP_PX: Final = 8


class CardModel(QAbstractListModel):
    """The cards, replaced all at once."""

    def __init__(self, *, parent: QObject) -> None:
        super().__init__(parent)
        self.offers: tuple[Offer, ...] = ()

    def replace(self, offers: Sequence[Offer]) -> None:
        """Show others."""
        self.beginResetModel()
        self.offers = tuple(offers)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Return how many there are."""
        return 0 if parent.isValid() else len(self.offers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the card, or how it is read out."""
        offer = self.offers[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return offer.label
        if role == Qt.ItemDataRole.UserRole:
            return offer
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(offer.story)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{offer.label}. {offer.story}"
        return None


class _CardCells(QStyledItemDelegate):
    def __init__(self, *, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = ui_font(weight=QFont.Weight.DemiBold)
        self._small = ui_font(SMALL_PX)
        self.width = _LEAST_PX

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.width, _HEIGHT_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        offer: Offer = index.data(Qt.ItemDataRole.UserRole)
        tokens = self._theme.tokens
        state: QStyle.StateFlag = option.state
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        card = QRectF(option.rect).adjusted(0.5, 0.5, -_GAP_PX - 0.5, -_GAP_PX - 0.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.accent if is_chosen else tokens.surface_3), 1.0))
        ground = mix(tokens.surface_1, tokens.accent, 0.14) if is_chosen else QColor(tokens.surface_1)
        painter.setBrush(ground)
        painter.drawRoundedRect(card, 6, 6)
        inner = card.adjusted(10, 8, -10, -8)
        place = QRectF(inner.left(), inner.top(), inner.width(), _PICTURE_PX)
        draw_picture(painter, place, picture_of(offer.key), tokens)
        words = QRectF(inner.left(), place.bottom() + 6, inner.width(), inner.bottom() - place.bottom() - 6)
        wrap = int(Qt.TextFlag.TextWordWrap)
        painter.setClipRect(inner)
        painter.setFont(self._name)
        painter.setPen(QColor(tokens.text_1))
        said = painter.boundingRect(words, wrap, offer.label)
        painter.drawText(words, wrap, offer.label)
        painter.setFont(self._small)
        painter.setPen(QColor(tokens.text_2))
        painter.drawText(words.adjusted(0, said.height() + 2, 0, 0), wrap, offer.story)
        painter.restore()


class Cards(QListView):
    """Arrows move, a click chooses."""

    def __init__(self, *, model: CardModel, theme: Theme, parent: Any) -> None:
        super().__init__(parent)
        self.setObjectName("templateCards")
        self.setAccessibleName("Templates")
        self.setProperty("kind", "choices")
        self._cells = _CardCells(theme=theme, parent=self)
        self.setModel(model)
        self.setItemDelegate(self._cells)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        theme.changed.connect(self.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out among the cards of a line."""
        # Qt lays cards out as if the scroll bar were there: wider ones would leave a whole column empty.
        bar = self.verticalScrollBar()
        bar_px = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, bar)
        room = self.maximumViewportSize().width() - bar_px - 2
        count = max(1, room // _LEAST_PX)
        if self._cells.width != room // count:
            self._cells.width = room // count
            self.scheduleDelayedItemsLayout()
        super().resizeEvent(event)
