"""The page of credentials: a table of all, and the chosen one with what can be done with it."""

from typing import Final

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from tradeassist_desktop.services.credentials.credential import CREDENTIALS, Credential
from tradeassist_desktop.ui.models.text_rows import TextRows
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ROW_PX
from tradeassist_desktop.ui.widgets.settings import credential_words
from tradeassist_desktop.ui.widgets.settings.credential_detail import CredentialDetail
from tradeassist_desktop.ui.widgets.settings.credential_words import Column
from tradeassist_desktop.ui.widgets.sight import is_in_sight
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable
from tradeassist_desktop.ui.widgets.text_table import TextCells

_COLUMNS: Final = {
    Column.CREDENTIAL: ColumnSpec(240),
    Column.STATE: ColumnSpec(150, stretch=3),
    Column.KEPT_BY: ColumnSpec(124, rank=1, stretch=1),
    Column.AGE: ColumnSpec(64, rank=3),
    Column.RUNS_OUT: ColumnSpec(84, rank=2),
    Column.USED: ColumnSpec(84, rank=4),
    Column.ROTATED: ColumnSpec(92, rank=5),
    Column.DUE: ColumnSpec(84, rank=6),
}
_DETAIL_PX: Final = 440
_LOOK_EVERY: Final = 60
"""Seconds: who used what is looked up anew; the keepers are asked only when something has changed."""
_AGAIN_EVERY: Final = 10
"""Seconds: those are looked at anew whose keeper could not say."""


class CredentialsPage(QWidget):
    """Looks while it is seen. What waits for a keeper says so, and holds nothing else up."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._credentials = context.desk.credentials
        self._rows: tuple[Credential, ...] = ()
        self._is_seen = False
        self._stale: set[str] = set(CREDENTIALS)
        self._seconds = 0
        self._model = TextRows(titles=tuple(credential_words.TITLES.values()), parent=self)
        self._table = DeskTable(model=self._model, columns=_COLUMNS, parent=self)
        self._table.setObjectName("credentialTable")
        self._table.setAccessibleName("Credentials")
        self._table.setItemDelegate(TextCells(theme=context.theme, parent=self))
        self.detail = CredentialDetail(context=context, parent=self)
        self.setFocusProxy(self._table)
        self._lay_out()
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._show_chosen())
        bridge = context.bridge
        for changed in (bridge.credentials_seen, bridge.access_changed, context.theme.changed):
            changed.connect(self.refresh)
        bridge.sign_in_changed.connect(lambda _: self.refresh())
        bridge.rotation_stepped.connect(lambda event: self._want(event.secret))
        bridge.secret_written.connect(self._on_written)
        bridge.setting_changed.connect(self._on_setting)
        context.pulse.states.connect(self._look)
        context.pulse.second.connect(self._pass_time)
        self.refresh()

    def choose(self, name: str) -> None:
        """Select a credential."""
        flags = QItemSelectionModel.SelectionFlag
        place = [row.name for row in self._rows].index(name)
        self._table.selectionModel().setCurrentIndex(
            self._model.index(place, 0), flags.ClearAndSelect | flags.Rows
        )

    def refresh(self) -> None:
        """Show what is known now."""
        now_ns = self._context.desk.clock.now_ns()
        self._rows = self._credentials.all()
        self._model.show([credential_words.row_of(row, now_ns) for row in self._rows])
        if not self._table.currentIndex().isValid() and self._rows:
            self.choose(self._rows[0].name)
        self._show_chosen()

    def _show_chosen(self) -> None:
        place = self._table.currentIndex().row()
        if 0 <= place < len(self._rows):
            self.detail.show_credential(self._rows[place])

    # --- looking

    def _on_written(self, name: str) -> None:
        self._credentials.doubt(name)
        self.detail.forget(name)
        self._want(name)

    def _want(self, name: str) -> None:
        if name in CREDENTIALS:
            self._stale.add(name)
            self._look()
            self.refresh()

    def _on_setting(self, key: str) -> None:
        if key.startswith("secrets."):
            self._stale.update(CREDENTIALS)
            self._look()
        elif key.startswith("rotate."):
            self.refresh()

    def _look(self) -> None:
        # A dock behind another's tab counts as visible in Qt.
        self._is_seen = is_in_sight(self)
        if self._is_seen and self._stale:
            stale, self._stale = self._stale, set()
            self._context.tasks.start(self._credentials.look(*stale))

    def _pass_time(self) -> None:
        if not self._is_seen:
            return
        self._seconds += 1
        if self._seconds % _LOOK_EVERY == 0:
            self._stale.update(CREDENTIALS)
        elif self._seconds % _AGAIN_EVERY == 0:
            self._stale.update(row.name for row in self._rows if row.failure and not row.is_present)
        self.refresh()

    def _lay_out(self) -> None:
        scroll = QScrollArea(self)
        scroll.setObjectName("credentialPane")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFixedWidth(_DETAIL_PX)
        scroll.setWidget(self.detail)
        scroll.viewport().setAutoFillBackground(False)
        self.detail.setAutoFillBackground(False)
        self._table.setMinimumHeight(2 * ROW_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._table, 1)
        row.addWidget(scroll)
