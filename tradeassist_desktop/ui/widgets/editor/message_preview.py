"""What an alert of the rule being written would look like: as a toast, and in Slack."""

from html import unescape
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tradeassist_desktop.channels.slack_blocks import Block, rendered
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.ui import message_words as say
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font
from tradeassist_desktop.ui.widgets.editor.field_row import plain_label
from tradeassist_desktop.ui.widgets.toast_card import WIDTH_PX, CardWords, ToastCard

_LEAST_PX: Final = 220


class MessagePreview(QWidget):
    """Made by what makes the real ones."""

    seen = Signal()
    """It can be seen from now on, and may be out of date."""

    def __init__(self, *, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messagePreview")
        self._theme = theme
        self._shown: tuple[CardWords, tuple[Block, ...]] | None = None
        self._page: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(4)
        self._empty = plain_label("The preview comes as soon as the rule is complete.", tone="quiet")
        self._column.addWidget(self._empty)
        theme.changed.connect(self._forget)

    def show_message(self, message: Message | None) -> None:
        """Show this message; ``None`` says that there is none yet."""
        self._empty.setVisible(message is None)
        if message is None:
            self._forget()
            return
        wanted = _card_words(message), rendered(message).blocks
        if wanted != self._shown:
            self._forget()
            self._shown = wanted
            self._page = self._made(*wanted)
            self._column.addWidget(self._page)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what is so now."""
        super().showEvent(event)
        self.seen.emit()

    def _forget(self) -> None:
        if self._page is not None:
            self._column.removeWidget(self._page)
            self._page.deleteLater()
        self._page = self._shown = None

    def _made(self, words: CardWords, blocks: tuple[Block, ...]) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        card = ToastCard(words=words, theme=self._theme, buttons=(), snoozes=(), on_close=_nothing)
        card.setMinimumWidth(_LEAST_PX)
        card.setMaximumWidth(WIDTH_PX)
        card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for child in card.findChildren(QWidget):
            child.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(plain_label("As a toast", tone="quiet", pixels=SMALL_PX))
        column.addWidget(card)
        column.addWidget(plain_label("In Slack", tone="quiet", pixels=SMALL_PX))
        column.addWidget(_in_slack(blocks, page))
        return page


def _nothing() -> None:
    """Close nothing: it is a picture of a toast."""


def _card_words(message: Message) -> CardWords:
    fact, value = say.fact(message)
    return CardWords(
        title=say.headline(message), priority=message.priority, fact=fact, value=value, body=message.body
    )


def _in_slack(blocks: tuple[Block, ...], parent: QWidget) -> QWidget:
    sheet = QWidget(parent)
    sheet.setObjectName("slackPreview")
    sheet.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    sheet.setMaximumWidth(WIDTH_PX)
    grid = QGridLayout(sheet)
    grid.setContentsMargins(12, 8, 12, 8)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    row = 0
    for block in blocks:
        if block["type"] == "header":
            title = plain_label(_words(block["text"]))
            title.setFont(ui_font(14, weight=QFont.Weight.DemiBold))
            grid.addWidget(title, row, 0, 1, 2)
        elif "fields" in block:
            for number, field in enumerate(block["fields"]):
                grid.addWidget(plain_label(_words(field)), row + number // 2, number % 2)
            row += len(block["fields"]) // 2
        elif block["type"] == "section":
            grid.addWidget(plain_label(_words(block["text"])), row, 0, 1, 2)
        else:
            for number, element in enumerate(block["elements"]):
                note = plain_label(_words(element), tone="quiet", pixels=SMALL_PX)
                grid.addWidget(note, row + number, 0, 1, 2)
            row += len(block["elements"])
        row += 1
    return sheet


def _words(text: Block) -> str:
    return unescape(str(text["text"]))
