"""The shares of calls that failed or were slow."""

from tradeassist_desktop.runtime.breakers.config import BreakerConfig


class Rates:
    """Of the calls in a configuration's window; unknown while there are too few."""

    def __init__(self, config: BreakerConfig) -> None:
        self._failure_rate = config.failure_rate
        self._slow_rate = config.slow_rate
        self._min_calls = config.min_calls
        self._tells_slow = config.slow_s is not None
        self._window = config.window.new()

    def add(self, now_ns: int, is_failure: bool, is_slow: bool) -> bool:
        """Take a call that has just ended; return whether a share is at its limit now.

        Even a success may bring that about: with it there may be calls enough.
        """
        window = self._window
        window.add(now_ns, is_failure, is_slow)
        calls = window.calls
        if calls < self._min_calls or not (window.failures or window.slow):
            return False
        return (self._failure_rate is not None and window.failures / calls >= self._failure_rate) or (
            self._slow_rate is not None and window.slow / calls >= self._slow_rate
        )

    def clear(self) -> None:
        """Begin anew."""
        self._window.clear()

    def at(self, now_ns: int) -> tuple[float | None, float | None]:
        """Return the failures' and the slow calls' share, 0 to 1; ``None`` while unknown."""
        window = self._window
        window.expire(now_ns)
        if window.calls < self._min_calls:
            return None, None
        slow = window.slow / window.calls if self._tells_slow else None
        return window.failures / window.calls, slow
