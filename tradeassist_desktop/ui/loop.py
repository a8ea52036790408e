"""One event loop for asyncio and Qt, quick enough for a market beside a window.

qasync starts one coarse Qt timer for every callback: 6 to 10 µs each, seconds wrong on long
waits. Here ready callbacks wait in a queue that one posted wake-up drains, in slices, and
one precise timer serves the earliest of all timed ones.
"""

import asyncio
import heapq
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, Final

import qasync
from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, Qt, QTimer, Signal

from tradeassist_desktop.runtime.names import NamesAside

SLICE_S: Final = 0.004
"""How long callbacks run before painting and input get their turn, in seconds."""

_LONGEST_TIMER_MS: Final = 2**30
_CANCELLED_KEPT: Final = 100


class _Wake(QObject):
    """Its signal is the one way into the loop from another thread."""

    requested = Signal()


class _Watch:
    """Calls back each time a descriptor is ready, until ``end``.

    The notifier belongs to a parent of Qt's, so that only the loop's own thread destroys it.
    """

    def __init__(
        self,
        notifier: QSocketNotifier,
        call: tuple[Callable[..., object], tuple[Any, ...]],
        call_soon: Callable[[Callable[[], None]], object],
    ) -> None:
        self._notifier: QSocketNotifier | None = notifier
        self._call = call
        self._call_soon = call_soon
        notifier.activated.connect(self._on_ready)

    def end(self) -> None:
        """Call back no more."""
        notifier, self._notifier = self._notifier, None
        if notifier is not None:
            notifier.setEnabled(False)
            notifier.activated.disconnect(self._on_ready)
            notifier.deleteLater()

    # Takes no arguments, or Qt's two would be made into Python's for each event: a seventh of its time.
    def _on_ready(self) -> None:
        if self._notifier is not None:
            # Off until the callback has run: Qt would tell again at once of what is not read yet.
            self._notifier.setEnabled(False)
            self._call_soon(self._run)

    def _run(self) -> None:
        if self._notifier is None:
            return
        callback, args = self._call
        try:
            callback(*args)
        finally:
            if self._notifier is not None:
                self._notifier.setEnabled(True)


def _file_number(fd: Any) -> int:
    return fd if isinstance(fd, int) else int(fd.fileno())


