"""Lets a file take the place of what the desk has kept: chosen, or dropped."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QToolButton, QWidget

from tradeassist_desktop.services.testing.preview import MarketFile
from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.tips import plain_tip

_FILTER: Final = "Ticks or bars (*.csv *.csv.gz *.parquet *.pq);;All files (*)"
_SUFFIXES: Final = (".csv", ".csv.gz", ".parquet", ".pq")


class FileChoice(QWidget):
    """A button that chooses a file, and one that goes back to what is kept.

    Args:
        drops_on: Files may be dropped there too.
    """

    changed = Signal()
    """Another file counts, or none."""

    def __init__(self, *, context: PanelContext, drops_on: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.file: MarketFile | None = None
        self.usual_symbol = ""
        """What a file that does not say is most likely of."""
        self._open = QToolButton(self)
        self._open.setObjectName("testFile")
        self._open.setAccessibleName("Try the rule on a file")
        self._open.clicked.connect(self.choose)
        self._back = QToolButton(self)
        self._back.setObjectName("testFileBack")
        self._back.setAccessibleName("Go back to what the desk has kept")
        self._back.setToolTip(plain_tip("Go back to what the desk has kept"))
        self._back.clicked.connect(self.leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._open)
        row.addWidget(self._back)
        self._drops_on = drops_on
        drops_on.setAcceptDrops(True)
        drops_on.installEventFilter(self)
        context.theme.changed.connect(self._show)
        self._show()

    def choose(self) -> None:
        """Let the trader choose a file."""
        place = self._context.desk.recordings.place
        chooser = QFileDialog(self, "Try a rule on a file", str(place if place.is_dir() else Path.home()))
        chooser.setObjectName("testFileChooser")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilter(_FILTER)
        chooser.fileSelected.connect(lambda file: self.take(Path(file)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def take(self, file: Path) -> None:
        """Use this file; where it does not say what it is of, ask."""
        self._context.tasks.start(self._take(file))

    def leave(self) -> None:
        """Use no file."""
        self._set(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take one file of ticks or bars that is dropped."""
        if isinstance(event, QDragEnterEvent) and _dropped(event) is not None:
            event.acceptProposedAction()
            return True
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            file = _dropped(event)
            if file is not None:
                event.acceptProposedAction()
                self.take(file)
                return True
        return False

    async def _take(self, file: Path) -> None:
        if not await self._context.desk.recordings.needs_symbol(file):
            self._set(MarketFile(file))
            return

        async def take(symbol: str) -> None:
            if symbol.strip():
                self._set(MarketFile(file, symbol=symbol.strip().upper()))

        dialogs.ask(
            name="testFileSymbol",
            title="Which symbol is this?",
            words=f"{file.name} has no symbol column. Say what its rows are of.",
            value=self.usual_symbol,
            example="/ES",
            take=take,
            parent=self,
        ).open()

    def _set(self, file: MarketFile | None) -> None:
        if file != self.file:
            self.file = file
            self._show()
            self.changed.emit()

    def _show(self) -> None:
        theme = self._context.theme
        self._open.setIcon(theme.icon("open"))
        self._back.setIcon(theme.icon("close", theme.tokens.text_3, 12))
        self._back.setVisible(self.file is not None)
        named = "Try the rule on a recording or a file of ticks or bars (or drop one here)"
        self._open.setToolTip(plain_tip(named if self.file is None else str(self.file.path)))


def _dropped(event: QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    file = Path(urls[0].toLocalFile())
    return file if file.name.lower().endswith(_SUFFIXES) else None
