"""A keyring that outlives its process, and keeps its texts in a plain file: for tests only."""

import json
import os
from pathlib import Path


class FileKeyring:
    def __init__(self, file: Path) -> None:
        self._file = file

    async def read_text(self, name: str) -> str | None:
        return self._texts().get(name)

    async def write_text(self, name: str, text: str, *, may_make: bool = True) -> bool:
        fresh = self._file.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({**self._texts(), name: text}))
        fresh.replace(self._file)
        return True

    def _texts(self) -> dict[str, str]:
        return dict(json.loads(self._file.read_text())) if self._file.exists() else {}
