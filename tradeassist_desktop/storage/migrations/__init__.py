"""How a database file comes to the present tables, one revision after another."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Migrations:
    """A folder of Alembic revisions and their names, oldest first.

    The names are written out so that a start with a present database need not import Alembic,
    which takes longer than opening the file.
    """

    folder: Path
    revisions: tuple[str, ...]

    @property
    def head(self) -> str:
        """The revision this program works with."""
        return self.revisions[-1]


MIGRATIONS: Final = Migrations(
    folder=Path(__file__).parent,
    revisions=("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010"),
)
