"""When a replay's next event is due: pace, pause, steps, and the way to another time."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, TIMEFRAMES, Bar, MarketEvent, Tick
from tradeassist_desktop.domain.replay import ReplayState
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

_TELL_EVERY_NS: Final = 100 * NS_PER_MS
_STEP_NS: Final = TIMEFRAMES["1m"]


class ReplayControl:
    """The trader's hand on a replay. What is played, and with what times, never hangs on it.

    Args:
        speed: Times as fast as recorded; 0 is as fast as possible.
        start_at_ns: Up to this event time the events come as fast as possible, paused or not.
        quiet_until_ns: What fires before this event time was not asked for.
        span: When the recording begins and ends, UTC nanoseconds.
        tell: Hears of each change, and of the position ten times a second at most.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        speed: float = 1.0,
        start_at_ns: int | None = None,
        is_paused: bool = False,
        quiet_until_ns: int = 0,
        span: tuple[int, int] = (0, 0),
        tell: Callable[[ReplayState], None] = lambda state: None,
    ) -> None:
        self._clock = clock
        self._speed = speed
        self._is_paused = is_paused
        self._seek_ns = start_at_ns
        self._tell = tell
        self._quiet_until_ns = quiet_until_ns
        self._span = span
        self._at_ns: int | None = None
        self._is_ended = False
        self._steps = 0
        self._step_until_ns: int | None = None
        self._changed = asyncio.Event()
        self._told_ns = -_TELL_EVERY_NS
        # Since when, on the monotonic clock, the present speed holds, and from which event time on.
        self._anchor: tuple[int, int] | None = None

    # --- the trader's side

    @property
    def state(self) -> ReplayState:
        """Where the replay is, and how it goes on."""
        first_ns, last_ns = self._span
        return ReplayState(
            first_ns=first_ns,
            last_ns=last_ns,
            at_ns=first_ns if self._at_ns is None else self._at_ns,
            speed=self._speed,
            is_paused=self._is_paused,
            seek_ns=self._seek_ns,
            is_ended=self._is_ended,
        )

    @property
    def quiet_until_ns(self) -> int:
        """Until when nothing is to be raised: earlier than asked for where seeking was broken off."""
        return self._quiet_until_ns

    def pause(self) -> None:
        """Play nothing more for now."""
        self._is_paused = True
        self._steps, self._step_until_ns = 0, None
        self._change()

    def resume(self) -> None:
        """Play on."""
        self._is_paused = False
        self._change()

    def step(self) -> None:
        """Play one more update, then pause."""
        self._is_paused = True
        self._steps += 1
        self._change()

    def step_bar(self) -> None:
        """Play until one more minute has closed, as fast as possible, then pause."""
        self._is_paused = True
        from_ns = self.state.at_ns if self._step_until_ns is None else self._step_until_ns
        self._step_until_ns = (from_ns // _STEP_NS + 1) * _STEP_NS
        self._change()

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast as recorded; 0 is as fast as possible.

        Raises:
            ValueError: it is negative.
        """
        if speed < 0:
            raise ValueError(f"Speed must be 0 or more, was {speed}")
        self._speed = speed
        self._change()

    def seek(self, event_ns: int) -> None:
        """Play as fast as possible up to a later time, then go on as before.

        Raises:
            ValueError: the replay has come further already; only a new one can go back.
        """
        if event_ns < self.state.at_ns:
            raise ValueError("a replay does not go backwards")
        self._seek_ns = event_ns
        self._change()

    def cancel_seek(self) -> None:
        """Stay where the seeking has come."""
        self._quiet_until_ns = min(self._quiet_until_ns, self.state.at_ns)
        self._seek_ns = None
        self._is_paused = True
        self._change()

    # --- the feed's side

    def wait_s(self, event_ns: int) -> float:
        """Return the seconds until an event is due: 0 or less where it is, infinite in a pause."""
        if self._seek_ns is not None:
            if event_ns < self._seek_ns:
                return 0.0
            self._seek_ns = None
            # The pace begins here, and not with the seeking.
            self._anchor = (self._clock.monotonic_ns(), event_ns)
            self._tell_now()
        if event_ns < self._span[0]:
            return 0.0  # how the market stood as the session began
        if self._is_paused:
            return 0.0 if self._steps or self._step_until_ns is not None else inf
        if self._speed == 0:
            return 0.0
        if self._anchor is None:
            self._anchor = (self._clock.monotonic_ns(), event_ns if self._at_ns is None else self._at_ns)
        since_ns, from_ns = self._anchor
        due_ns = since_ns + int((event_ns - from_ns) / self._speed)
        return (due_ns - self._clock.monotonic_ns()) / NS_PER_SECOND

    async def until_due(self, event_ns: int) -> None:
        """Return once an event is due, whatever the trader does meanwhile."""
        while (wait_s := self.wait_s(event_ns)) > 0:
            if wait_s * NS_PER_SECOND > _TELL_EVERY_NS:
                self._tell_now()
            self._changed.clear()
            if wait_s == inf:
                await self._changed.wait()
            else:
                with suppress(TimeoutError):
                    await within(self._clock, wait_s, self._changed.wait())

    def played(self, event: MarketEvent, event_ns: int) -> None:
        """Hear that an event was played."""
        event_ns = max(event_ns, self._span[0])
        if self._at_ns is None or event_ns > self._at_ns:
            self._at_ns = event_ns
        if self._steps and isinstance(event, Tick | Bar):
            self._steps -= 1
        if self._step_until_ns is not None and event_ns >= self._step_until_ns:
            self._step_until_ns = None

    def breathe(self) -> None:
        """Tell the position if it is time to."""
        if self._clock.monotonic_ns() - self._told_ns >= _TELL_EVERY_NS:
            self._tell_now()

    def end(self) -> None:
        """Hear that there is nothing more to play."""
        self._is_ended = True
        self._seek_ns = None
        self._tell_now()

    def _change(self) -> None:
        self._anchor = None
        self._changed.set()
        self._tell_now()

    def _tell_now(self) -> None:
        self._told_ns = self._clock.monotonic_ns()
        self._tell(self.state)
