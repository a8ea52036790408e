"""Silences in memory, found by what an alert is about."""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from tradeassist_desktop.domain.routing import Silence, SilenceCause, SilenceScope, Subject
from tradeassist_desktop.runtime.clock import Clock

REMEMBERED_NS: Final = 7 * 86_400_000_000_000
"""For how long the end of a silence matters to alerts that it covered."""


class SilenceBook:
    """Every silence that is on or to come, and those that ended within the last seven days."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, Silence] = {}
        # Snoozes and acknowledgements may be thousands, and an alert must not look at each.
        self._narrow: dict[Subject, dict[str, Silence]] = {}
        self._broad: dict[str, Silence] = {}

    # --- changing

    def hold(self, silence: Silence) -> None:
        """Take a silence, or what has become of it."""
        self._all[silence.id] = silence
        if silence.scope is SilenceScope.RULE_SYMBOL:
            self._narrow.setdefault(_subject(silence), {})[silence.id] = silence
        else:
            self._broad[silence.id] = silence

    def forget(self, silence_id: str) -> None:
        """Have it that a silence has never been."""
        silence = self._all.pop(silence_id)
        self._broad.pop(silence_id, None)
        narrow = self._narrow.get(_subject(silence), {})
        narrow.pop(silence_id, None)
        if not narrow:
            self._narrow.pop(_subject(silence), None)

    def forget_old(self) -> None:
        """Forget what ended too long ago to matter."""
        long_ago_ns = self._clock.now_ns() - REMEMBERED_NS
        for silence in list(self._all.values()):
            if silence.end_ns is not None and silence.end_ns <= long_ago_ns:
                self.forget(silence.id)

    # --- looking in

    def get(self, silence_id: str) -> Silence | None:
        """Return the silence, or ``None`` if there is none of that id."""
        return self._all.get(silence_id)

    def active(self) -> tuple[Silence, ...]:
        """Return the silences that mute now, in the order of their making."""
        now_ns = self._clock.now_ns()
        return tuple(silence for silence in self._all.values() if silence.is_active(now_ns))

    def coming(self) -> tuple[Silence, ...]:
        """Return those that begin later, the next first."""
        now_ns = self._clock.now_ns()
        coming = (silence for silence in self._all.values() if silence.is_coming(now_ns))
        return tuple(sorted(coming, key=lambda silence: silence.from_ns))

    def longest(self, is_meant: Callable[[Silence], bool]) -> Silence | None:
        """Return the active silence that lasts longest of those that are meant; ``None`` without one."""
        return max(filter(is_meant, self.active()), key=lasts_until, default=None)

    def covering(self, subject: Subject, tags: Collection[str]) -> list[Silence]:
        """Return the silences that mute alerts of that subject now, on some channels or all."""
        now_ns = self._clock.now_ns()
        return [each for each in self._about(subject, tags) if each.is_active(now_ns)]

    def last_end_ns(
        self, channel: str, *, subject: Subject, tags: Collection[str], is_own: bool
    ) -> int | None:
        """Return when the latest silence of a subject on a channel came to its end; ``None`` if none has.

        Acknowledging is none: who has seen an alert does not wait for it. Nor is what the trader ended
        by hand: who resumes after a moment's pause must not hear all again that was told before it.

        Args:
            is_own: Only of silences made for this very subject, as a snooze is.
        """
        now_ns = self._clock.now_ns()
        about = self._narrow.get(subject, {}).values() if is_own else self._about(subject, tags)
        ends = (
            silence.end_ns
            for silence in about
            if silence.cause is not SilenceCause.ACKNOWLEDGED
            and silence.ended_ns is None
            and silence.mutes(channel)
        )
        return max((end_ns for end_ns in ends if end_ns is not None and end_ns <= now_ns), default=None)

    def next_change_ns(self) -> int | None:
        """Return when the next silence begins or ends; ``None`` if that of none is known."""
        changes = [silence.from_ns for silence in self.coming()]
        changes += [silence.end_ns for silence in self.active() if silence.end_ns is not None]
        return min(changes, default=None)

    def first_ns(self, ended_after_ns: int) -> int | None:
        """Return when the first began of those that have not ended by then; ``None`` without one."""
        begun = (
            silence.created_ns
            for silence in self._all.values()
            if silence.end_ns is None or silence.end_ns > ended_after_ns
        )
        return min(begun, default=None)

    def acknowledged(self) -> list[Silence]:
        """Return the silences that wait for a condition to be no longer true."""
        return [each for each in self.active() if each.cause is SilenceCause.ACKNOWLEDGED]

    def acknowledged_of(self, subject: Subject) -> list[Silence]:
        """Return those of one subject."""
        now_ns = self._clock.now_ns()
        return [
            silence
            for silence in self._narrow.get(subject, {}).values()
            if silence.cause is SilenceCause.ACKNOWLEDGED and silence.is_active(now_ns)
        ]

    def _about(self, subject: Subject, tags: Collection[str]) -> Iterator[Silence]:
        for silence in self._broad.values():
            if silence.is_about(subject, tags):
                yield silence
        yield from self._narrow.get(subject, {}).values()


def lasts_until(silence: Silence) -> float:
    """Return when a silence ends; infinity while that is not known."""
    return float("inf") if silence.end_ns is None else silence.end_ns


def _subject(silence: Silence) -> Subject:
    return Subject(silence.rule_uid, silence.symbol)
