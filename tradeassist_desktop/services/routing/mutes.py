"""What mutes an alert on a channel now, decided by what is held in memory alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from tradeassist_desktop.domain.alerts import Alert, Priority, Timing
from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.delivery import Muting
from tradeassist_desktop.domain.routing import Silence, SilenceCause, Subject, subject_of
from tradeassist_desktop.domain.rules import Rule, Standing
from tradeassist_desktop.services.routing.policy import Policy
from tradeassist_desktop.services.routing.silence_book import SilenceBook, lasts_until
from tradeassist_desktop.services.routing.words import silence_words

_MUTINGS = {SilenceCause.SNOOZE: Muting.SNOOZE, SilenceCause.ACKNOWLEDGED: Muting.ACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class Mute:
    """That something mutes: what, in words, and until when; ``None`` while that is not known."""

    muting: Muting
    words: str
    end_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What routing must know of an alert, or of a rule that has not fired yet.

    Args:
        channels: Those the rule names; ``None`` leaves it to the settings.
        is_replayed: It is of the past: a replay raised it.
    """

    subject: Subject
    priority: Priority
    channels: tuple[str, ...] | None
    tags: tuple[str, ...] = ()
    is_replayed: bool = False


class Mutes:
    """Knows the silences, the quiet hours and what a replay may do.

    Args:
        rule: Returns the rule of a uid, or ``None``.
        standing: Returns whether a rule's condition is true still.
        is_local: Whether a channel is this machine.
        is_live: Whether the desk is on the live market.
        zone: In which times are told; ``None`` is this machine's.
    """

    def __init__(
        self,
        *,
        policy: Callable[[], Policy],
        book: SilenceBook,
        rule: Callable[[str], Rule | None],
        standing: Callable[[str, str], Standing],
        is_local: Callable[[str], bool],
        is_live: bool,
        zone: tzinfo | None = None,
    ) -> None:
        self._policy = policy
        self._book = book
        self._rule = rule
        self._standing = standing
        self.is_local = is_local
        self._is_live = is_live
        self._zone = zone

    def target(self, alert: Alert) -> Target:
        """Return what routing must know of an alert."""
        rule = self._rule(alert.rule_uid)
        return Target(
            subject=subject_of(alert),
            priority=alert.priority,
            channels=alert.channels,
            tags=() if rule is None else rule.tags,
            is_replayed=alert.timing is Timing.REPLAYED or not self._is_live,
        )

    def target_of_rule(self, rule: Rule, symbol: str) -> Target:
        """Return what routing must know of an alert that a rule would raise now."""
        return Target(
            subject=Subject(rule.uid, symbol),
            priority=rule.priority,
            channels=rule.channels,
            tags=rule.tags,
            is_replayed=not self._is_live,
        )

    def covering(self, target: Target) -> list[Silence]:
        """Return the silences that cover it now, on some channels or all."""
        return [
            silence for silence in self._book.covering(target.subject, target.tags) if self._holds(silence)
        ]

    def on(self, channel: str, target: Target, covering: list[Silence], now_ns: int) -> Mute | None:
        """Return what mutes it on a channel; of several the first that lasts for longest.

        Args:
            covering: What ``covering`` has returned, once for all channels.
        """
        policy = self._policy()
        title = CHANNEL_TITLES.get(channel, channel)
        if target.is_replayed and not policy.sends_replayed and not self.is_local(channel):
            return Mute(Muting.REPLAY, f"replay: what is past is not sent to {title}")
        silence = max((each for each in covering if each.mutes(channel)), key=lasts_until, default=None)
        if silence is not None:
            muting = _MUTINGS.get(silence.cause, Muting.SILENCE)
            return Mute(muting, silence_words(silence, now_ns, self._zone), silence.end_ns)
        quiet = policy.quiet.get(channel)
        if quiet is None or (target.priority is Priority.URGENT and policy.urgent_breaks_through):
            return None
        end_ns = quiet.end_ns(now_ns)
        if end_ns is None:
            return None
        return Mute(Muting.QUIET_HOURS, f"quiet hours of {title} until {quiet.time_text(end_ns)}", end_ns)

    def _holds(self, silence: Silence) -> bool:
        """Whether a silence still has its reason: an acknowledged condition that has been true since."""
        if silence.cause is not SilenceCause.ACKNOWLEDGED:
            return True
        return self._standing(silence.rule_uid, silence.symbol).since_ns == silence.from_ns
