"""Rule files named on a command line."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rulefile import MOST_BYTES, parse_rules

T = TypeVar("T")


def load_rules(path: Path) -> tuple[Rule, ...]:
    """Return the rules of a file.

    Raises:
        BadInput: it cannot be read, or with every fault in it, placed by file and key.
    """
    return read_in_file(path, parse_rules)


def read_in_file(path: Path, parse: Callable[[bytes], T]) -> T:
    """Return what ``parse`` makes of a file's content; its faults name the file.

    Raises:
        BadInput: it cannot be read, or ``parse`` raised it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput([Fault(place=str(path), message=error.strerror or str(error))]) from error
    try:
        return parse(content)
    except BadInput as error:
        raise BadInput(
            [
                Fault(f"{path}: {fault.place}" if fault.place else str(path), fault.message, fault.column)
                for fault in error.faults
            ]
        ) from error
