"""What the interpreter can still write down when the process itself crashes: the places of all threads."""

import faulthandler
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tradeassist_desktop.logs.crashes import for_us_alone, forget_old, report_file

log = logging.getLogger(__name__)

_FILE: Final = "crash-native.txt"


@contextmanager
def native_crashes_told(folder: Path) -> Iterator[None]:
    """Have them written into ``folder`` from now on: files, lines and functions, and no values.

    What the run before left there is set aside as a report, and logged. One process a folder.
    """
    file = folder / _FILE
    try:
        if file.is_file() and file.stat().st_size:
            report = report_file(folder, datetime.now(UTC), "txt")
            file.replace(report)
            forget_old(folder)
            log.warning("the program crashed when it last ran", extra={"report": str(report)})
        kept = for_us_alone(file, os.O_TRUNC)
    except OSError as error:
        log.warning("no crash of the process can be written down", extra={"reason": error.strerror})
        yield
        return
    with kept:
        faulthandler.enable(file=kept, all_threads=True)
        try:
            yield
        finally:
            faulthandler.disable()
    file.unlink(missing_ok=True)
