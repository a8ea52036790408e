"""What one log record looks like: as a JSON line, and for people on a terminal."""

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from tradeassist_desktop.logs.mask import SecretMask

OURS: Final = ("tradeassist_desktop", "tradeassist", "qt", "__main__")
"""Whose values go along with the text; libraries put requests, answers and tokens there."""

_TEXT_LIMIT: Final = 4_000
_PEOPLE_LIMIT: Final = 1_000
_VALUE_LIMIT: Final = 200
# A text is cut before it is masked, as a megabyte would take long, and again after it, as the first cut
# may have left a piece of a secret that is too short to be known.
_READ_LIMIT: Final = 4 * _TEXT_LIMIT
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


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
            "event": self._masked(_message(record)),
        }
        for key, value in _values(record):
            is_plain = isinstance(value, bool | int | float) or value is None
            name = f"{key}_" if key in entry else key  # "event" is the line's own
            entry[self._masked(name)] = value if is_plain else self._masked(_text(value))
        if record.exc_info and record.exc_info[0] is not None:
            trace = "".join(traceback.format_exception(*record.exc_info))
            # The end tells most: what was raised last, and where.
            entry["traceback"] = self._mask(trace[-_READ_LIMIT:])[-_TEXT_LIMIT:]
        return json.dumps(entry, ensure_ascii=True)

    def _masked(self, text: str) -> str:
        return self._mask(text[:_READ_LIMIT])[:_TEXT_LIMIT]


class LinesForPeople(logging.Formatter):
    """One short line, without the traceback, which is for the log file.

    What could move the cursor or turn the reading order is written out.
    """

    def __init__(self, *, mask: SecretMask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        text = self._mask(_message(record)[:_READ_LIMIT])[:_PEOPLE_LIMIT]
        tail = "".join(
            f" {printable(key)}={self._mask(_text(value)[:_READ_LIMIT])[:_VALUE_LIMIT]!r}"
            for key, value in _values(record)
        )
        return f"tradeassist: {printable(text)}{tail}"


def printable(text: str) -> str:
    """Return ``text`` with control characters, line breaks and turns of the reading order written out."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # wrong arguments, of whoever logs: the line is worth more than the complaint
        return _text(record.msg)


def _values(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    if record.name.partition(".")[0] not in OURS:
        return
    for key, value in record.__dict__.items():
        if key not in _STANDARD:
            yield key, value


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # of whatever was given
        return f"<{type(value).__name__}: {type(error).__name__}>"
