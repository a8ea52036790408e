"""Small real classes that stand where the world would: a clock to move, a channel that remembers."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.audit import AuditEntry
from tradeassist_desktop.domain.channels import ChannelTraits, Receipt
from tradeassist_desktop.domain.feed import FeedSink
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.routing import Silence
from tradeassist_desktop.domain.secret import (
    KeeperError,
    KeptSecret,
    Secret,
    SecretKeeper,
    SecretVersion,
    VersionState,
)
from tradeassist_desktop.runtime.clock import Clock, SystemClock
from tradeassist_desktop.secrets.store import SecretStore

NS_PER_SECOND = 1_000_000_000
LOOP_TURNS = 25
"""Turns of the loop after each wake-up: enough for what woke to go back to sleep."""


class ManualClock:
    """Time that stands still until ``advance``; sleepers wake in order of their time."""

    def __init__(self, *, now_ns: int = 1_700_000_000 * NS_PER_SECOND) -> None:
        self._now_ns = now_ns
        self._monotonic_ns = 0
        self._order = itertools.count()
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []

    def now_ns(self) -> int:
        return self._now_ns

    def monotonic_ns(self) -> int:
        return self._monotonic_ns

    @property
    def sleepers(self) -> int:
        """How many coroutines wait for time to pass."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due_ns = self._monotonic_ns + round(seconds * NS_PER_SECOND)
        heapq.heappush(self._sleepers, (due_ns, next(self._order), future))
        await future

    def set_wall(self, now_ns: int) -> None:
        """Set the wall clock, as a user or a time server does; durations go on unchanged."""
        self._now_ns = now_ns

    async def advance(self, seconds: float) -> None:
        """Let time pass: each sleeper due wakes at its own moment and may sleep again."""
        end_ns = self._monotonic_ns + round(seconds * NS_PER_SECOND)
        await self._let_others_run()
        while self._sleepers and self._sleepers[0][0] <= end_ns:
            due_ns, _, future = heapq.heappop(self._sleepers)
            if future.done():  # cancelled
                continue
            self._set(max(due_ns, self._monotonic_ns))
            future.set_result(None)
            await self._let_others_run()
        self._set(end_ns)
        await self._let_others_run()

    def _set(self, monotonic_ns: int) -> None:
        self._now_ns += monotonic_ns - self._monotonic_ns
        self._monotonic_ns = monotonic_ns

    async def _let_others_run(self) -> None:
        for _ in range(LOOP_TURNS):
            await asyncio.sleep(0)


class MovedClock(SystemClock):
    """The machine's clock, its calendar set to another day; durations are real."""

    def __init__(self, now_ns: int) -> None:
        self._ahead_ns = now_ns - time.time_ns()

    def now_ns(self) -> int:
        return time.time_ns() + self._ahead_ns


class RecordingChannel:
    """A channel that remembers its messages; ``answers`` are raised in turn, ``None`` delivers."""

    def __init__(
        self,
        name: str,
        *,
        answers: Sequence[Exception | None] = (),
        traits: ChannelTraits = ChannelTraits(),  # noqa: B008 - frozen
    ) -> None:
        self._name = name
        self.traits = traits
        self.script = list(answers)
        self.messages: list[Message] = []
        self.before_answer: Callable[[], object] = lambda: None

    @property
    def name(self) -> str:
        return self._name

    async def send(self, message: Message) -> Receipt:
        self.messages.append(message)
        self.before_answer()
        answer = self.script.pop(0) if self.script else None
        if answer is not None:
            raise answer
        return Receipt(detail=f"receipt {len(self.messages)}")


class ScriptedFeed:
    """A feed that gives batches of ticks in order, then waits (or ends, if told to finish)."""

    def __init__(
        self,
        batches: Sequence[Sequence[Tick]],
        *,
        finishes: bool = False,
        name: str = "scripted",
        carries: Callable[[str], bool] = lambda symbol: True,
    ) -> None:
        self._batches = batches
        self._finishes = finishes
        self._name = name
        self._carries = carries
        self.reconnects = 0
        self.symbols: frozenset[str] = frozenset()
        self.first: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self._name

    def carries(self, symbol: str) -> bool:
        return self._carries(symbol)

    def subscribe(self, symbols: frozenset[str], first: frozenset[str] = frozenset()) -> None:
        self.symbols, self.first = symbols, first

    def reconnect(self) -> None:
        self.reconnects += 1

    async def run(self, sink: FeedSink) -> None:
        sink.on_status(FeedStatus(state=FeedState.LIVE, name=self._name))
        for batch in self._batches:
            sink.on_ticks(batch)
            await asyncio.sleep(0)
        if not self._finishes:
            await asyncio.get_running_loop().create_future()
        sink.on_status(FeedStatus(state=FeedState.FINISHED, name=self._name))


