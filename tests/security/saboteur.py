"""The real program, with mistakes in it that quote secrets: ``saboteur.py HOW ARGUMENTS…``.

Once an alert is delivered it fails ``in-thread``, ``in-task``, ``in-callback``, ``in-slot``, in a
``finaliser`` or as a whole (``abort``); each error's text quotes every secret of the environment.
"""

import asyncio
import gc
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

# Read before the program takes them out of the environment.
QUOTED = " ".join(os.environ[name] for name in os.environ["CANARY_VARIABLES"].split(","))
del os.environ["CANARY_VARIABLES"]


def fail(quoted: str) -> NoReturn:
    kept = {"local": quoted}
    raise RuntimeError(f"the server refused {kept['local']}")


async def failing() -> None:
    fail(QUOTED)


class Torn:
    def __del__(self) -> None:
        fail(QUOTED)


def loop() -> asyncio.AbstractEventLoop:
    return next(
        each for each in gc.get_objects() if isinstance(each, asyncio.AbstractEventLoop) and each.is_running()
    )


def in_slot() -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance()
    assert application is not None
    loop().call_soon_threadsafe(lambda: QTimer.singleShot(0, application, lambda: fail(QUOTED)))


def in_task() -> None:
    kept: list[asyncio.Task[None]] = []
    loop().call_soon_threadsafe(lambda: kept.append(loop().create_task(failing())))
    loop().call_soon_threadsafe(lambda: loop().call_later(0.05, kept.clear))


def abort() -> None:
    quoted = QUOTED  # a local of the frame that is written down
    assert quoted
    os.abort()


HOW: dict[str, Callable[[], object]] = {
    "in-thread": lambda: fail(QUOTED),
    "in-task": in_task,
    "in-callback": lambda: loop().call_soon_threadsafe(fail, QUOTED),
    "in-slot": in_slot,
    "finaliser": lambda: Torn() and None,
    "abort": abort,
}


def on_first_delivery(how: Callable[[], object]) -> None:
    """Have it done once an alert was delivered: told by the record of it, as there is no other way in."""
    make = logging.getLogRecordFactory()
    left = [how]

    def heard(*arguments: Any, **words: Any) -> logging.LogRecord:
        record = make(*arguments, **words)
        if left and record.msg == "delivered":
            threading.Thread(target=left.pop(), name="saboteur").start()
        return record

    logging.setLogRecordFactory(heard)


if __name__ == "__main__":
    on_first_delivery(HOW[sys.argv.pop(1)])
    from tradeassist_desktop.cli import main

    sys.exit(main())
