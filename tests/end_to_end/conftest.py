"""The real program as a child process, watched through what it logs and prints."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.gnome_keyring import gnome_keyring

ROOT = Path(__file__).parents[2]


class Program:
    """One running ``tradeassist``: its JSON log events and its standard output, as they come."""

    def __init__(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        command: Sequence[str] = (sys.executable, "-P", "-m", "tradeassist_desktop"),
    ) -> None:
        self.started = time.time()
        self.log: list[dict[str, Any]] = []
        self.other: list[str] = []
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        )
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stderr, self._take_log)),
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines.append)),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: Any, take: Any) -> None:
        for line in stream:
            with self._changed:
                take(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _take_log(self, line: str) -> None:
        try:
            self.log.append(json.loads(line))
        except ValueError:
            self.other.append(line)

    def say(self, line: str) -> None:
        """Write a line to its standard input."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait_for(self, event: str, *, seconds: float = 30, **fields: Any) -> dict[str, Any]:
        """Wait for a log event whose given fields are as given; fail with what was said if it ends first."""

        def found() -> dict[str, Any] | None:
            return next(
                (
                    e
                    for e in self.log
                    if e["event"] == event and all(e.get(k) == v for k, v in fields.items())
                ),
                None,
            )

        self._wait(found, seconds, f"event {event!r} {fields}")
        entry = found()
        assert entry is not None
        return entry

    def wait_for_lines(self, count: int, *, seconds: float = 30) -> list[str]:
        """Wait for that many lines on standard output."""
        self._wait(lambda: len(self.lines) >= count, seconds, f"{count} lines")
        return self.lines[:count]

    def _wait(self, condition: Any, seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        with self._changed:
            while not condition():
                left = end - time.monotonic()
                has_ended = self.process.poll() is not None and not any(r.is_alive() for r in self._readers)
                if left <= 0 or has_ended:
                    tail = "\n".join([*map(str, self.log[-15:]), *self.other[-15:], *self.lines[-5:]])
                    raise AssertionError(
                        f"no {what} within {seconds} s (exit {self.process.poll()}); last:\n{tail}"
                    )
                self._changed.wait(min(left, 0.2))

    def end(self, how: int = signal.SIGTERM, *, seconds: float = 20) -> int:
        """Send a signal and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.finish(seconds=seconds)

    def finish(self, *, seconds: float = 60) -> int:
        """Wait for the end; return the exit status."""
        status = self.process.wait(timeout=seconds)
        for reader in self._readers:
            reader.join(timeout=10)
        return status

    def alerts(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def start() -> Iterator[Any]:
    """Start programs; whatever still runs at the end of the test is killed."""
    programs: list[Program] = []

    def begin(*arguments: str, **options: Any) -> Program:
        programs.append(Program(*arguments, **options))
        return programs[-1]

    yield begin
    for program in programs:
        program.end(signal.SIGKILL)
        program.process.stdin.close()
        program.process.stdout.close()
        program.process.stderr.close()


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A session bus with an unlocked GNOME keyring of its own; the environment that leads there."""
    with gnome_keyring(tmp_path) as environment:
        yield environment


@pytest.fixture
def samples() -> Path:
    return ROOT / "resources" / "samples"
