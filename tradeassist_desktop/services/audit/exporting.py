"""Writes picked entries of the audit log to a CSV or JSON file, a part at a time."""

import asyncio
import contextlib
import json
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from tradeassist_desktop.domain.audit import AuditPick, RecordedEntry
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.exports.csv_cells import csv_line
from tradeassist_desktop.storage.audit_store import AuditStore

_ROWS_AT_ONCE: Final = 500
_COLUMNS: Final = (
    "number",
    "time_utc",
    "who",
    "act",
    "what",
    "version",
    "source",
    "result",
    "detail",
    "count",
)


class ExportFormat(StrEnum):
    """How a file is written; its value is the name's ending."""

    CSV = "csv"
    JSON_LINES = "jsonl"


def format_of(file: Path) -> ExportFormat:
    """Return the format that a file's name asks for.

    Raises:
        TradeAssistError: it ends in something else.
    """
    ending = file.suffix.lower().removeprefix(".")
    if ending == "json":
        return ExportFormat.JSON_LINES
    if ending not in tuple(ExportFormat):
        raise TradeAssistError(f"{file.name}: a file's name must end in .csv or .jsonl")
    return ExportFormat(ending)


async def export(
    store: AuditStore, pick: AuditPick, file: Path, *, on_progress: Callable[[int, int], None]
) -> int:
    """Write the picked entries, oldest first; return how many there were.

    The file is there once it is whole: until then it has another name, and none is left where this
    fails or is cancelled.

    Args:
        on_progress: Told, every so many entries, how far it is and how far it has to go.

    Raises:
        TradeAssistError: it cannot be written.
        StorageFailed: the log cannot be read.
    """
    written_as = format_of(file)
    lines_of = _csv_lines if written_as is ExportFormat.CSV else _json_lines
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        with _opened(unfinished) as stream:
            if written_as is ExportFormat.CSV:
                stream.write(csv_line(_COLUMNS).encode())
            count = await _write(store, pick, stream, lines_of, on_progress)
            await asyncio.to_thread(_finish, stream)
        unfinished.replace(file)
    except OSError as error:
        raise TradeAssistError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return count


async def _write(
    store: AuditStore,
    pick: AuditPick,
    stream: BinaryIO,
    lines_of: Callable[[Sequence[RecordedEntry]], str],
    on_progress: Callable[[int, int], None],
) -> int:
    end = (await store.end()).number
    above, count = 0, 0
    while above < end:
        entries, looked_at = await store.following(pick, above=above, limit=_ROWS_AT_ONCE)
        if looked_at == above:
            break
        entries = [each for each in entries if each.number <= end]
        # Beside the loop: a folder may be on a slow disk, or on another machine.
        await asyncio.to_thread(_append, stream, lines_of, entries)
        above, count = looked_at, count + len(entries)
        on_progress(min(above, end), end)
    return count


def _opened(path: Path) -> BinaryIO:
    # For its user only, from the first moment on.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _append(
    stream: BinaryIO, lines_of: Callable[[Sequence[RecordedEntry]], str], entries: Sequence[RecordedEntry]
) -> None:
    stream.write(lines_of(entries).encode())


def _finish(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _csv_lines(entries: Sequence[RecordedEntry]) -> str:
    return "".join(
        csv_line(
            (
                each.number,
                _time(each.entry.at_ns),
                each.entry.who,
                each.entry.act.value,
                each.entry.what,
                each.entry.version,
                each.entry.source,
                each.entry.result.value,
                each.entry.detail,
                each.entry.count,
            )
        )
        for each in entries
    )


def _json_lines(entries: Sequence[RecordedEntry]) -> str:
    return "".join(
        json.dumps(
            {
                "number": each.number,
                "time_utc": _time(each.entry.at_ns),
                "at_ns": each.entry.at_ns,
                "who": each.entry.who,
                "act": each.entry.act.value,
                "what": each.entry.what,
                "version": each.entry.version,
                "source": each.entry.source,
                "result": each.entry.result.value,
                "detail": each.entry.detail,
                "count": each.entry.count,
            }
        )
        + "\n"
        for each in entries
    )


def _time(at_ns: int) -> str:
    try:
        moment = datetime.fromtimestamp(at_ns // 1_000_000_000, tz=UTC)
    except (OverflowError, OSError, ValueError):  # changed by who knows whom
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ns // 1_000_000 % 1_000:03d}Z"
