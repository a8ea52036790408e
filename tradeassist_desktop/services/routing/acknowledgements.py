"""What acknowledging mutes, and until when: a condition that was seen is not told again until it clears."""

from collections.abc import Callable

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.routing import Subject, subject_of
from tradeassist_desktop.domain.rules import Rule, Standing, Trigger
from tradeassist_desktop.services.routing.silence_book import SilenceBook
from tradeassist_desktop.services.routing.silences import Silences


class Acknowledgements:
    """Mutes rules that fire again while their condition is true, once that was acknowledged.

    Other rules need none: they fire again only after their condition was no longer true, which is
    news. Nor do crossings: each is an event of its own.

    Args:
        standing: Returns whether a rule's condition is true still, and since when.
        rule: Returns the rule of a uid, or ``None``.
    """

    def __init__(
        self,
        *,
        book: SilenceBook,
        silences: Silences,
        standing: Callable[[str, str], Standing],
        rule: Callable[[str], Rule | None],
    ) -> None:
        self._book = book
        self._silences = silences
        self._standing = standing
        self._rule = rule

    def acknowledge(self, alert: Alert) -> None:
        """Take notice that an alert was acknowledged."""
        rule = self._rule(alert.rule_uid)
        if rule is None or rule.trigger not in (Trigger.EVERY, Trigger.ONCE_PER_BAR):
            return
        since_ns = self._standing(alert.rule_uid, alert.symbol).since_ns
        if since_ns is not None and not self._book.acknowledged_of(subject_of(alert)):
            self._silences.acknowledge(subject_of(alert), since_ns)

    def take_back(self, alert: Alert) -> None:
        """Take notice that acknowledging an alert was taken back."""
        self._silences.take_back(subject_of(alert))

    def end_cleared(self) -> None:
        """End what waits for a condition that was no longer true meanwhile."""
        for silence in self._book.acknowledged():
            if self._standing(silence.rule_uid, silence.symbol).since_ns != silence.from_ns:
                self._silences.take_back(Subject(silence.rule_uid, silence.symbol))

    @property
    def are_there(self) -> bool:
        """Whether any waits for its condition to clear."""
        return bool(self._book.acknowledged())
