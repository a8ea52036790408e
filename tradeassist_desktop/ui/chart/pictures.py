"""Pictures of a chart: into a file, or onto the clipboard."""

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QStandardPaths
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.ui import text


def copy_picture(picture: QPixmap) -> None:
    """Put a picture onto the clipboard."""
    QGuiApplication.clipboard().setPixmap(picture)


def save_picture(shown: QWidget, file: Path) -> None:
    """Write a picture of a widget: lines and letters where the file's name ends with ``.svg``, else PNG.

    Raises:
        TradeAssistError: it could not be written.
    """
    is_written = _draw(shown, file) if file.suffix.lower() == ".svg" else shown.grab().save(str(file), "PNG")
    if not is_written:
        raise TradeAssistError(f"The picture could not be written to {file}: choose another folder.")


def _draw(shown: QWidget, file: Path) -> bool:
    drawing = QSvgGenerator()
    drawing.setFileName(str(file))
    drawing.setSize(shown.size())
    drawing.setViewBox(shown.rect())
    drawing.setResolution(shown.logicalDpiX())
    drawing.setTitle("Chart")
    painter = QPainter()
    if not painter.begin(drawing):
        return False
    shown.render(painter, QPoint())
    return painter.end()


def picture_name(symbol: str, timeframe: str, now_ns: int) -> str:
    """Return the name a picture's file is offered under: ``ES 1m 2024-07-02 14.30``."""
    plain = re.sub(r"[^A-Za-z0-9.-]+", " ", symbol).strip(" .") or "Chart"
    return f"{plain} {timeframe} {text.local(now_ns):%Y-%m-%d %H.%M}"


def ask_for_file(name: str, take: Callable[[Path], object], parent: QWidget) -> None:
    """Ask where a picture is to be written, and give ``take`` the answer."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    dialog = QFileDialog(parent, "Save picture of the chart", str(Path(pictures) / name))
    kinds = {"Picture (*.png)": "png", "Drawing, sharp at any size (*.svg)": "svg"}
    dialog.setNameFilters(list(kinds))
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(kinds[kind]))
    dialog.setObjectName("chartPicture")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("png")
    dialog.fileSelected.connect(lambda chosen: take(Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
