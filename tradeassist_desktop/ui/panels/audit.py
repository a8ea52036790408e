"""The audit log: who did what with a secret or a right, whether it is whole, and files of it."""

from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QFileDialog, QLabel, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.audit import AuditPick, AuditResult, RecordedEntry
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.services.audit.book import PAGE_ROWS
from tradeassist_desktop.ui import audit_words, dialogs
from tradeassist_desktop.ui.models.audit import AuditColumn, AuditModel
from tradeassist_desktop.ui.panels.base import Panel, PanelContext, Toolbar
from tradeassist_desktop.ui.theme import ROW_PX, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.audit_filter import AuditFilter
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_text
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.long_work import LongWork
from tradeassist_desktop.ui.widgets.sight import is_in_sight
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable

_COLUMNS: Final = {
    AuditColumn.TIME: ColumnSpec(128),
    AuditColumn.WHO: ColumnSpec(150, rank=1),
    AuditColumn.ACT: ColumnSpec(108),
    AuditColumn.WHAT: ColumnSpec(160),
    AuditColumn.RESULT: ColumnSpec(80),
    AuditColumn.SOURCE: ColumnSpec(118, rank=3),
    AuditColumn.VERSION: ColumnSpec(72, rank=5),
    AuditColumn.COUNT: ColumnSpec(56, rank=4),
    AuditColumn.DETAIL: ColumnSpec(160, rank=2, stretch=1),
}
_NO_ENTRIES: Final = "No entries"
_HINT: Final = "Every reading, change and rotation of a secret is written down here."
_FILES: Final = "Table (*.csv);;JSON lines (*.jsonl)"


class _AuditCells(CellDelegate):
    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(theme=context.theme, row_px=ROW_PX, parent=parent)
        self._plain = ui_font(12)
        self._strong = ui_font(12, weight=QFont.Weight.DemiBold)

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        row: RecordedEntry = index.data(Qt.ItemDataRole.UserRole)
        column = AuditColumn(index.column())
        tokens = self.theme.tokens
        result = row.entry.result
        colour, font = tokens.text_2, self._plain
        if column in (AuditColumn.ACT, AuditColumn.WHAT):
            colour = tokens.text_1
        elif column is AuditColumn.RESULT and result in (AuditResult.FAILED, AuditResult.UNKNOWN):
            colour, font = tokens.danger, self._strong
        elif column is AuditColumn.RESULT and result is AuditResult.REFUSED:
            colour, font = tokens.warn, self._strong
        draw_text(
            painter,
            rect,
            str(index.data(Qt.ItemDataRole.DisplayRole)),
            colour=colour,
            font=font,
            align=Qt.AlignmentFlag.AlignRight if column is AuditColumn.COUNT else Qt.AlignmentFlag.AlignLeft,
        )