class DeskLoop(NamesAside, qasync.QEventLoop):  # type: ignore[misc]  # qasync has no types
    """asyncio on the Qt application's own loop.

    Timed callbacks never run early. A callback that raises ``SystemExit`` or
    ``KeyboardInterrupt`` ends ``run_forever`` with it, as asyncio's own loop does.
    Use as ``asyncio.Runner(loop_factory=lambda: DeskLoop(application))``; ``qasync.run``
    would replace the policy for the whole process.
    """

    def __init__(self, application: QCoreApplication) -> None:
        self._ready_handles: deque[asyncio.Handle] = deque()
        self._timed: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._timed_made = 0
        self._timed_cancelled = 0
        self._is_wake_due = False
        self._is_draining = False
        self._fatal: BaseException | None = None
        self._thread = threading.get_ident()
        self._readers: dict[int, _Watch] = {}
        self._writers: dict[int, _Watch] = {}
        self._wake = _Wake()
        self._wake.requested.connect(self._drain, Qt.ConnectionType.QueuedConnection)
        self._next_slice = QTimer()
        self._next_slice.setInterval(0)
        self._next_slice.setSingleShot(True)
        self._next_slice.timeout.connect(self._drain)
        self._next_timed = QTimer()
        self._next_timed.setTimerType(Qt.TimerType.PreciseTimer)
        self._next_timed.setSingleShot(True)
        self._next_timed.timeout.connect(self._ripen)
        super().__init__(application)

    def run_forever(self) -> None:
        """Run until ``stop``.

        Raises:
            SystemExit: a callback raised it; likewise KeyboardInterrupt.
        """
        if self._ready_handles:
            self._is_wake_due = True
            self._next_slice.start()
        super().run_forever()
        if self._fatal is not None:
            fatal, self._fatal = self._fatal, None
            raise fatal

    def close(self) -> None:
        """Drop what is still queued and release everything."""
        super().close()
        for watch in (*self._readers.values(), *self._writers.values()):
            watch.end()
        self._readers.clear()
        self._writers.clear()
        self._next_timed.stop()
        self._next_slice.stop()
        self._ready_handles.clear()
        self._timed.clear()

    # --- callbacks for as soon as possible

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback in a coming slice, after those asked for earlier."""
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._ready_handles.append(handle)
        if not self._is_wake_due:
            self._is_wake_due = True
            self._next_slice.start()
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback in a coming slice; may be called from any thread."""
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._ready_handles.append(handle)
        # Two threads may both find no wake-up due: that costs one empty slice, no more.
        if not self._is_wake_due:
            self._is_wake_due = True
            self._wake.requested.emit()
        return handle

    def _drain(self) -> None:
        handles, clock = self._ready_handles, time.perf_counter
        # Cleared before the first handle is taken: what another thread appends from here on
        # is either seen below or brings its own wake-up.
        self._is_wake_due = False
        if self._is_draining or not self.is_running():
            # Qt's events are being processed by somebody else. Within a callback, which goes on
            # when that is over: a task cannot be stepped while another is, and its wake-up would be
            # lost. Or beside the loop: a task's step would find none; ``run_forever`` goes on.
            return
        slice_end = clock() + SLICE_S
        self._is_draining = True
        try:
            while handles:
                handle = handles.popleft()
                if not handle.cancelled():
                    self._run_handle(handle)
                if clock() > slice_end:
                    break
        finally:
            self._is_draining = False
        if handles and not self._is_wake_due:
            self._is_wake_due = True
            self._next_slice.start()

    def _run_handle(self, handle: asyncio.Handle) -> None:
        try:
            handle._run()
        except (SystemExit, KeyboardInterrupt) as fatal:
            # PySide would print it and go on; asyncio ends the loop with it.
            self._fatal = fatal
            self.stop()

    # --- callbacks for a time

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run a callback ``delay`` seconds from now, never earlier."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run a callback at ``when`` on this loop's clock, never earlier."""
        self._check_closed()
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        if when <= self.time():
            self._ready_handles.append(handle)
            if not self._is_wake_due:
                self._is_wake_due = True
                self._next_slice.start()
            return handle
        self._timed_made += 1
        heapq.heappush(self._timed, (when, self._timed_made, handle))
        handle._scheduled = True  # type: ignore[attr-defined]  # asyncio then tells us of a cancel
        if self._timed[0][2] is handle:
            self._arm()
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        # asyncio calls this by its name. A time-out per request, almost always cancelled,
        # must not pile up until it would have been due.
        self._timed_cancelled += 1
        if self._timed_cancelled > _CANCELLED_KEPT and self._timed_cancelled * 2 > len(self._timed):
            self._timed = [entry for entry in self._timed if not entry[2].cancelled()]
            heapq.heapify(self._timed)
            self._timed_cancelled = 0

    def _arm(self) -> None:
        if self._timed:
            wait_ms = int((self._timed[0][0] - self.time()) * 1000 + 0.999)
            self._next_timed.start(max(0, min(_LONGEST_TIMER_MS, wait_ms)))

    def _ripen(self) -> None:
        now = self.time()
        while self._timed and self._timed[0][0] <= now:
            handle = heapq.heappop(self._timed)[2]
            handle._scheduled = False  # type: ignore[attr-defined]  # see call_at
            if handle.cancelled():
                self._timed_cancelled = max(0, self._timed_cancelled - 1)
            else:
                self._ready_handles.append(handle)
        self._arm()
        self._drain()

    # --- sockets

    def _add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> None:
        self._watch(self._readers, QSocketNotifier.Type.Read, fd, (callback, args))

    def _remove_reader(self, fd: Any) -> bool:
        return self._unwatch(self._readers, fd)

    def _add_writer(self, fd: Any, callback: Callable[..., object], *args: Any) -> None:
        self._watch(self._writers, QSocketNotifier.Type.Write, fd, (callback, args))

    def _remove_writer(self, fd: Any) -> bool:
        return self._unwatch(self._writers, fd)

    def _watch(
        self,
        watched: "dict[int, _Watch]",
        kind: QSocketNotifier.Type,
        fd: Any,
        call: tuple[Callable[..., object], tuple[Any, ...]],
    ) -> None:
        self._check_closed()
        number = _file_number(fd)
        self._unwatch(watched, number)
        watched[number] = _Watch(QSocketNotifier(number, kind, self._wake), call, self.call_soon)

    def _unwatch(self, watched: "dict[int, _Watch]", fd: Any) -> bool:
        watch = watched.pop(_file_number(fd), None)
        if watch is None:
            return False
        if threading.get_ident() == self._thread:
            watch.end()
        else:
            # Something's __del__, run by the garbage collector in a thread that happened to
            # allocate. Qt would refuse to switch the notifier off from there, yet believe it
            # off, and then poll a closed descriptor for ever.
            self.call_soon_threadsafe(watch.end)
        return True

    # --- threads: asyncio's pool, not qasync's ten QThreads

    def run_in_executor(
        self, executor: Executor | None, callback: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run a blocking callback in a thread; ``None`` is asyncio's default pool."""
        future: asyncio.Future[Any] = asyncio.BaseEventLoop.run_in_executor(self, executor, callback, *args)
        return future

    def set_default_executor(self, executor: Any) -> None:
        """Choose the pool that ``None`` stands for."""
        asyncio.BaseEventLoop.set_default_executor(self, executor)
