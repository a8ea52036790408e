"""Files that only this user may read, from the moment they exist, whatever the umask."""

import contextlib
import logging
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

_FILE: Final = 0o600
_FOLDER: Final = 0o700
_LARGEST: Final = 256 * 1024
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)  # to open a pipe would wait for who writes into it
_BINARY: Final = getattr(os, "O_BINARY", 0)
_TEMPORARY: Final = ".part"


class Unsafe(Exception):
    """What is in this place is not ours alone, or no file at all: nothing is read from or written to it."""


class PrivateFolder:
    """A folder of small files, each written whole or not at all. Every method may block.

    A folder or file that others may read is closed to them, with a warning; one that is a link, no
    plain file, or another user's is refused.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or ``None`` where there is none.

        Raises:
            Unsafe: it is refused, or far larger than anything written here.
            OSError: it cannot be read.
        """
        if not self._is_there():
            return None
        try:
            descriptor = os.open(self._folder / name, os.O_RDONLY | _NO_FOLLOW | _NO_WAIT | _BINARY)
        except FileNotFoundError:
            return None
        except OSError as error:
            if (self._folder / name).is_symlink():
                raise Unsafe(f"{name} is a link") from error
            raise
        with os.fdopen(descriptor, "rb") as stream:
            found = os.fstat(descriptor)
            _refuse_strange(found, name, stat.S_ISREG)
            if _is_open(found):
                os.fchmod(descriptor, _FILE)
                log.warning("file was open to others, and is closed to them now", extra={"file": name})
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise Unsafe(f"{name} is too large")
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write a file, in place of one of that name or of a link of that name; on disk on return.

        Raises:
            Unsafe: the folder is refused.
            OSError: it cannot be written; what was there before is.
        """
        self._make()
        fresh = self._folder / f"{name}.{secrets.token_hex(8)}{_TEMPORARY}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BINARY
        descriptor = os.open(fresh, flags, _FILE)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                if hasattr(os, "fchmod"):  # a umask may have taken away what its owner needs
                    os.fchmod(descriptor, _FILE)
                stream.write(content)
                stream.flush()
                os.fsync(descriptor)
            fresh.replace(self._folder / name)
        except BaseException:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise
        self._sync()

    def remove(self, name: str) -> None:
        """Remove a file, or a link; nothing where there is none.

        Raises:
            Unsafe: the folder is refused.
            OSError: it cannot be removed.
        """
        if not self._is_there():
            return
        with contextlib.suppress(FileNotFoundError):
            (self._folder / name).unlink()
            self._sync()

    def names(self) -> tuple[str, ...]:
        """Return the files there are; half-written ones of a run that was killed are removed.

        Raises:
            Unsafe: the folder is refused.
            OSError: it cannot be read.
        """
        if not self._is_there():
            return ()
        names = []
        for path in self._folder.iterdir():
            if path.suffix == _TEMPORARY:
                path.unlink(missing_ok=True)
            else:
                names.append(path.name)
        return tuple(sorted(names))

    def _make(self) -> None:
        if self._is_there():
            return
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            self._folder.mkdir(mode=_FOLDER)
        self._is_there()

    def _is_there(self) -> bool:
        """Return whether the folder is, as it should be.

        Raises:
            Unsafe: it is a link, or another user's.
            OSError: it is open to others, and cannot be closed to them.
        """
        try:
            found = self._folder.lstat()
        except FileNotFoundError:
            return False
        _refuse_strange(found, self._folder.name, stat.S_ISDIR)
        if stat.S_IMODE(found.st_mode) != _FOLDER and os.name == "posix":
            self._folder.chmod(_FOLDER)
            if _is_open(found):
                log.warning(
                    "folder was open to others, and is closed to them now",
                    extra={"folder": self._folder.name},
                )
        return True

    def _sync(self) -> None:
        if os.name != "posix":
            return
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refuse_strange(found: os.stat_result, name: str, is_kind: Callable[[int], bool]) -> None:
    if not is_kind(found.st_mode):
        raise Unsafe(f"{name} is a link or something else than it should be")
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        raise Unsafe(f"{name} belongs to another user")


def _is_open(found: os.stat_result) -> bool:
    return os.name == "posix" and bool(found.st_mode & 0o077)
