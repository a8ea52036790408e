"""What was read or written lately, for as long as it counts as fresh and a while longer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tradeassist_desktop.domain.secret import NOBODY, KeptSecret
from tradeassist_desktop.runtime.clock import Clock

_ABSENT_S: Final = 300.0
_AHEAD_S: Final = 60.0
_NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One answer.

    Args:
        kept: ``None`` where every keeper was asked and none had it.
        asked_ns: When its keeper gave it, UTC nanoseconds.
        put_ns: When it was put here, UTC nanoseconds. It is fresh by both clocks or not at all: the
            monotonic one sleeps with the computer.
        fresh_until_ns: On the monotonic clock.
        fresh_ns: How long from ``put_ns`` on.
        is_ahead: Whether it is to be given to keepers yet that were silent as it was written.
        may_stand_in: Whether it may answer for its keeper once it is no longer fresh.
    """

    kept: KeptSecret | None
    asked_ns: int
    put_ns: int
    fresh_until_ns: int
    fresh_ns: int
    is_ahead: bool = False
    may_stand_in: bool = True


class SecretMemory:
    """One answer a name. What is no longer fresh may still answer for a keeper that is silent.

    Args:
        fresh_s: How long an answer is fresh.
        grace_s: How old an answer may be to stand in for its keeper.
        own: What is kept here only, by name; given on from a store of this run to the next.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        fresh_s: Callable[[], float],
        grace_s: Callable[[], float],
        own: dict[str, KeptSecret],
    ) -> None:
        self._clock = clock
        self._fresh_s = fresh_s
        self._grace_s = grace_s
        self._answers: dict[str, Remembered] = {}
        self._own = own
        for kept in tuple(own.values()):
            self.put(kept)

    def fresh(self, name: str) -> Remembered | None:
        """Return the answer if it is fresh."""
        found = self._answers.get(name)
        if found is None:
            return None
        is_fresh = self._clock.monotonic_ns() < found.fresh_until_ns
        return found if is_fresh and 0 <= self._clock.now_ns() - found.put_ns < found.fresh_ns else None

    def own(self, name: str) -> KeptSecret | None:
        """Return what is kept here and nowhere else."""
        return self._own.get(name)

    def ahead(self, name: str) -> Remembered | None:
        """Return what is to be given to keepers yet."""
        found = self._answers.get(name)
        return found if found is not None and found.is_ahead else None

    def copy_of(self, name: str, source: str) -> tuple[KeptSecret, int] | None:
        """Return what that keeper gave and when, if it is not too old to stand in for it."""
        found = self._answers.get(name)
        if found is None or found.kept is None or found.kept.source != source or not found.may_stand_in:
            return None
        return (found.kept, found.asked_ns) if self.is_in_grace(found.asked_ns) else None

    def was_absent(self, name: str) -> bool:
        """Return whether nobody had it when all were asked last, and that is not too long ago."""
        found = self._answers.get(name)
        return found is not None and found.kept is None and self.is_in_grace(found.asked_ns)

    def is_in_grace(self, asked_ns: int) -> bool:
        """Return whether what was given then may stand in for its keeper."""
        return self._clock.now_ns() < self.grace_end_ns(asked_ns)

    def grace_end_ns(self, asked_ns: int) -> int:
        """Return until when what was given then may stand in for its keeper, UTC nanoseconds."""
        return asked_ns + round(self._grace_s() * _NS_PER_S)

    def is_of_use(self, asked_ns: int) -> bool:
        """Return whether what was given then is fresh, or may stand in for its keeper."""
        return self.rest_s(asked_ns) > 0 or self.is_in_grace(asked_ns)

    def rest_s(self, asked_ns: int) -> float:
        """Return how long what was given then is fresh from now on, seconds; 0 if it is not."""
        age_s = (self._clock.now_ns() - asked_ns) / _NS_PER_S
        return max(0.0, self._fresh_s() - age_s) if age_s >= 0 else 0.0

    def put(
        self,
        kept: KeptSecret,
        *,
        asked_ns: int | None = None,
        fresh_s: float | None = None,
        is_ahead: bool = False,
    ) -> KeptSecret:
        """Take an answer of a keeper, and return it.

        Args:
            asked_ns: When it was asked; now by default.
            fresh_s: How long it is fresh from now on; by default as long as any.
            is_ahead: As of ``Remembered``; such a one is fresh for a minute, then keepers are tried again.
        """
        now_ns = self._clock.now_ns()
        if is_ahead:
            fresh_s = _AHEAD_S
        fresh_ns = round((self._fresh_s() if fresh_s is None else fresh_s) * _NS_PER_S)
        if kept.source == NOBODY:
            self._own[kept.name] = kept
        else:
            self._own.pop(kept.name, None)
        self._answers[kept.name] = Remembered(
            kept=kept,
            asked_ns=now_ns if asked_ns is None else asked_ns,
            put_ns=now_ns,
            fresh_until_ns=self._clock.monotonic_ns() + fresh_ns,
            fresh_ns=fresh_ns,
            is_ahead=is_ahead,
        )
        return kept

    def put_absent(self, name: str) -> None:
        """Take that nobody has it: fresh for five minutes at the most."""
        now_ns, fresh_ns = self._clock.now_ns(), round(min(self._fresh_s(), _ABSENT_S) * _NS_PER_S)
        self._answers[name] = Remembered(
            kept=None,
            asked_ns=now_ns,
            put_ns=now_ns,
            fresh_until_ns=self._clock.monotonic_ns() + fresh_ns,
            fresh_ns=fresh_ns,
        )

    def refuse(self, name: str, source: str) -> None:
        """Let what that keeper gave end with its time, and stand in for it no longer."""
        found = self._answers.get(name)
        if found is not None and found.kept is not None and found.kept.source == source:
            self._answers[name] = replace(found, may_stand_in=False)

    def stale(self, name: str) -> None:
        """Call an answer no longer fresh."""
        found = self._answers.get(name)
        if found is not None:
            self._answers[name] = replace(found, fresh_until_ns=0)

    def drop(self, name: str) -> None:
        """Forget a name altogether."""
        self._own.pop(name, None)
        self._answers.pop(name, None)

    def drop_all(self, source: str) -> None:
        """Forget all that a keeper gave."""
        given = [name for name, found in self._answers.items() if found.kept and found.kept.source == source]
        for name in given:
            del self._answers[name]

    def age(self) -> None:
        """Call nothing fresh any more."""
        for name in tuple(self._answers):
            self.stale(name)
