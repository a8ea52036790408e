"""The sheet of templates: cards to choose from, and beside them the chosen one."""

from functools import partial
from typing import Final

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QFont, QHideEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QLineEdit, QMainWindow, QToolButton

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.overlay import Overlay
from tradeassist_desktop.ui.widgets.palette.matching import Query
from tradeassist_desktop.ui.widgets.templates.cards import CardModel, Cards
from tradeassist_desktop.ui.widgets.templates.offers import CATEGORIES, MINE, Offer, offers
from tradeassist_desktop.ui.widgets.templates.pane import TemplatePane

_WIDTH_PX: Final = 1080
_HEIGHT_PX: Final = 760
_ALL: Final = "All"


class TemplatesSheet(Overlay):
    """Stays while the trader looks at the chart; what is used or edited closes it."""

    def __init__(self, *, context: PanelContext, window: QMainWindow) -> None:
        super().__init__(
            name="templates", title="Templates", width_px=_WIDTH_PX, height_px=_HEIGHT_PX, window=window
        )
        self._context = context
        self._window_of_sheets = window
        self._offers: tuple[Offer, ...] = ()
        self._category = _ALL
        self._model = CardModel(parent=self)
        self._cards = Cards(model=self._model, theme=context.theme, parent=self)
        self._empty = EmptyState(view=self._cards, theme=context.theme, icon="rules", title="", hint="")
        self._pane = TemplatePane(context=context, parent=self)
        self._search = QLineEdit(self)
        self._categories: dict[str, QToolButton] = {}
        self._trouble = QLabel(self)
        self._lay_out()
        self._search.textChanged.connect(self._fill)
        self._search.returnPressed.connect(self._fill_in)
        self._cards.selectionModel().currentChanged.connect(self._choose)
        self._cards.doubleClicked.connect(self._fill_in)
        self._pane.use_wanted.connect(self._add)
        self._pane.edit_wanted.connect(self._edit)
        self._pane.rename_wanted.connect(self._rename)
        self._pane.delete_wanted.connect(self._delete)
        context.rule_changes.settled.connect(self._read_again)
        context.bridge.access_changed.connect(self._follow_access)

    def open(self, key: str | None = None) -> None:
        """Come to the front; with a template chosen, by its key."""
        self._read()
        if key is not None:
            self._choose_category(_ALL)
            self._search.clear()
            self._select(key)
        elif not self._cards.currentIndex().isValid() and self._model.offers:
            self._select(self._model.offers[0].key)
        self.appear()

    def take_focus(self) -> None:
        """Go to the search, to be typed anew."""
        self._search.setFocus()
        self._search.selectAll()

    def hideEvent(self, event: QHideEvent) -> None:
        """Mark nothing on the chart any more."""
        super().hideEvent(event)
        self._pane.show_offer(None, "")
        self._cards.setCurrentIndex(QModelIndex())

    def _fill_in(self) -> None:
        if self._cards.currentIndex().isValid():
            self._pane.take_focus()

    # --- the cards

    def _read(self) -> None:
        self._offers, trouble = offers(self._context)
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        self._fill()

    def _read_again(self) -> None:
        if self.isVisible():
            self._read()

    def _fill(self) -> None:
        chosen = self._cards.currentIndex().data(Qt.ItemDataRole.UserRole)
        typed = self._search.text().strip()
        query = Query(typed)
        scored = []
        for offer in self._offers:
            score = query.score(offer.label.lower(), f"{offer.story} {offer.category}".lower())
            if score is not None and self._category in (_ALL, offer.category):
                scored.append((score, offer))
        if typed:
            scored.sort(key=lambda each: -each[0])
        fitting = [offer for _, offer in scored]
        if self._category == MINE and not typed:
            hint = "Select a rule in Rules and choose “Save as template”."
            self._empty.say("No template of your own yet", hint, icon="rules")
        else:
            self._empty.say("No template has these words", "Try fewer of them.", icon="question")
        self._model.replace(fitting)
        keys = [offer.key for offer in fitting]
        if isinstance(chosen, Offer) and chosen.key in keys and not typed:
            self._select(chosen.key)
        elif keys:
            self._select(keys[0])
        else:
            self._pane.show_offer(None, "")

    def _select(self, key: str) -> None:
        for place, offer in enumerate(self._model.offers):
            if offer.key == key:
                index = self._model.index(place, 0)
                self._cards.selectionModel().setCurrentIndex(
                    index, QItemSelectionModel.SelectionFlag.ClearAndSelect
                )
                self._cards.scrollTo(index)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            first = next(iter(self._context.desk.watchlist.symbols), "")
            symbol = self._context.navigator.symbol or first
            self._pane.show_offer(self._model.offers[index.row()], symbol)

    def _choose_category(self, category: str) -> None:
        self._category = category
        self._categories[category].setChecked(True)
        self._fill()

    # --- what comes of one

    def _add(self, rule: Rule) -> None:
        async def keep() -> None:
            change = self._context.desk.rules.edit(f"Add {rule.name}", {rule.uid: rule})
            await self._context.rule_changes.done(change)
            self.leave()
            self._context.navigator.rule_chosen.emit(rule.uid)
            self._context.navigator.noticed.emit(f"Rule added and armed: {rule.name}")

        self._context.tasks.start(keep())

    def _edit(self, rule: Rule) -> None:
        self.leave()
        self._context.navigator.draft_wanted.emit(rule)

    def _rename(self, offer: Offer) -> None:
        async def take(name: str) -> None:
            change = self._context.desk.own_templates.rename(offer.label, name.strip())
            await self._context.rule_changes.done(change)
            self._select(f"own:{name.strip()}")

        dialogs.ask(
            name="templateRenaming",
            title="Rename template",
            words="What the template is to be called:",
            value=offer.label,
            example="",
            take=take,
            parent=self._window_of_sheets,
        ).open()

    def _delete(self, offer: Offer) -> None:
        try:
            change = self._context.desk.own_templates.remove(offer.label)
        except BadInput as error:
            self._context.navigator.noticed.emit(str(error))
            return
        self._context.rule_changes.do(change)

    def _follow_access(self) -> None:
        if not self._context.rights.may(Act.EDIT_RULES):
            self.leave()

    # --- building

    def _lay_out(self) -> None:
        title = QLabel("Templates", self)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setFont(ui_font(15, weight=QFont.Weight.DemiBold))
        self._search.setObjectName("templateSearch")
        self._search.setAccessibleName("Find a template")
        self._search.setPlaceholderText("Find a template, such as breakout or volume")
        self._search.setClearButtonEnabled(True)
        close = QToolButton(self)
        close.setObjectName("templatesClose")
        close.setText("Close")
        close.setAccessibleName("Close the templates")
        close.clicked.connect(self.leave)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addSpacing(12)
        head.addWidget(self._search, 1)
        head.addWidget(close)
        row = QHBoxLayout()
        row.setSpacing(2)
        group = QButtonGroup(self)
        for category in (_ALL, *CATEGORIES):
            button = QToolButton(self)
            button.setText(category)
            button.setObjectName(f"templates_{category.lower().replace(' ', '_')}")
            button.setCheckable(True)
            button.setChecked(category == _ALL)
            button.clicked.connect(partial(self._choose_category, category))
            group.addButton(button)
            row.addWidget(button)
            self._categories[category] = button
        row.addStretch(1)
        self._trouble.setTextFormat(Qt.TextFormat.PlainText)
        self._trouble.setProperty("tone", "warn")
        self._trouble.setWordWrap(True)
        body = QHBoxLayout()
        body.addWidget(self._cards, 11)
        body.addWidget(self._pane, 9)
        for part in (head, row):
            self.column.addLayout(part)
        self.column.addWidget(self._trouble)
        self.column.addLayout(body, 1)
