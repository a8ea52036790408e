"""Errors that nobody caught: into the log, and from there into a crash report; not onto the terminal."""

import logging
import sys
import threading
from types import TracebackType

log = logging.getLogger(__name__)


def catch_strays() -> None:
    """Log what nobody caught, as in Qt's slots, in threads and in finalisers, instead of printing it.

    Python's own words on it go to standard error, past the mask.
    """

    def tell(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        log.error("uncaught exception", exc_info=(kind, error if error is not None else kind(), trace))

    def on_stray(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            tell(kind, error, trace)

    def on_stray_of_thread(arguments: threading.ExceptHookArgs) -> None:
        if not issubclass(arguments.exc_type, SystemExit):
            tell(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def on_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
        tell(unraisable.exc_type, unraisable.exc_value, unraisable.exc_traceback)

    sys.excepthook = on_stray
    threading.excepthook = on_stray_of_thread
    sys.unraisablehook = on_unraisable
