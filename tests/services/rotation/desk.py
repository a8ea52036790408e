"""A rotation service on a real database and store, with a clock to move and an issuer of secrets."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.empty_database import empty_database
from tests.fakes import NS_PER_SECOND, ListTrail, ManualClock, MemoryKeeper
from tradeassist_desktop.app.rotation_parts import build_rotation
from tradeassist_desktop.domain.access import OPEN
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.events import RotationStepped
from tradeassist_desktop.domain.rotation import RotationFailed, RotationStanding
from tradeassist_desktop.domain.secret import SMTP, Secret, SecretKeeper
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.rotation.journal import KeptRotations
from tradeassist_desktop.services.rotation.key_rotation import KeyHolder
from tradeassist_desktop.services.rotation.rotation import RotationService
from tradeassist_desktop.services.rotation.rotators import OwnRotator
from tradeassist_desktop.services.rotation.written import TellingTrail
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.rotations import RotationStore

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
AWAKE_S = 120
LOOK_S = 30
STEPS_AT_MOST = 20
"""More than a rotation writes down."""
OLD = {"user": "desk", "password": "first-password"}


class Issuer:
    """Issues passwords, and knows which of them work; a rotator of the program's own is its customer.

    ``failures`` are raised in turn by the method they are for.
    """

    ends = False

    def __init__(self) -> None:
        self._numbers = itertools.count(2)
        self.valid = {OLD["password"]}
        self.calls: list[str] = []
        self.failures: dict[str, list[Exception]] = {}
        self.lacking = ""

    def lacks(self, secret: Mapping[str, str]) -> str:
        return self.lacking

    async def make(self, secret: Secret) -> Secret:
        self._called("make")
        password = f"password-{next(self._numbers)}"
        self.valid.add(password)
        return Secret({**secret, "password": password})

    async def verify(self, secret: Secret) -> None:
        self._called("verify")
        if secret["password"] not in self.valid:
            raise RotationFailed("the server refused the password", retry=False)

    async def retire(self, secret: Secret) -> None:
        self._called("retire")
        self.valid.discard(secret["password"])

    def _called(self, method: str) -> None:
        self.calls.append(method)
        if self.failures.get(method):
            raise self.failures[method].pop(0)


class LeapingClock(SystemClock):
    """Time that goes on by itself and can be leapt over; limits are real, for real sockets.

    Who sleeps for half a minute, as the scheduler does, wakes at each leap.
    """

    def __init__(self) -> None:
        self._ahead_ns = 0
        self._leap = asyncio.Event()

    def now_ns(self) -> int:
        return super().now_ns() + self._ahead_ns

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() + self._ahead_ns

    async def sleep(self, seconds: float) -> None:
        if seconds == LOOK_S:
            await self._leap.wait()
        else:
            await super().sleep(seconds)

    async def advance(self, seconds: float) -> None:
        self._ahead_ns += round(seconds * NS_PER_SECOND)
        leap, self._leap = self._leap, asyncio.Event()
        leap.set()
        await asyncio.sleep(0)


@dataclass
class Told:
    """Stands where the notices would; one a key and instant, as they do."""

    notices: dict[tuple[str, int | None], tuple[str, str, Priority]] = field(default_factory=dict)
    settled: list[str] = field(default_factory=list)

    def tell(
        self, key: str, title: str, text: str, priority: Priority, *, about_ns: int | None = None
    ) -> str:
        self.notices[key, about_ns] = (title, text, priority)
        return f"{key}@{about_ns}"

    async def settle(self, ids: Sequence[str]) -> None:
        self.settled += ids

    def titles(self) -> list[str]:
        return [title for title, _, _ in self.notices.values()]


@dataclass
class RotationDesk:
    """What a test looks at and moves."""

    service: RotationService
    secrets: SecretStore
    settings: Settings
    clock: ManualClock | LeapingClock
    database: Database
    told: Told
    trail: ListTrail
    steps: list[tuple[str, str, str]]
    replaced: list[str]

    async def settle(self) -> None:
        """Let what is under way come to rest: storage answers from a thread of its own."""
        for _ in range(STEPS_AT_MOST):
            await self.clock.advance(0)
            await self.database.settle()
        await self.clock.advance(0)

    async def after(self, seconds: float) -> None:
        """Let time pass, and then what comes of it; most of what is long is slept through."""
        await self.settle()
        if seconds > HOUR_S and isinstance(self.clock, ManualClock):
            slept_s, seconds = seconds - AWAKE_S, AWAKE_S
            self.clock.set_wall(self.clock.now_ns() + round(slept_s * NS_PER_SECOND))
        await self.clock.advance(seconds)
        await self.settle()

    async def wait_for(self, name: str, *, finished: int = 1) -> None:
        """Wait until a secret was replaced so often: others answer over real sockets."""
        await self.wait_until(lambda: self.replaced.count(name) >= finished)

    async def wait_for_failure(self, name: str) -> None:
        """Wait until a rotation is over that did not succeed."""
        await self.wait_until(lambda: bool(self.standing(name).failure))

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that others do over real sockets."""
        for _ in range(2_000):
            if holds():
                return
            await self.clock.advance(0)
            await asyncio.sleep(0.005)
        raise AssertionError(f"waited in vain: {self.steps}")

    async def text_of(self, name: str = SMTP, key: str = "password") -> str | None:
        """Return what a reader is given."""
        kept = await self.secrets.read(name, who="a reader")
        return None if kept is None else kept.secret.get(key)

    def standing(self, name: str = SMTP) -> RotationStanding:
        return next(each for each in self.service.standings() if each.name == name)


