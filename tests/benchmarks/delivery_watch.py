"""What the delivery benchmark notes: when each alert came through each channel, and how late the loop was."""

import asyncio
import itertools
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.desk_under_load import share
from tests.benchmarks.moments import random_moments

NS_PER_MS = 1e6


class TimedChannel:
    """A channel as it is, that notes when each alert came to it and had come through it."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel
        self.name, self.traits = channel.name, channel.traits
        self.called_ns: dict[str, int] = {}
        self.done_ns: dict[str, int] = {}
        self.keys: dict[str, tuple[str, ...]] = {}
        self.sends: list[tuple[str, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def send(self, message: Any) -> Any:
        """Send, and note when."""
        ids = message.digest.alert_ids if message.digest else (message.alert_id,)
        self.keys[message.idempotency_key] = ids
        self.sends.append(ids)
        called = dict.fromkeys(ids, time.time_ns())
        receipt = await self._channel.send(message)
        if not receipt.detail.startswith("merged into"):
            self.called_ns.update(called)
            self.done_ns.update(dict.fromkeys(ids, time.time_ns()))
        return receipt


class Painted:
    """Notes when the toasts' window was first painted with each alert among its cards.

    Args:
        window: Of the toasts.
        channel: That puts them there.
    """

    def __init__(self, *, window: Any, channel: TimedChannel) -> None:
        from PySide6.QtCore import QEvent, QObject

        painted_ns: dict[str, int] = {}
        show_cards, on_cards = window.show_cards, 0

        def note_and_show(cards: Any) -> None:
            nonlocal on_cards
            on_cards = sum(map(len, channel.sends))
            show_cards(cards)

        class Watch(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() is not QEvent.Type.UpdateRequest or on_cards == len(painted_ns):
                    return False
                done = watched.event(event)  # all is painted when it is back
                sent = itertools.chain.from_iterable(channel.sends)
                new = itertools.islice(sent, len(painted_ns), on_cards)
                painted_ns.update(dict.fromkeys(new, time.time_ns()))
                return done

        self.painted_ns = painted_ns
        self._watch = Watch()
        window.show_cards = note_and_show
        window.installEventFilter(self._watch)


@contextmanager
def lag() -> Iterator[list[float]]:
    """Yield a list of how late a coroutine was that waits for what a thread hands to the loop, in ms.

    The least that anything can take that comes from the disk, a socket's thread or another program.
    """
    late_ms: list[float] = []
    with random_moments(per_s=50, seed=2) as moments:

        async def listen() -> None:
            while True:
                handed_ns = await moments.get()
                late_ms.append((time.perf_counter_ns() - handed_ns) / NS_PER_MS)

        listener = asyncio.get_running_loop().create_task(listen())
        try:
            yield late_ms
        finally:
            listener.cancel()


@contextmanager
def bare_commits(file: Path) -> Iterator[list[float]]:
    """Yield a list of what durable commits of one row take on this disk at the time, in ms."""
    spent_ms: list[float] = []
    end = threading.Event()

    def commit() -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as driver:
            driver.execute("PRAGMA journal_mode = WAL")
            driver.execute("PRAGMA synchronous = FULL")
            driver.execute("CREATE TABLE alerts (id INTEGER PRIMARY KEY, message TEXT)")
            while not end.wait(0.02):
                began_ns = time.perf_counter_ns()
                driver.execute("INSERT INTO alerts (message) VALUES (?)", ("BEACN crosses above 100" * 20,))
                spent_ms.append((time.perf_counter_ns() - began_ns) / NS_PER_MS)

    thread = threading.Thread(target=commit, daemon=True)
    thread.start()
    try:
        yield spent_ms
    finally:
        end.set()
        thread.join()


def received(file: Path, channel: TimedChannel) -> dict[str, int]:
    """Return when each alert's request came to the receiver."""
    came_ns: dict[str, int] = {}
    for line in file.read_text().splitlines():
        at_ns, key = line.split()
        for alert_id in channel.keys.get(key, ()):
            came_ns.setdefault(alert_id, int(at_ns))
    return came_ns


class Calls:
    """When the notification daemon got each call of a part, by the file it keeps; in order, as they are sent.

    Args:
        file: ``None`` for a daemon that keeps none.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._before = len(self._lines())

    def of(self, channel: TimedChannel) -> dict[str, int]:
        """Return when the call of each alert came; when it was answered, where that is all that is known."""
        if self._file is None:
            return channel.done_ns
        came = self._lines()[self._before :]
        assert len(came) == len(channel.sends), "a call was made twice, or not at all"
        return {id_: int(at) for ids, at in zip(channel.sends, came, strict=True) for id_ in ids}

    def _lines(self) -> list[str]:
        return self._file.read_text().splitlines() if self._file is not None else []


def percentiles(ends_ns: Mapping[str, int], begins_ns: Mapping[str, int]) -> dict[str, float] | None:
    """Return the percentiles from beginning to end, in ms; ``None`` where nothing came to its end."""
    spent = sorted((ends_ns[id_] - at_ns) / NS_PER_MS for id_, at_ns in begins_ns.items() if id_ in ends_ns)
    if not spent:
        return None
    return {"p50": share(spent, 0.5), "p99": share(spent, 0.99), "count": len(spent)}


def figures(
    channels: Mapping[str, TimedChannel],
    received_file: Path,
    calls: Calls,
    began_ns: Mapping[str, int],
    painted_ns: Mapping[str, int],
) -> dict[str, Any]:
    """Return each channel's percentiles, in ms, of the alerts that began, and how many went in digests."""
    found: dict[str, Any] = {}
    for name, channel in channels.items():
        done_ns = channel.done_ns
        if name == "webhook":
            done_ns = received(received_file, channel)
        elif name == "tray":
            done_ns = calls.of(channel)
            found["answered"] = percentiles(channel.done_ns, began_ns)
        whole = percentiles(done_ns, began_ns)
        if whole is None:
            continue
        digests = [ids for ids in channel.keys.values() if len(ids) > 1]
        in_digests = {id_ for ids in digests for id_ in ids if id_ in began_ns}
        called = {id_: channel.called_ns[id_] for id_ in began_ns if id_ in channel.called_ns}
        found[name] = {
            **whole,
            "in_digests": len(in_digests) / max(1, len(began_ns)),
            "to_channel": percentiles(called, began_ns),
            "in_channel": percentiles(done_ns, called),
        }
    if (painted := percentiles(painted_ns, began_ns)) is not None:
        found["painted"] = painted
    return found


def in_words(found: Mapping[str, float]) -> str:
    """Return two percentiles, in ms."""
    return f"p50 {found['p50']:.2f} p99 {found['p99']:.2f} ms"


def of_all_in_words(spent_ms: Sequence[float]) -> str:
    """Return the two percentiles of durations in ms."""
    ordered = sorted(spent_ms)
    return in_words({"p50": share(ordered, 0.5), "p99": share(ordered, 0.99)})
