"""All breakers of the desk, by name."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState, BreakerStore, SavedBreaker
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.presets import PRESETS
from tradeassist_desktop.runtime.breakers.switch import Listener
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

_NOTHING_SAVED: Final[Mapping[str, SavedBreaker]] = {}


class BreakerConflict(Exception):
    """Two parts of the program want the same breaker to behave differently: a mistake of ours."""


class Breakers:
    """Makes each breaker once; keeps them over a restart, where there is a store.

    Args:
        rng: For the jitter of their waits.
        store: Told of each change.
        access: Asked before a person's change.
    """

    def __init__(
        self, *, clock: Clock, rng: random.Random, store: BreakerStore | None = None, access: Gate = OPEN
    ) -> None:
        self._access = access
        self._clock = clock
        self._rng = rng
        self._store = store
        self._saved = _NOTHING_SAVED
        self._breakers: dict[str, Breaker] = {}
        self._listeners: list[Listener] = []

    async def load(self) -> None:
        """Read how breakers stood when the program ended; before the first is made."""
        if self._store is not None:
            self._saved = await self._store.load()

    def get(self, name: str, config: BreakerConfig | None = None) -> Breaker:
        """Return the breaker of that name, made if there is none yet.

        Args:
            config: ``None`` for the one it has; a new one then gets the preset of its name.

        Raises:
            BreakerConflict: it is there with another configuration.
            KeyError: it is not there, and has no preset.
        """
        breaker = self._breakers.get(name)
        if breaker is None:
            breaker = self._breakers[name] = self._new(name, PRESETS[name] if config is None else config)
        elif config is not None and config != breaker.config:
            raise BreakerConflict(f"{name} has {breaker.config}, so it cannot have {config}")
        return breaker

    def adopt(self, breaker: Breaker) -> None:
        """Take in a breaker that was made before; how it stood when the program ended, it does not know.

        Raises:
            BreakerConflict: there is another of its name.
        """
        if self._breakers.setdefault(breaker.name, breaker) is not breaker:
            raise BreakerConflict(f"there are two breakers called {breaker.name}")
        self._follow(breaker)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each change of any breaker; call the result to end that.

        As ``Breaker.listen``: in the thread of the call that brought it.
        """
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def readings(self) -> tuple[BreakerReading, ...]:
        """Return how each is now, by name."""
        return tuple(self._breakers[name].reading for name in sorted(self._breakers))

    def unhealthy(self) -> tuple[BreakerReading, ...]:
        """Return those that refuse calls, or would have, by name."""
        return tuple(reading for reading in self.readings() if not reading.is_healthy)

    def summary(self) -> Mapping[BreakerState, int]:
        """Return how many there are in each state that has any."""
        return dict(Counter(reading.state for reading in self.readings()))

    def force(self, name: str, state: BreakerState) -> None:
        """Put one into a state by hand.

        Raises:
            KeyError: there is none of that name.
            ValueError: as ``Breaker.force``.
        """
        self._access.require(Act.RECONNECT)
        self._breakers[name].force(state)

    def reset(self, name: str | None = None) -> None:
        """Close one, or all of them, and begin its counts at 0.

        Raises:
            KeyError: there is none of that name.
        """
        self._access.require(Act.RECONNECT)
        for breaker in list(self._breakers.values()) if name is None else [self._breakers[name]]:
            breaker.reset()

    def _new(self, name: str, config: BreakerConfig) -> Breaker:
        breaker = Breaker(
            name=name, config=config, clock=self._clock, rng=self._rng, saved=self._saved.get(name)
        )
        self._follow(breaker)
        return breaker

    def _follow(self, breaker: Breaker) -> None:
        if self._store is not None:
            keep = self._store.keep
            breaker.listen(lambda reading: keep(breaker.saved()))
        breaker.listen(self._tell)

    def _tell(self, reading: BreakerReading) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(reading)
            except Exception:  # one bad guest must not end the party
                log.exception("breaker listener failed", extra={"breaker": reading.name})
