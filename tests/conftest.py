"""What every test stands on: no display, the Qt loop only where Qt is, nothing but loopback."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # without a display Qt aborts the whole run otherwise
os.environ["QT_API"] = "pyside6"

import asyncio
import gc
import signal
from collections.abc import Callable, Generator
from typing import Any

import pytest
from PySide6.QtCore import QObject

# Qt takes the first thread that makes one of its objects for its main one: of a test that draws a
# picture beside the loop that would be a thread that ends, and every window after it would fail.
_MADE_IN_THE_MAIN_THREAD = QObject()


def _qt_loop() -> asyncio.AbstractEventLoop:
    from PySide6.QtWidgets import QApplication

    from tradeassist_desktop.ui.loop import DeskLoop

    app = QApplication.instance() or QApplication(["tests"])
    app.setQuitOnLastWindowClosed(False)  # else closing a widget stops the loop in mid-test
    return DeskLoop(app)


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Any]:
    """Tests that use a Qt fixture run on the desk's loop, all others on asyncio's own."""
    if {"qtbot", "qapp"} & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("qt_loop"):
        return {"qt": _qt_loop}
    return {"asyncio": asyncio.SelectorEventLoop}


def pytest_configure(config: pytest.Config) -> None:
    # A run that a shell put in the background ignores Ctrl+C, and so would every program it starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="also run what takes minutes: soak, fuzz, hundreds of kills"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    # What one worker runs alone takes minutes: begun late, all others would wait for it.
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Collect a window's cycles on this thread: the storage thread of a later test would crash at it."""
    if not {"qtbot", "qapp"} & set(getattr(item, "fixturenames", ())):
        return (yield)
    # What stands before a test is set aside: looking through all of it took a quarter of the tests' time.
    gc.freeze()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.unfreeze()


@pytest.fixture
def until() -> Callable[..., Any]:
    """``await until(condition)``: wait until it holds, or fail after ``timeout`` seconds."""

    async def wait(condition: Callable[[], object], timeout: float = 20.0) -> None:
        async with asyncio.timeout(timeout):
            while not condition():
                await asyncio.sleep(0.005)

    return wait