@asynccontextmanager
async def rotation_desk(
    folder: Path,
    *,
    keepers: Sequence[SecretKeeper],
    own: Mapping[str, OwnRotator] | None = None,
    key: KeyHolder | None = None,
    copies: SecretCache | None = None,
    clock: ManualClock | LeapingClock | None = None,
    given: Mapping[str, str] | None = None,
    kept: Callable[[Database], KeptRotations] = lambda database: RotationStore(database=database),
    runs: bool = True,
    told: Told | None = None,
) -> AsyncIterator[RotationDesk]:
    """Run rotations in a folder; leaving breaks off what is under way, as a kill does.

    Args:
        kept: Makes what keeps rotations.
        runs: Whether the scheduler runs, or only what is asked for is done.
    """
    clock, bus, trail, told = clock or ManualClock(), Bus(), ListTrail(), told or Told()
    overrides = tuple(f"{key}={value}" for key, value in (given or {}).items())
    settings = Settings(file=folder / "settings.json", overrides=overrides, bus=bus)
    mask = SecretMask()
    database = Database(path=empty_database(folder / "desk.db"))
    await database.start()
    secrets = SecretStore(
        keepers=keepers,
        mask=mask.learn,
        trail=TellingTrail(trail=trail, bus=bus),
        clock=clock,
        copies=copies,
    )
    replaced: list[str] = []
    steps: list[tuple[str, str, str]] = []
    bus.subscribe(
        RotationStepped, lambda event: steps.append((event.secret, event.step.value, event.failure))
    )
    service = build_rotation(
        secrets=secrets,
        kept=kept(database),
        own=own or {},
        key=key or copies,
        settings=settings,
        notices=told,
        settle=told.settle,
        on_replaced=replaced.append,
        audit=trail,
        access=OPEN,
        bus=bus,
        clock=clock,
        masked=mask,
    )
    running = asyncio.create_task(service.run()) if runs else None
    desk = RotationDesk(
        service=service,
        secrets=secrets,
        settings=settings,
        clock=clock,
        database=database,
        told=told,
        trail=trail,
        steps=steps,
        replaced=replaced,
    )
    try:
        if runs:
            await desk.settle()
        yield desk
    finally:
        if running is not None:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        stopping = asyncio.create_task(service.stop(drain_s=1))
        await clock.advance(2)
        await stopping
        await secrets.close()
        await database.stop()


def keyring_with(name: str = SMTP, secret: Mapping[str, str] = OLD) -> MemoryKeeper:
    """Return a keyring that has one secret, and is unlocked."""
    keyring = MemoryKeeper(is_prompt=True)
    keyring.kept[name] = dict(secret)
    return keyring
