"""A window that has ended is let go of: each replay opens another."""

import asyncio
import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from tradeassist_desktop import paths
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.theme import Theme


async def test_nothing_holds_a_window_once_it_has_ended(
    qapp: QApplication, desk: Any, tmp_path: Path, until: Callable[..., Any]
) -> None:
    theme = Theme(application=qapp, resources=paths.resources())
    theme.start("dark", "green_red")
    window = MainWindow(desk=desk, theme=theme, state_file=tmp_path / "layout.ini")
    window.start()
    held = weakref.ref(window)
    await until(lambda: held().panel("chart") is not None)

    await window.finish(is_followed=True)
    window.hide()
    window.deleteLater()
    theme.stop()
    theme.deleteLater()
    del window, theme
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    await asyncio.sleep(0)
    gc.collect()

    assert held() is None
