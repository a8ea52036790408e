"""Where log lines go, and which of libraries' lines are let through."""

import logging
import os
import sys
from collections.abc import MutableMapping
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final, TextIO

from tradeassist_desktop.logs.crashes import CrashReports
from tradeassist_desktop.logs.lines import OURS, JsonLines, LinesForPeople
from tradeassist_desktop.logs.mask import SecretMask

_FILE_BYTES: Final = 5_000_000
_FILES_KEPT: Final = 4
_ANSWERING: Final = ("tradeassist_desktop.app.replay_commands",)
"""Who answers what was typed on standard input: their lines are for people, whatever their level."""

_TALKATIVE: Final[dict[str, str | None]] = {
    "GOOGLE_SDK_PYTHON_LOGGING_SCOPE": None,  # Google's clients write each request and answer
    "GRPC_TRACE": None,
    "GRPC_VERBOSITY": "NONE",  # gRPC's core writes past Python's logging
    "PYTHONASYNCIODEBUG": None,  # names the arguments of slow callbacks
    "SSLKEYLOGFILE": None,  # keys that open what was sent encrypted
}
"""What libraries read from the environment, and would then write past the mask."""


def start(
    *, file: Path | None, as_json: bool, mask: SecretMask, for_people_from: int = logging.WARNING
) -> None:
    """Log to ``file`` from INFO on, and to standard error: everything as JSON, or warnings for people.

    Beside the file go reports of the errors in it.

    Args:
        for_people_from: Below which level people are shown nothing.
    """
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.INFO)
    console = _Console(sys.stderr)
    console.setFormatter(JsonLines(mask=mask) if as_json else LinesForPeople(mask=mask))
    console.addFilter(_is_let_through)
    if not as_json:
        console.addFilter(lambda record: record.levelno >= for_people_from or record.name in _ANSWERING)
    root.addHandler(console)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        keeper = _LogFile(file, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8", delay=True)
        keeper.setFormatter(JsonLines(mask=mask))
        keeper.addFilter(_is_let_through)
        root.addHandler(keeper)
        root.addHandler(CrashReports(folder=file.parent, mask=mask))


def quieten_libraries(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take from the environment what makes libraries write past the log. Before they are imported."""
    for name, text in _TALKATIVE.items():
        if text is None:
            environment.pop(name, None)
        else:
            environment[name] = text


def file_in_use() -> Path | None:
    """Return the log file now written to, or ``None``."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, RotatingFileHandler):
            return Path(handler.baseFilename)
    return None


def _is_let_through(record: logging.LogRecord) -> bool:
    """Whether a record may be written: of libraries only warnings, whatever level their loggers were given.

    httpx and aiohttp tell whole addresses at INFO, and a webhook's path is a secret; Google's
    clients tell answers at DEBUG, and those are secrets altogether.
    """
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in OURS


class _Console(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: the terminal is gone, and logging's own words would tell the record's arguments."""


class _LogFile(RotatingFileHandler):
    """A log file for this user alone, which tells once that it cannot be written."""

    _has_told = False

    def _open(self) -> TextIOWrapper:
        wanted = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self.baseFilename, wanted, 0o600)
        if sys.platform != "win32":
            os.fchmod(descriptor, 0o600)  # of one that an older version made
        return TextIOWrapper(os.fdopen(descriptor, "ab"), encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say so once: logging's own words would tell the record's arguments unmasked, each time."""
        if self._has_told or not sys.stderr:
            return
        self._has_told = True
        error = sys.exc_info()[1]
        reason = getattr(error, "strerror", None) or type(error).__name__
        sys.stderr.write(f"tradeassist: the log {self.baseFilename} cannot be written: {reason}\n")
