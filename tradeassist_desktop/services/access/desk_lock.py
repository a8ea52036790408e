"""The parts of a desk's lock, in one value."""

from dataclasses import dataclass

from tradeassist_desktop.services.access.access import Access
from tradeassist_desktop.services.access.app_lock import AppLock
from tradeassist_desktop.services.access.lock_keys import LockKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLock:
    """Who is at the desk, what opens it for them, and who changes that."""

    access: Access
    app_lock: AppLock
    keys: LockKeys
