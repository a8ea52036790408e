"""A desk of the window's tests with a past that is really kept, and looked at by the real process."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar
from tradeassist_desktop.services.backtesting.backtests import Backtests
from tradeassist_desktop.services.testing.fire_drill import FireDrill
from tradeassist_desktop.services.testing.previews import Previews
from tradeassist_desktop.services.testing.sweeps import Sweeps
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore

MINUTE_NS = 60 * NS_PER_SECOND


@asynccontextmanager
async def kept_past(desk: Any, folder: Path) -> AsyncIterator[MarketStore]:
    """Give the desk a past, empty to begin with; what is put into the store is found by its services."""
    database = Database(path=folder / "past.db")
    await database.start()
    store = MarketStore(database=database, venue="demo")
    desk.previews = Previews(
        database=database.path,
        venue_of=store.venue_of,
        instrument=desk.market.instrument,
        event_now_ns=desk.market.event_now_ns,
    )
    desk.sweeps = Sweeps(backtests=Backtests(most_workers=1), previews=desk.previews)
    desk.fire_drill = FireDrill(
        routing=desk.routing,
        channel_setup=desk.channel_setup,
        explain=lambda uid, symbol: None,
        quote=desk.market.quote,
        instrument=desk.market.instrument,
        event_now_ns=desk.market.event_now_ns,
    )
    try:
        yield store
    finally:
        await desk.previews.close()
        await database.stop()


def walk(until_ns: int, minutes: int, symbol: str = "/ES") -> list[Bar]:
    """Return a seeded walk of minutes up to an instant, from 5,500 on."""
    chance = random.Random(2)
    bars, price = [], 5500.0
    for start_ns in range(until_ns - minutes * MINUTE_NS, until_ns, MINUTE_NS):
        before = price
        price += chance.choice((-1.0, -0.5, 0.25, 0.5, 0.75))
        high, low = max(before, price) + 0.25, min(before, price) - 0.25
        bars.append(Bar(symbol, "1m", start_ns, start_ns + MINUTE_NS, before, high, low, price, 10.0))
    return bars


def drop(file: Path, onto: QWidget) -> None:
    """Drag a file onto a widget and let go of it."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(onto, QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, *keys))
    QApplication.sendEvent(onto, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, *keys))