class MemoryKeeper:
    """A keeper of secrets, as a keyring is: it may be unable to write, or wait until it ``is_open``."""

    def __init__(self, name: str = "keyring", *, is_prompt: bool = False, is_remote: bool = False) -> None:
        self._name = name
        self.is_prompt = is_prompt
        self.is_remote = is_remote
        self.can_write = True
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.failure: KeeperError | None = None
        """Raised instead of an answer to a read."""
        self.write_failure: KeeperError | None = None
        self.reads = 0
        self.kept: dict[str, Mapping[str, str]] = {}
        self.version = ""
        self.created_ns: int | None = None
        """When all it has was kept, where it knows."""
        self.is_closed = False

    @property
    def name(self) -> str:
        return self._name

    async def read(self, name: str, *, version: str = "") -> KeptSecret | None:
        self.reads += 1
        await self.is_open.wait()
        if self.failure is not None:
            raise self.failure
        if name not in self.kept:
            return None
        return KeptSecret(
            name=name,
            secret=Secret(self.kept[name]),
            source=self._name,
            version=SecretVersion(version=self.version, created_ns=self.created_ns),
        )

    async def write(self, name: str, secret: Secret) -> SecretVersion | None:
        if self.write_failure is not None:
            raise self.write_failure
        if not self.can_write:
            return None
        self.kept[name] = secret
        return SecretVersion(version=self.version)

    async def delete(self, name: str) -> bool:
        if self.write_failure is not None:
            raise self.write_failure
        return self.kept.pop(name, None) is not None

    async def versions(self, name: str) -> tuple[SecretVersion, ...]:
        return (SecretVersion(version=self.version),) if name in self.kept else ()

    async def set_state(self, name: str, version: SecretVersion, state: VersionState) -> SecretVersion | None:
        return None

    async def absence(self) -> str:
        return ""

    async def asks_first(self) -> bool:
        return not self.is_open.is_set()

    async def close(self) -> None:
        self.is_closed = True


class ListTrail:
    """An audit trail that is a list."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)


def store_of(*keepers: SecretKeeper, clock: Clock | None = None, **changes: Any) -> SecretStore:
    """Return a store over these keepers, asked in this order."""
    given: dict[str, Any] = {"mask": lambda texts: None, "trail": ListTrail(), **changes}
    return SecretStore(keepers=keepers, clock=clock or SystemClock(), **given)


class DictKeyring:
    """A keyring's texts, in memory: unlocked while it ``is_open``, and there at all while it ``is_there``."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.is_there = True
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.before_write: Callable[[str, str], object] = lambda name, text: None

    async def read_text(self, name: str) -> str | None:
        await self.is_open.wait()
        return self.texts.get(name) if self.is_there else None

    async def write_text(self, name: str, text: str, *, may_make: bool = True) -> bool:
        await self.is_open.wait()
        if self.is_there:
            self.before_write(name, text)
            self.texts[name] = text
        return self.is_there


class KeptSilences:
    """Keeps silences as a database does, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Silence] = {}

    async def load(self, *, ended_after_ns: int) -> list[Silence]:
        return [each for each in self.kept.values() if (each.end_ns or ended_after_ns + 1) > ended_after_ns]

    async def put(self, silence: Silence) -> None:
        self.kept[silence.id] = silence

    def put_soon(self, silence: Silence) -> None:
        self.kept[silence.id] = silence

    async def remove(self, silence_id: str) -> None:
        del self.kept[silence_id]


class KeptAlerts:
    """Stands where alerting would; keeps what was raised, and nothing else."""

    def __init__(self) -> None:
        self.raised: list[Alert] = []

    def raise_alerts(self, alerts: Sequence[Alert], arming: Any) -> None:
        self.raised += alerts

    @property
    def unsaved_count(self) -> int:
        return 0

    def save_arming(self, arming: Any) -> None:
        """Nothing outlives a test."""

    def save_counts(self, counts: Any) -> None:
        """Nothing outlives a test."""
