"""A database as a first start leaves it: made once, copied for whoever needs one."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tradeassist_desktop.storage import opening
from tradeassist_desktop.storage.connections import DURABLE, connect
from tradeassist_desktop.storage.migrations import MIGRATIONS


def empty_database(path: Path) -> Path:
    """Put one there, unless there is one; return its path.

    To make its tables takes ten times as long as to open it, and longer than most tests.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_content())
    return path


@cache
def _content() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "desk.db"
        connection = connect(path, DURABLE)
        opening.migrate(connection, migrations=MIGRATIONS)
        connection.close()
        connection.engine.dispose()
        return path.read_bytes()
