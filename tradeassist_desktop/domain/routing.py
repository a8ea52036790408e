"""What mutes alerts, and where an alert would go and why."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Muting


class Subject(NamedTuple):
    """What alerts are about: a rule on a symbol. A notice of the desk stands for itself, by its id."""

    rule_uid: str
    symbol: str


def subject_of(alert: Alert) -> Subject:
    """Return what an alert is about."""
    return Subject(alert.rule_uid or alert.id, alert.symbol)


class SilenceScope(StrEnum):
    """What a silence mutes."""

    ALL = "all"
    RULE = "rule"
    TAG = "tag"
    SYMBOL = "symbol"
    RULE_SYMBOL = "rule_symbol"


class SilenceCause(StrEnum):
    """What the trader did to bring a silence about."""

    SILENCE = "silence"
    SNOOZE = "snooze"
    ACKNOWLEDGED = "acknowledged"
    MUTE = "mute"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A time in which some alerts are muted: kept in the history, and sent nowhere.

    Args:
        rule_uid: Of scopes ``RULE`` and ``RULE_SYMBOL``; likewise ``symbol`` and ``tag`` of theirs.
        channels: Only these are muted; empty is all.
        from_ns: UTC nanoseconds, and likewise ``until_ns``, ``created_ns``; may be to come. Where
            ``cause`` is ``ACKNOWLEDGED``, since when the condition that was acknowledged has been true,
            event time.
        until_ns: ``None`` is until it is ended: by the trader; or, where ``cause`` is
            ``ACKNOWLEDGED``, by the condition being no longer true.
        note: Why, in the trader's words.
        ended_ns: When it was ended before its time; ``None`` if it was not.
    """

    id: str
    scope: SilenceScope
    cause: SilenceCause
    from_ns: int
    until_ns: int | None
    created_ns: int
    rule_uid: str = ""
    symbol: str = ""
    tag: str = ""
    channels: tuple[str, ...] = ()
    note: str = ""
    ended_ns: int | None = None

    @property
    def end_ns(self) -> int | None:
        """When it ends or ended; ``None`` while that is not known."""
        if self.until_ns is None or self.ended_ns is None:
            return self.until_ns if self.ended_ns is None else self.ended_ns
        return min(self.until_ns, self.ended_ns)

    @property
    def mutes_everything(self) -> bool:
        """Whether no alert goes anywhere while it is on, however it was brought about."""
        return self.scope is SilenceScope.ALL and not self.channels

    def is_active(self, now_ns: int) -> bool:
        """Whether it mutes at ``now_ns``; its end does not belong to it."""
        begun = self.cause is SilenceCause.ACKNOWLEDGED or self.from_ns <= now_ns
        return begun and (self.end_ns is None or now_ns < self.end_ns)

    def is_coming(self, now_ns: int) -> bool:
        """Whether it is yet to begin."""
        begins_later = self.cause is not SilenceCause.ACKNOWLEDGED and self.from_ns > now_ns
        return begins_later and not self.is_over(now_ns)

    def is_over(self, now_ns: int) -> bool:
        """Whether it has ended."""
        return self.end_ns is not None and self.end_ns <= now_ns

    def is_about(self, subject: Subject, tags: Collection[str]) -> bool:
        """Whether alerts of this subject, whose rule has these tags, are in its scope."""
        match self.scope:
            case SilenceScope.ALL:
                return True
            case SilenceScope.RULE:
                return self.rule_uid == subject.rule_uid
            case SilenceScope.TAG:
                return self.tag in tags
            case SilenceScope.SYMBOL:
                return self.symbol == subject.symbol
            case SilenceScope.RULE_SYMBOL:
                return (self.rule_uid, self.symbol) == subject

    def mutes(self, channel: str) -> bool:
        """Whether that channel is among those it mutes."""
        return not self.channels or channel in self.channels


@dataclass(frozen=True, slots=True)
class Route:
    """One channel an alert goes to, or would but for ``muting``; ``reason`` says why, in words."""

    channel: str
    reason: str
    muting: Muting | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Where an alert goes, and what follows while nobody acknowledges it.

    Args:
        later: The steps of its escalation; each reason says when.
        repeats: How it is repeated, in words; empty where it is not.
    """

    routes: tuple[Route, ...]
    later: tuple[Route, ...] = ()
    repeats: str = ""
