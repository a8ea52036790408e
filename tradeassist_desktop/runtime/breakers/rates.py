"""The shares of calls that failed or were slow."""

from tradeassist_desktop.runtime.breakers.config import BreakerConfig


class Rates:
    """Of the calls in a configuration's window; unknown while there are too few."""

    def __init__(self, config: BreakerConfig) -> None:
        self._config = config
        self._window = config.window.new()

    def add(self, now_ns: int, is_failure: bool, is_slow: bool) -> bool:
        """Take a call that has just ended; return whether there is anything to look at."""
        window = self._window
        window.add(now_ns, is_failure, is_slow)
        return window.failures > 0 or window.slow > 0

    def clear(self) -> None:
        """Begin anew."""
        self._window.clear()

    def reach_a_limit(self) -> bool:
        """Return whether one of them is at its limit, as of the newest call."""
        config, window = self._config, self._window
        if window.calls < config.min_calls:
            return False
        return (
            config.failure_rate is not None and window.failures / window.calls >= config.failure_rate
        ) or (config.slow_rate is not None and window.slow / window.calls >= config.slow_rate)

    def at(self, now_ns: int) -> tuple[float | None, float | None]:
        """Return the failures' and the slow calls' share, 0 to 1; ``None`` while unknown."""
        window = self._window
        window.expire(now_ns)
        if window.calls < self._config.min_calls:
            return None, None
        slow = None if self._config.slow_s is None else window.slow / window.calls
        return window.failures / window.calls, slow
