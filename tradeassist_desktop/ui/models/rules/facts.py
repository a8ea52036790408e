"""What is known of a rule without asking the engine: read once, found and sorted by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.kinds.kind_forms import KINDS
from tradeassist_desktop.engine.kinds.kind_shapes import EXPRESSION, kind_name
from tradeassist_desktop.engine.language import parse

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

KIND_TITLES: Final[Mapping[str, str]] = {
    **{spec.name: spec.label for spec in KINDS},
    EXPRESSION: "Expression",
}


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What a rule's text comes to.

    Args:
        words: The condition in plain words.
        kind: A key of ``KIND_TITLES``.
        text: All that a search looks through, casefolded.
    """

    rule: Rule
    words: str
    kind: str
    text: str


class Facts:
    """The facts of rules, read when first asked for; anew of a rule that changed."""

    def __init__(self, *, desk: "Desk") -> None:
        self._desk = desk
        self._of: dict[str, RuleFacts] = {}

    def known(self, rule: Rule) -> RuleFacts | None:
        """Return what is known already; ``None`` where it would have to be read."""
        found = self._of.get(rule.uid)
        return found if found is not None and found.rule is rule else None

    def of(self, rule: Rule) -> RuleFacts:
        """Return the facts of a rule."""
        found = self.known(rule)
        if found is None:
            found = self._of[rule.uid] = self._read(rule)
        return found

    def keep_only(self, uids: Mapping[str, object]) -> None:
        """Forget rules that are no more."""
        if len(self._of) > len(uids):
            self._of = {uid: facts for uid, facts in self._of.items() if uid in uids}

    def _read(self, rule: Rule) -> RuleFacts:
        try:
            words, kind = self._desk.rules.in_words(rule), kind_name(parse(rule.when))
        except BadInput:  # kept by a version that knew other words; the engine says what is wrong
            words, kind = rule.when, EXPRESSION
        return RuleFacts(rule, words, kind, f"{plain_text(rule)}\n{words.casefold()}")


def plain_text(rule: Rule) -> str:
    """Return what a search looks through of a rule whose condition was not read yet."""
    parts = (rule.name, rule.when, *rule.symbols, *rule.tags, rule.notes)
    return "\n".join(parts).casefold()
