"""Below the watchlist: what the chosen instrument is, how it is priced and when it trades."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import Theme, ui_font
from tradeassist_desktop.ui.widgets.cells import draw_text
from tradeassist_desktop.ui.widgets.watchlist.instrument_words import Fact, facts_of

_LINE_PX: Final = 20
_LABEL_PX: Final = 78
_COLUMN_PX: Final = 225


class _Facts(QWidget):
    """Draws facts in as many columns as fit; each is elided rather than making the dock wide."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._facts: tuple[Fact, ...] = ()
        self._font = ui_font(12)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        if facts == self._facts:
            return
        is_as_high = len(facts) == len(self._facts)
        self._facts = facts
        self.setAccessibleName(". ".join(f"{label}: {value}" for label, value in facts))
        if not is_as_high:
            self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._rows(width) * _LINE_PX

    def sizeHint(self) -> QSize:
        return QSize(0, self.heightForWidth(max(1, self.width())))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        rows, columns = self._rows(self.width()), self._columns(self.width())
        width = self.width() // columns
        for place, (label, value) in enumerate(self._facts):
            left, top = place // rows * width, place % rows * _LINE_PX
            title = QRect(left, top, _LABEL_PX, _LINE_PX)
            rest = QRect(left + _LABEL_PX, top, width - _LABEL_PX - 8, _LINE_PX)
            draw_text(painter, title, label, colour=tokens.text_3, font=self._font, padding=0)
            draw_text(painter, rest, value, colour=tokens.text_1, font=self._font, padding=0)
        painter.end()

    def _columns(self, width: int) -> int:
        return max(1, min(2, width // _COLUMN_PX))

    def _rows(self, width: int) -> int:
        return -(-len(self._facts) // self._columns(width))


class InstrumentDetails(QWidget):
    """Follows the symbol it is given, and the clock, while it is on screen."""

    closed = Signal()
    """It is to be hidden."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("instrumentDetails")
        self.setAccessibleName("Instrument details")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._context = context
        self._symbol: str | None = None
        self._title = QLabel(self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setFont(ui_font(12, weight=QFont.Weight.DemiBold))
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._close = QToolButton(self)
        self._close.setAccessibleName("Hide the details")
        context.keys.tip(self._close, "Hide the details ({watchlist.instrument-details})")
        self._close.clicked.connect(self.closed)
        self._facts = _Facts(theme=context.theme, parent=self)
        self._facts.setObjectName("instrumentFacts")
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 4, 8)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._facts)
        context.pulse.second.connect(self.refresh)
        context.theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def show_symbol(self, symbol: str | None) -> None:
        """Tell of another symbol."""
        self._symbol = symbol
        self.refresh()

    def refresh(self) -> None:
        """Tell how things are now."""
        if self.isHidden():
            return
        if self._symbol is None:
            self._title.setText("Choose a symbol")
            self._facts.show_facts(())
            return
        description = self._context.desk.market.instrument(self._symbol).description
        self._title.setText(f"{self._symbol}  {description}".rstrip())
        self._facts.show_facts(facts_of(self._context.desk, self._symbol))

    def _paint_icon(self) -> None:
        theme = self._context.theme
        self._close.setIcon(theme.icon("close", theme.tokens.text_3, 12))
