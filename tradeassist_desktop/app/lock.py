"""One instance a data folder."""

from filelock import FileLock, Timeout

from tradeassist_desktop.paths import Paths


def hold(places: Paths) -> FileLock | None:
    """Take the folder's lock; ``None`` if another instance has it. A killed one's ends with it."""
    lock = FileLock(places.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock
