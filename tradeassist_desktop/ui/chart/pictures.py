"""Pictures of a chart: into a file, or onto the clipboard."""

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QFileDialog, QWidget

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.ui import text


def copy_picture(picture: QPixmap) -> None:
    """Put a picture onto the clipboard."""
    QGuiApplication.clipboard().setPixmap(picture)


def save_picture(picture: QPixmap, file: Path) -> None:
    """Write a picture as PNG.

    Raises:
        TradeAssistError: it could not be written.
    """
    if not picture.save(str(file), "PNG"):
        raise TradeAssistError(f"The picture could not be written to {file}: choose another folder.")


def picture_name(symbol: str, timeframe: str, now_ns: int) -> str:
    """Return the name a picture's file is offered under: ``ES 1m 2024-07-02 14.30.png``."""
    plain = re.sub(r"[^A-Za-z0-9.-]+", " ", symbol).strip(" .") or "Chart"
    return f"{plain} {timeframe} {text.local(now_ns):%Y-%m-%d %H.%M}.png"


def ask_for_file(name: str, take: Callable[[Path], object], parent: QWidget) -> None:
    """Ask where a picture is to be written, and give ``take`` the answer."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    dialog = QFileDialog(parent, "Save picture of the chart", str(Path(pictures) / name), "Pictures (*.png)")
    dialog.setObjectName("chartPicture")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("png")
    dialog.fileSelected.connect(lambda chosen: take(Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