class AuditPanel(Panel):
    """Read page by page while it is seen, and only by who may."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._book = context.desk.audit
        self._model = AuditModel(now_ns=context.desk.clock.now_ns, parent=self)
        self._table = DeskTable(model=self._model, columns=_COLUMNS, parent=self)
        self._table.setObjectName("auditTable")
        self._table.setAccessibleName("Audit log")
        self._table.setItemDelegate(_AuditCells(context=context, parent=self))
        self._filter = AuditFilter(theme=context.theme, now_ns=context.desk.clock.now_ns, parent=self)
        self._empty = EmptyState(
            view=self._table,
            theme=context.theme,
            icon="eye",
            title=_NO_ENTRIES,
            hint=_HINT,
        )
        self._pick = AuditPick()
        self._is_seen = False
        self._may_read: bool | None = None
        self._is_troubled = False
        self._reading = 0
        self._lay_out()
        self._work = LongWork(tasks=context.tasks, parent=self)
        self._filter.changed.connect(self._read_anew)
        self._model.older_wanted.connect(lambda: self.context.tasks.start(self._read_older()))
        context.bridge.audit_grew.connect(self._on_grown)
        context.pulse.states.connect(self._look)
        context.theme.changed.connect(self._table.viewport().update)

    def take_focus(self) -> None:
        """Go to the search line."""
        self._filter.take_focus()

    def _lay_out(self) -> None:
        bar = Toolbar(parent=self)
        bar.row.addWidget(self._filter)
        bar.row.addStretch(1)
        self._said = QLabel(bar)
        self._said.setObjectName("auditSaid")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setProperty("tone", "second")
        bar.row.addWidget(self._said)
        self._accept = self._button(
            bar, "auditAccept", "Accept…", "Take the log as it is, changed or not, and go on from there"
        )
        self._accept.clicked.connect(self._ask_to_accept)
        self._accept.hide()
        self._verify = self._button(bar, "auditVerify", "Verify", "Prove that no entry was changed since")
        self._verify.clicked.connect(self._start_verifying)
        self._export = self._button(
            bar, "auditExport", "Export…", "Write the entries shown to a CSV or JSON file"
        )
        self._export.clicked.connect(self._choose_file)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._table, 1)

    def _button(self, bar: Toolbar, name: str, words: str, meaning: str) -> QToolButton:
        button = QToolButton(bar)
        button.setObjectName(name)
        button.setText(words)
        button.setAccessibleName(meaning)
        button.setToolTip(plain_tip(meaning))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bar.row.addWidget(button)
        return button

    # --- reading

    def _look(self) -> None:
        # A dock behind another's tab counts as visible in Qt, and raising it is no show event.
        was_seen, self._is_seen = self._is_seen, is_in_sight(self)
        could_read, self._may_read = self._may_read, self._book.may_read
        for button, is_allowed in ((self._verify, self._may_read), (self._export, self._book.may_export)):
            button.setEnabled(is_allowed)
        if not self._book.may_accept:
            self._accept.hide()
        if not self._may_read:
            if could_read is not False:
                self._model.show((), has_older=False)
                self._said.setText("Only an admin may read the audit log")
                self._empty.say("Not shown", "There may be entries: an admin sees them.", icon="lock")
        elif self._is_seen and not (was_seen and could_read):
            self._read_anew()
        elif self._book.trouble is not None:
            self._said.setText(f"Entries wait in memory: {self._book.trouble}")
            self._is_troubled = True
        elif self._is_troubled:
            self._is_troubled = False
            self._read_anew()

    def _read_anew(self) -> None:
        if self._may_read and self._is_seen:
            self.context.tasks.start(self._read_first())

    async def _read_first(self) -> None:
        self._reading += 1
        reading, pick = self._reading, self._filter.pick
        try:
            rows = await self._book.older(pick)
            count = await self._book.count(pick)
            whos, whats = await self._book.whos_and_whats()
        except TradeAssistError as error:
            self._said.setText(f"The audit log cannot be read: {error}")
            return
        if reading != self._reading or not self._may_read:
            return  # another filter was chosen meanwhile
        self._pick = pick
        if self._filter.is_open:
            self._empty.say(_NO_ENTRIES, _HINT, icon="eye")
        else:
            self._empty.say("No entry is like that", "Choose less narrowly above.", icon="eye")
        self._model.show(rows, has_older=len(rows) == PAGE_ROWS)
        self._table.scrollToTop()
        self._filter.offer(whos, whats)
        self._say(count)

    async def _read_older(self) -> None:
        reading, oldest = self._reading, self._model.oldest
        try:
            rows = await self._book.older(self._pick, below=oldest)
        except TradeAssistError as error:
            self._model.give_up_older()
            self._said.setText(f"The audit log cannot be read: {error}")
            return
        if reading == self._reading and self._may_read:
            self._model.add_older(rows, has_older=len(rows) == PAGE_ROWS)

    def _on_grown(self) -> None:
        if self._is_seen and self._may_read:
            self.context.tasks.start(self._read_newer())

    async def _read_newer(self) -> None:
        reading = self._reading
        try:
            rows = await self._book.newer(self._pick, above=self._model.newest)
            count = await self._book.count(self._pick)
        except TradeAssistError as error:
            self._said.setText(f"The audit log cannot be read: {error}")
            return
        if reading != self._reading or not self._may_read:
            return
        if len(rows) == PAGE_ROWS:  # there may be more between these and those that are shown
            self._read_anew()
            return
        bar = self._table.verticalScrollBar()
        above = bar.value()
        added = self._model.add_newer(rows)
        if above:  # what is being read stays where it is
            bar.setValue(above + added * ROW_PX)
        self._say(count)

    def _say(self, count: int) -> None:
        words = _entries(count)
        self._said.setText(words if self._filter.is_open else f"{words} picked")

    # --- what can be asked for

    def _start_verifying(self) -> None:
        async def verify() -> None:
            now_ns = self.context.desk.clock.now_ns()
            verified = await self._book.verify(
                when=lambda at_ns: audit_words.when(at_ns, now_ns=now_ns),
                on_progress=self._work.on_progress,
            )
            is_whole = verified.verdict.broken is None
            self._accept.setVisible(not is_whole and self._book.may_accept)
            title = "The audit log is whole" if is_whole else "The audit log is broken"
            dialogs.told(name="auditVerified", title=title, lines=[verified.words], parent=self).open()

        self._work.start(verify(), name="auditVerifying", title="Verifying the audit log")

    def _ask_to_accept(self) -> None:
        async def accept(reason: str) -> None:
            await self._book.accept(reason)
            self._accept.hide()
            self.context.navigator.noticed.emit("The audit log goes on from what it is now")

        dialogs.ask(
            name="auditAccepting",
            title="Accept the audit log as it is",
            words="What was changed stays changed, and is not told again. Say why: that is written down.",
            value="",
            example="the database was restored from a copy",
            take=accept,
            parent=self,
        ).open()

    def _choose_file(self) -> None:
        day = datetime.now().astimezone().strftime("%Y-%m-%d")
        chooser = QFileDialog(self, "Export the audit log", str(Path.home() / f"audit-{day}.csv"))
        chooser.setObjectName("auditFile")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setNameFilter(_FILES)
        chooser.setDefaultSuffix("csv")
        chooser.filterSelected.connect(
            lambda chosen: chooser.setDefaultSuffix("jsonl" if "jsonl" in chosen else "csv")
        )
        chooser.fileSelected.connect(lambda file: self.export_to(Path(file)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def export_to(self, file: Path) -> None:
        """Write the entries picked now to a file; its name says how."""
        pick = self._filter.pick

        async def export() -> None:
            count = await self._book.export(pick, file, on_progress=self._work.on_progress)
            self.context.navigator.noticed.emit(f"{_entries(count)} of the audit log written to {file}")

        self._work.start(export(), name="auditExporting", title="Writing the audit log")


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"
