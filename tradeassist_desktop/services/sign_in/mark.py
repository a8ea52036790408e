"""Tells the running desk that another process has signed in: a file that says when, and nothing else."""

from pathlib import Path
from typing import Final

_FILE: Final = "signed-in"


class SignInMark:
    """One end of it; set by ``tradeassist sign-in``, looked at by the desk.

    Args:
        folder: Where both look.
    """

    def __init__(self, *, folder: Path) -> None:
        self._file = folder / _FILE
        self._seen_ns = self._time_ns()

    def set(self) -> None:
        """Say that there is a new sign-in among the secrets.

        Raises:
            OSError: nothing can be written there.
        """
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file.touch()
        self._seen_ns = self._time_ns()

    def is_new(self) -> bool:
        """Whether another process has set it since this was last asked."""
        time_ns = self._time_ns()
        is_new = time_ns != self._seen_ns
        self._seen_ns = time_ns
        return is_new

    def _time_ns(self) -> int:
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return 0
