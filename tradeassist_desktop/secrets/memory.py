"""What was read or written lately, for as long as it counts as fresh and a while longer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tradeassist_desktop.domain.secret import NOBODY, KeptSecret
from tradeassist_desktop.runtime.clock import Clock

_ABSENT_S: Final = 300.0
_NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One answer.

    Args:
        kept: ``None`` where every keeper was asked and none had it.
        asked_ns: When its keeper gave it, UTC nanoseconds.
        fresh_until_ns: On the monotonic clock; ``None`` for what is here only, and is always fresh.
        life_ns: How old it may be by the wall clock: a computer that slept has a monotonic clock that
            slept too.
    """

    kept: KeptSecret | None
    asked_ns: int
    fresh_until_ns: int | None
    life_ns: int


class SecretMemory:
    """One answer a name. What is no longer fresh may still answer for a keeper that is silent.

    Args:
        fresh_s: How long an answer is fresh.
        grace_s: How old an answer may be to stand in for its keeper.
    """

    def __init__(self, *, clock: Clock, fresh_s: Callable[[], float], grace_s: Callable[[], float]) -> None:
        self._clock = clock
        self._fresh_s = fresh_s
        self._grace_s = grace_s
        self._answers: dict[str, Remembered] = {}

    def fresh(self, name: str) -> Remembered | None:
        """Return the answer if it is fresh."""
        found = self._answers.get(name)
        if found is None or found.fresh_until_ns is None:
            return found
        is_fresh = self._clock.monotonic_ns() < found.fresh_until_ns
        return found if is_fresh and 0 <= self._clock.now_ns() - found.asked_ns < found.life_ns else None

    def own(self, name: str) -> KeptSecret | None:
        """Return what is kept here and nowhere else."""
        found = self._answers.get(name)
        return None if found is None or found.fresh_until_ns is not None else found.kept

    def copy_of(self, name: str, source: str) -> KeptSecret | None:
        """Return what that keeper gave, if it is not too old to stand in for it."""
        found = self._answers.get(name)
        if found is None or found.kept is None or found.kept.source != source:
            return None
        is_young = self._clock.now_ns() - found.asked_ns < self._grace_s() * _NS_PER_S
        return found.kept if is_young else None

    def put(
        self, kept: KeptSecret, *, asked_ns: int | None = None, fresh_s: float | None = None
    ) -> KeptSecret:
        """Take an answer of a keeper, and return it.

        Args:
            asked_ns: When it was asked; now by default.
            fresh_s: How long it is fresh from now on; by default as long as any.
        """
        life_s = self._fresh_s()
        self._answers[kept.name] = Remembered(
            kept=kept,
            asked_ns=self._clock.now_ns() if asked_ns is None else asked_ns,
            fresh_until_ns=None
            if kept.source == NOBODY
            else self._clock.monotonic_ns() + round((life_s if fresh_s is None else fresh_s) * _NS_PER_S),
            life_ns=round(life_s * _NS_PER_S),
        )
        return kept

    def put_absent(self, name: str) -> None:
        """Take that nobody has it: fresh for five minutes at the most."""
        life_s = min(self._fresh_s(), _ABSENT_S)
        self._answers[name] = Remembered(
            kept=None,
            asked_ns=self._clock.now_ns(),
            fresh_until_ns=self._clock.monotonic_ns() + round(life_s * _NS_PER_S),
            life_ns=round(life_s * _NS_PER_S),
        )

    def drop(self, name: str) -> None:
        """Forget a name altogether."""
        self._answers.pop(name, None)

    def age(self) -> None:
        """Call nothing fresh any more, but for what is kept here only."""
        for name, found in self._answers.items():
            if found.fresh_until_ns is not None:
                self._answers[name] = replace(found, fresh_until_ns=0)
