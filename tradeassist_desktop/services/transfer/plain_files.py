"""Files a trader points at: read within limits, and written whole or not at all."""

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.services.transfer.recognizing import refuse_recording

# A named pipe would wait for who writes into it.
_NO_WAITING: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def read_plain_file(file: Path, *, most_bytes: int, wanted: str) -> bytes:
    """Return what a file holds. A link is followed, but only to a plain file.

    Args:
        wanted: What it should be: ``a rule file``.

    Raises:
        BadInput: it cannot be read, is no plain file, seems to be a recording, or is larger than that.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | _NO_WAITING)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise _refusal(file, "is no plain file")
            content = stream.read(most_bytes + 1)
    except (OSError, ValueError) as error:  # a name with a NUL in it is a ValueError
        raise _refusal(file, getattr(error, "strerror", None) or str(error)) from error
    refuse_recording(content, wanted=wanted)  # before its size: most are large
    if len(content) > most_bytes:
        raise _refusal(file, f"is larger than {most_bytes // 1024 // 1024} MiB")
    return content


def write_plain_file(file: Path, content: bytes) -> None:
    """Have a file hold this. It is there once it is whole; what was there before stays until then.

    Raises:
        TradeAssistError: it cannot be written; what was there is as it was.
    """
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        # Others may read it if they may read what this user makes: it holds no secret.
        with os.fdopen(os.open(unfinished, _NEW, 0o644), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TradeAssistError(f"{file} cannot be written: {reason}. Nothing was changed.") from error
    finally:
        with contextlib.suppress(OSError, ValueError):
            unfinished.unlink(missing_ok=True)


def _refusal(file: Path, message: str) -> BadInput:
    return BadInput([Fault(place=file.name, message=message)])
