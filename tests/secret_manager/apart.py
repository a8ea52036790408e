"""The stand-in as a process of its own, for programs and benchmarks that have one beside them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]


class SecretManagerApart:
    """Told what to do by lines, as ``python -m tests.secret_manager`` takes them."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.secret_manager", *arguments],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.began: dict[str, Any] = self._answer()

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a program that keeps its secrets there; it needs ``--dev`` for the endpoint."""
        return {
            "secrets.gcp.project": self.began["project"],
            "secrets.gcp.endpoint": self.began["endpoint"],
            "secrets.gcp.credentials": self.began["key_file"],
        }

    @property
    def environment(self) -> dict[str, str]:
        """What a program that trusts its certificate has in its environment."""
        return {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": self.began["authority"]}

    def say(self, line: str) -> Any:
        """Give a command; return what it answers."""
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)
        return self._answer()

    def end(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@contextmanager
def secret_manager_apart(folder: Path, *arguments: str) -> Iterator[SecretManagerApart]:
    """Run one; ``folder`` gets its authority's certificate and a key file."""
    server = SecretManagerApart("--folder", str(folder), *arguments)
    try:
        yield server
    finally:
        server.end()
