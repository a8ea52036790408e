"""The few calls that a half-open breaker lets through to see."""

from typing import Final

from tradeassist_desktop.runtime.breakers.circuit import Circuit
from tradeassist_desktop.runtime.breakers.config import BreakerConfig

_NS_PER_SECOND: Final = 1_000_000_000


class Probes:
    """As many as are permitted, under way or passed; a place is given back where a probe says nothing.

    Args:
        circuit: Counts those that passed.
    """

    def __init__(self, *, config: BreakerConfig, circuit: Circuit) -> None:
        self._permitted = config.probes
        self._slow_rate = config.slow_rate
        self._limit_ns = round(config.probing_limit_s * _NS_PER_SECOND)
        self._circuit = circuit
        self._newest_ns = 0
        self.begin()

    def begin(self) -> None:
        """Give all places free."""
        self._under_way = 0
        self._slow = 0

    def take_place(self, now_ns: int) -> bool:
        """Return whether there was a place, which is taken then."""
        if self._under_way + self._circuit.success_counter >= self._permitted:
            return False
        self._under_way += 1
        self._newest_ns = now_ns
        return True

    def give_back(self) -> None:
        """Free a place."""
        self._under_way -= 1

    def add_passed(self, *, is_slow: bool) -> bool:
        """Take a probe that succeeded; return whether all have."""
        self._under_way -= 1
        self._slow += is_slow
        self._circuit.increment_success_counter()
        return self._circuit.success_counter >= self._permitted

    @property
    def were_slow(self) -> bool:
        """Whether too many of those that passed were."""
        return self._slow_rate is not None and self._slow / self._permitted >= self._slow_rate

    def hang(self, now_ns: int) -> bool:
        """Return whether those that hold all places have for too long: their tasks hang, or are gone."""
        return now_ns - self._newest_ns >= self._limit_ns
