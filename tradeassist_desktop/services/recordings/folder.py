"""The folder of recordings: what is in it, a bin for what is deleted, room for what is to come."""

import json
import logging
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.recordings import FileSummary, KeptRecording
from tradeassist_desktop.recordings.lines import reason
from tradeassist_desktop.recordings.survey import survey

log = logging.getLogger(__name__)

_SUFFIXES: Final = (".csv.gz", ".csv", ".parquet", ".pq")
_SCHEDULED: Final = "session-"
_BIN: Final = ".trash"
_INDEX: Final = ".index.json"
_MOST_SURVEYED_BYTES: Final = 30_000_000
"""Larger files are not read through just to tell what is in them."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What reading or writing a file through has shown of it."""

    rows: int
    first_ns: int
    last_ns: int
    symbols: tuple[str, ...]


class RecordingFolder:
    """Files by name. Blocks on the disk: to be asked from a thread.

    Args:
        folder: Made when first needed.
    """

    def __init__(self, *, folder: Path) -> None:
        self.folder = folder

    # --- names

    def name_for(self, now_ns: int, venue: str) -> Path:
        """Return where a recording begun now by the trader goes."""
        moment = datetime.fromtimestamp(now_ns // NS_PER_SECOND, UTC)
        return self._free(f"{moment:%Y-%m-%dT%H%M%SZ}-{venue}")

    def name_for_session(self, day: str, venue: str) -> Path:
        """Return where the recording of a session goes; a further part where there is one already."""
        return self._free(f"{_SCHEDULED}{day}-{venue}")

    def _free(self, stem: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = 1
        while True:
            path = self.folder / (f"{stem}.csv.gz" if part == 1 else f"{stem}-{part}.csv.gz")
            if not path.exists():
                return path
            part += 1

    # --- what is there

    def free_bytes(self, file: Path) -> int:
        """Return how much can still be written where a file is."""
        return shutil.disk_usage(file.parent).free

    def list(self) -> list[KeptRecording]:
        """Return every recording, newest first, with its contents as far as they are known."""
        index = self._read_index()
        paths = list(self.folder.iterdir()) if self.folder.is_dir() else []
        found = [
            self._kept(path, index)
            for path in paths
            if path.name.lower().endswith(_SUFFIXES) and path.is_file()
        ]
        return sorted(found, key=lambda kept: (-kept.made_ns, kept.file.name))

    def learn(self, kept: KeptRecording, contents: Contents | None = None) -> KeptRecording:
        """Return a recording with its contents, read through unless they are given, and keep them in mind.

        A file that is too large for that, or cannot be read, is returned as it was.
        """
        is_own = contents is not None
        if contents is None:
            if kept.size_bytes > _MOST_SURVEYED_BYTES:
                return kept
            try:
                summary = survey(kept.file)
            except BadInput as error:
                log.info("recording cannot be read", extra={"file": kept.file.name, "reason": str(error)})
                return kept
            contents = Contents(summary.rows, summary.first_ns, summary.last_ns, summary.symbols)
        index = self._read_index()
        index[kept.file.name] = {
            "made_ns": kept.made_ns,
            "rows": contents.rows,
            "first_ns": contents.first_ns,
            "last_ns": contents.last_ns,
            "symbols": list(contents.symbols),
            "is_own": is_own,
        }
        self._write_index(index)
        return _with(kept, contents)

    def summary(self, file: Path) -> FileSummary | None:
        """Return what a file that was recorded here holds; ``None`` where only reading it would tell."""
        if file.parent != self.folder or not file.is_file():
            return None
        index = self._read_index()
        kept = self._kept(file, index)
        if kept.rows is None or kept.first_ns is None or kept.last_ns is None:
            return None
        # What was found by reading may have had rows that could not be read; what was written here has none.
        if not index[file.name].get("is_own"):
            return None
        return FileSummary(
            path=file,
            kind="a live session",
            rows=kept.rows,
            symbols=kept.symbols,
            first_ns=kept.first_ns,
            last_ns=kept.last_ns,
            unreadable=0,
            faults=(),
        )

    def kept(self, file: Path) -> KeptRecording:
        """Return one file of the folder.

        Raises:
            OSError: it is not there.
        """
        return self._kept(file, self._read_index())

    def _kept(self, path: Path, index: dict[str, Any]) -> KeptRecording:
        state = path.stat()
        kept = KeptRecording(
            file=path,
            size_bytes=state.st_size,
            made_ns=state.st_mtime_ns,
            is_scheduled=path.name.startswith(_SCHEDULED),
        )
        known = index.get(path.name)
        try:
            if known is None or known["made_ns"] != kept.made_ns:
                return kept
            contents = Contents(
                int(known["rows"]), int(known["first_ns"]), int(known["last_ns"]), tuple(known["symbols"])
            )
        except (KeyError, TypeError, ValueError):
            return kept
        return _with(kept, contents)

    def _read_index(self) -> dict[str, Any]:
        try:
            index = json.loads((self.folder / _INDEX).read_bytes())
        except (OSError, ValueError):
            return {}
        return index if isinstance(index, dict) else {}

    def _write_index(self, index: dict[str, Any]) -> None:
        present = {name: known for name, known in index.items() if (self.folder / name).exists()}
        with suppress(OSError):  # it only saves the time of reading files through again
            new = self.folder / f"{_INDEX}.new"
            new.write_text(json.dumps(present))
            new.replace(self.folder / _INDEX)

    # --- deleting

    def throw_away(self, file: Path) -> None:
        """Move a recording to the bin.

        Raises:
            TradeAssistError: it could not be moved.
        """
        place = self.folder / _BIN
        try:
            place.mkdir(exist_ok=True)
            file.replace(place / file.name)
        except OSError as error:
            raise TradeAssistError(f"{file.name} could not be deleted: {reason(error)}") from error

    def take_back(self, file: Path) -> None:
        """Move a recording from the bin back to where it was.

        Raises:
            TradeAssistError: it is gone, or another has its name by now.
        """
        if file.exists():
            raise TradeAssistError(f"{file.name} cannot come back: another recording has its name")
        try:
            (self.folder / _BIN / file.name).replace(file)
        except OSError as error:
            raise TradeAssistError(f"{file.name} could not be brought back: {reason(error)}") from error

    def empty_bin(self) -> None:
        """Remove for good what was deleted."""
        shutil.rmtree(self.folder / _BIN, ignore_errors=True)

    def make_room(self, *, most_files: int, most_bytes: float, spared: Path | None) -> Sequence[Path]:
        """Remove the oldest recordings of the schedule beyond these limits; return which.

        Args:
            spared: The one being written: counted, but never removed.
        """
        scheduled = [kept for kept in self.list() if kept.is_scheduled]  # newest first
        removed = []
        size_bytes = 0
        for files, kept in enumerate(scheduled, 1):
            size_bytes += kept.size_bytes
            if files > 1 and (files > most_files or size_bytes > most_bytes) and kept.file != spared:
                with suppress(OSError):
                    kept.file.unlink()
                    removed.append(kept.file)
                    log.info("old recording removed", extra={"file": kept.file.name})
        return removed


def _with(kept: KeptRecording, contents: Contents) -> KeptRecording:
    return replace(
        kept,
        rows=contents.rows,
        first_ns=contents.first_ns,
        last_ns=contents.last_ns,
        symbols=contents.symbols,
    )
