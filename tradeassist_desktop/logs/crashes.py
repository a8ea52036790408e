"""Reports of our own mistakes: what happened where, without any value that was in play."""

import json
import logging
import os
import platform
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from tradeassist_desktop import __version__
from tradeassist_desktop.logs.mask import SecretMask

_MOST_KEPT: Final = 20
_MOST_A_RUN: Final = 10
_MOST_FRAMES: Final = 60
_MOST_CAUSES: Final = 8
_MESSAGE_LIMIT: Final = 500


class CrashReports(logging.Handler):
    """Writes ``crash-*.json`` of each error that is logged with its traceback; the newest 20 are kept.

    A report has types, messages (masked) and places of an error and of what it came from; no local
    variable, no argument of a call, no line of the source. The same error is reported once a run,
    and a run reports ten.

    Args:
        folder: Where they go, each for this user alone.
        mask: Takes secrets out of messages.
    """

    def __init__(self, *, folder: Path, mask: SecretMask) -> None:
        super().__init__(level=logging.ERROR)
        self._folder = folder
        self._mask = mask
        self._reported: set[tuple[str, str]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Report the record's error, if it has one that is not known yet."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return
        last = next(iter(traceback.extract_tb(error.__traceback__)[-1:]), None)
        what = type(error).__qualname__, f"{last.filename}:{last.lineno}" if last else ""
        if what in self._reported or len(self._reported) >= _MOST_A_RUN:
            return
        self._reported.add(what)
        now = datetime.now(UTC)
        document = {
            "time": now.isoformat(timespec="milliseconds"),
            "version": __version__,
            "python": platform.python_version(),
            # Not platform.platform(): that starts a process to ask for the processor.
            "system": f"{platform.system()} {platform.release()}",
            "logger": record.name,
            "event": self._message(str(record.msg)),
            "thread": record.threadName,
            "errors": [self._told(each) for each in _chain(error)],
        }
        try:
            with for_us_alone(report_file(self._folder, now, "json"), os.O_EXCL) as report:
                report.write(json.dumps(document, indent=1) + "\n")
            forget_old(self._folder)
        except OSError:
            pass  # the error itself is in the log, if anything can be written at all

    def _told(self, error: BaseException) -> dict[str, object]:
        try:
            message = str(error)
        except Exception as failed:  # of whatever error it is
            message = f"<{type(failed).__name__}>"
        notes = (str(note) for note in getattr(error, "__notes__", ()))
        return {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "message": self._message("\n".join([message, *notes])),
            "places": [
                f"{place.filename}:{place.lineno} in {place.name}"
                for place in traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
            ],
        }

    def _message(self, text: str) -> str:
        return self._mask(text[: 4 * _MESSAGE_LIMIT])[:_MESSAGE_LIMIT]


def report_file(folder: Path, now: datetime, kind: str) -> Path:
    """Return the name of a new report; names sort by time."""
    return folder / f"crash-{now:%Y%m%d-%H%M%S-%f}-{os.getpid()}.{kind}"


def forget_old(folder: Path) -> None:
    """Delete all reports but the newest 20."""
    for file in sorted(folder.glob("crash-2*"), key=lambda report: report.name)[:-_MOST_KEPT]:
        file.unlink(missing_ok=True)


def for_us_alone(file: Path, flags: int) -> TextIO:
    """Create a file that nobody else can read at any time; follows no link."""
    file.parent.mkdir(parents=True, exist_ok=True)
    wanted = os.O_WRONLY | os.O_CREAT | flags | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(file, wanted, 0o600)
    if sys.platform != "win32":
        os.fchmod(descriptor, 0o600)  # of one that was there
    return os.fdopen(descriptor, "w", encoding="utf-8")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from, newest first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < _MOST_CAUSES:
        seen.add(id(current))
        yield current
        hidden = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ if current.__cause__ is not None else hidden
