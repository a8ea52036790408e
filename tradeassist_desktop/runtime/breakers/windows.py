"""Which of the past calls a rate is of."""

from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

_NS_PER_SECOND: Final = 1_000_000_000
_FAILED: Final = 1
_SLOW: Final = 2


class Window(Protocol):
    """Counts calls, and forgets the old ones; each step costs the same however many there are."""

    calls: int
    failures: int
    slow: int

    def add(self, now_ns: int, is_failure: bool, is_slow: bool) -> None:
        """Take a call that has just ended, by the monotonic clock."""
        ...

    def expire(self, now_ns: int) -> None:
        """Forget what is too old by now."""
        ...

    def clear(self) -> None:
        """Forget all."""
        ...


@dataclass(frozen=True, slots=True)
class LastCalls:
    """A window of the newest ``count`` calls."""

    count: int = 100

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"A window needs at least 1 call, was {self.count}")

    def new(self) -> Window:
        """Return an empty one."""
        return _CountWindow(self.count)


@dataclass(frozen=True, slots=True)
class LastSeconds:
    """A window of the newest ``seconds``, forgotten in ``buckets`` steps."""

    seconds: float = 60.0
    buckets: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= 86_400 or self.buckets < 1:
            raise ValueError(
                "A window needs 0 < seconds <= 86400 and at least 1 bucket, "
                f"was {self.seconds} and {self.buckets}"
            )

    def new(self) -> Window:
        """Return an empty one."""
        return _TimeWindow(round(self.seconds * _NS_PER_SECOND), self.buckets)


class _CountWindow:
    def __init__(self, count: int) -> None:
        self._ring = bytearray(count)
        self._next = 0
        self.calls = self.failures = self.slow = 0

    def add(self, now_ns: int, is_failure: bool, is_slow: bool) -> None:
        ring, place = self._ring, self._next
        if self.calls == len(ring):
            oldest = ring[place]
            if oldest:
                self.failures -= oldest & _FAILED
                self.slow -= oldest >> 1
        else:
            self.calls += 1
        ring[place] = kind = is_failure * _FAILED + is_slow * _SLOW
        if kind:
            self.failures += is_failure
            self.slow += is_slow
        place += 1
        self._next = 0 if place == len(ring) else place

    def expire(self, now_ns: int) -> None:
        """Calls here have no age."""

    def clear(self) -> None:
        self._next = self.calls = self.failures = self.slow = 0


class _Bucket:
    __slots__ = ("calls", "failures", "from_ns", "slow")

    def __init__(self, from_ns: int) -> None:
        self.from_ns = from_ns
        self.calls = self.failures = self.slow = 0


class _TimeWindow:
    # A bucket begins with its first call, so that a call alone is forgotten exactly when it is too
    # old; those that follow it into its bucket go with it, early by at most a bucket's length.
    def __init__(self, length_ns: int, buckets: int) -> None:
        self._length_ns = length_ns
        self._bucket_ns = -(-length_ns // buckets)
        self._buckets: deque[_Bucket] = deque()
        self._newest: _Bucket | None = None
        self.calls = self.failures = self.slow = 0

    def add(self, now_ns: int, is_failure: bool, is_slow: bool) -> None:
        bucket = self._newest
        if bucket is None or now_ns - bucket.from_ns >= self._bucket_ns:
            self._newest = bucket = _Bucket(now_ns)
            self._buckets.append(bucket)
        if now_ns - self._buckets[0].from_ns >= self._length_ns:
            self.expire(now_ns)
        bucket.calls += 1
        self.calls += 1
        if is_failure:
            bucket.failures += 1
            self.failures += 1
        if is_slow:
            bucket.slow += 1
            self.slow += 1

    def expire(self, now_ns: int) -> None:
        buckets = self._buckets
        while buckets and now_ns - buckets[0].from_ns >= self._length_ns:
            gone = buckets.popleft()
            self.calls -= gone.calls
            self.failures -= gone.failures
            self.slow -= gone.slow

    def clear(self) -> None:
        self._buckets.clear()
        self._newest = None
        self.calls = self.failures = self.slow = 0
