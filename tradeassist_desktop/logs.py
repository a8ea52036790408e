"""Logging: JSON lines in a bounded file, short lines for people, and no secret in either."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Final

_FILE_BYTES: Final = 5_000_000
_FILES_KEPT: Final = 4
_TEXT_LIMIT: Final = 4_000
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
# What a token looks like on the wire: Schwab's, Slack's, and anything handed over as a bearer or in a query.
_TOKEN_SHAPES: Final = re.compile(
    r"(I0\.[\w\-+/=.]{8,}@?|xox[abpers]-[\w-]{8,}|(?<=[Bb]earer )[\w\-.=+/@]{8,}|(?<=[Bb]asic )[\w=+/]{8,}"
    r"|(?<=code=)[^&\s\"']+|(?<=token=)[^&\s\"']+)"
)
_MASK: Final = "•••"
_SHORTEST: Final = 6
_MOST_LASTING: Final = 2_000
_MOST_PASSING: Final = 32


class SecretMask:
    """Replaces secrets in texts that are about to be written.

    Texts under 6 characters would mask ordinary words and are not taken.
    """

    def __init__(self) -> None:
        self._lasting: dict[str, None] = {}
        self._passing: dict[str, None] = {}

    def learn(self, secrets: Iterable[str]) -> None:
        """Mask these from now on: the newest 2,000, of which one learned again is new again."""
        _add(self._lasting, secrets, most=_MOST_LASTING)

    def learn_passing(self, secrets: Iterable[str]) -> None:
        """Mask these until 32 others have come: tokens that are good for half an hour, one after another."""
        _add(self._passing, secrets, most=_MOST_PASSING)

    def __call__(self, text: str) -> str:
        """Return ``text`` without secrets."""
        # Copies: another thread may learn one meanwhile.
        for secret in (*self._lasting, *self._passing):
            text = text.replace(secret, _MASK)
        return _TOKEN_SHAPES.sub(_MASK, text)


def _add(known: dict[str, None], secrets: Iterable[str], *, most: int) -> None:
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            known.pop(secret, None)
            known[secret] = None
    while len(known) > most:
        del known[next(iter(known))]


_ANSWERING: Final = ("tradeassist_desktop.app.replay_commands",)
"""Who answers what was typed on standard input: their lines are for people, whatever their level."""


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event, and the values given as ``extra``.

    JSON escapes newlines and control characters, so a hostile symbol cannot forge a line.
    """

    def __init__(self, *, mask: SecretMask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self._mask(record.getMessage())[:_TEXT_LIMIT],
        }
        for key, value in record.__dict__.items():
            if key not in _STANDARD:
                is_plain = isinstance(value, bool | int | float) or value is None
                name = f"{key}_" if key in entry else key  # "event" is the line's own
                entry[name] = value if is_plain else self._mask(str(value))[:_TEXT_LIMIT]
        if record.exc_info and record.exc_info[0] is not None:
            entry["traceback"] = self._mask("".join(traceback.format_exception(*record.exc_info)))[
                -_TEXT_LIMIT:
            ]
        return json.dumps(entry, ensure_ascii=True)


class _ForPeople(logging.Formatter):
    def __init__(self, *, mask: SecretMask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        # Without the traceback: that is for the log file.
        text = self._mask(record.getMessage())[:_TEXT_LIMIT]
        values = {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
        tail = "".join(f" {key}={self._mask(str(value))!r}" for key, value in values.items())
        return f"tradeassist: {text}{tail}"


def _is_for_people(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.name in _ANSWERING


def start(*, file: Path | None, as_json: bool, mask: SecretMask) -> None:
    """Log to ``file`` from INFO on, and to standard error: everything as JSON, or warnings for people."""
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.INFO)
    # httpx and aiohttp log whole URLs at INFO, and a webhook's path is a secret.
    for name in ("httpx", "httpcore", "aiohttp", "asyncio", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    console = logging.StreamHandler(sys.stderr)
    console.setFormatter(JsonLines(mask=mask) if as_json else _ForPeople(mask=mask))
    if not as_json:
        console.addFilter(_is_for_people)
    root.addHandler(console)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        keeper = RotatingFileHandler(
            file, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8", delay=True
        )
        keeper.setFormatter(JsonLines(mask=mask))
        root.addHandler(keeper)


def file_in_use() -> Path | None:
    """Return the log file now written to, or ``None``."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, RotatingFileHandler):
            return Path(handler.baseFilename)
    return None


def catch_strays() -> None:
    """Log exceptions that nobody caught, as those of Qt's slots, instead of printing them."""

    def on_stray(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        logging.getLogger(__name__).error("uncaught exception", exc_info=(kind, error, trace))

    sys.excepthook = on_stray
