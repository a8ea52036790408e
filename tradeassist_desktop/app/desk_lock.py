"""Builds the lock of a desk with people at it, and the settings that ask it."""

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.secret_places import keyring_keeper
from tradeassist_desktop.domain.audit import AuditTrail
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.access.access import FREE, Access, Seat
from tradeassist_desktop.services.access.app_lock import AppLock
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.services.access.lock_book import LockBook
from tradeassist_desktop.services.access.lock_keys import LockKeys
from tradeassist_desktop.services.access.lock_place import LockPlace
from tradeassist_desktop.services.settings import Settings


def lock_and_settings(
    launch: Launch, *, audit: AuditTrail, clock: Clock, bus: Bus, seat: Seat = FREE
) -> tuple[DeskLock, Settings]:
    """Return the lock, shut where one is set up, and the settings of this launch.

    Args:
        seat: Who sat at the desk before this one: they stay, whatever it shows.
    """
    access = Access(audit=audit, now_ns=clock.now_ns, seat=seat)
    settings = Settings(
        file=launch.places.settings,
        overrides=launch.overrides,
        environment=launch.environment,
        is_dev=launch.is_dev,
        bus=bus,
        access=access,
    )
    book = LockBook(
        access=access, place=LockPlace(keeper=keyring_keeper(launch, clock), clock=clock), clock=clock
    )
    app_lock = AppLock(access=access, settings=settings, book=book, clock=clock)
    app_lock.start()
    keys = LockKeys(access=access, settings=settings, book=book, clock=clock)
    return DeskLock(access=access, app_lock=app_lock, keys=keys), settings
