"""Rules as they are being written: one draft each, kept while another one is open."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.widgets.editor.typed import Typed, changed_keys, rule_of, typed_of

_SEEING: Final = frozenset(("symbol", "when", "timeframe"))


def key_of(fault: Fault) -> str:
    """Return the key of the field that a fault is in."""
    return fault.place.partition("[")[0]


@dataclass(slots=True, eq=False)
class Draft:
    """One rule with what was typed over it.

    Args:
        base: What it is written from: the rule as it is kept, or a blank one.
        is_kept: Whether ``base`` is kept among the rules.
        is_tried: Whether it was to be saved: what is missing is told from then on.
        elsewhere: The rule as it was changed elsewhere meanwhile; ``None`` where it was not, or is gone.
        is_gone: Whether it was removed elsewhere meanwhile.
    """

    base: Rule
    typed: Typed
    is_kept: bool
    is_tried: bool = False
    elsewhere: Rule | None = None
    is_gone: bool = False

    @property
    def uid(self) -> str:
        """The rule's identity."""
        return self.base.uid

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        return not self.is_kept or self.is_gone or bool(self.changes)

    @property
    def changes(self) -> tuple[str, ...]:
        """The keys of what was typed."""
        return changed_keys(self.typed, typed_of(self.base))

    @property
    def is_begun_only(self) -> bool:
        """Whether it is a new rule into which nothing was typed: all of it is missing, nothing is wrong."""
        return not (self.is_kept or self.changes or self.is_tried)

    @property
    def title(self) -> str:
        """What it is called by now."""
        return self.typed["name"].strip() or "New rule"

    def rule(self, now_ns: int) -> tuple[Rule, tuple[Fault, ...]]:
        """Return the rule as typed, and what of it cannot be read."""
        return rule_of(self.typed, self.base, now_ns=now_ns)

    def seen(self, now_ns: int, faults: Iterable[Fault]) -> Rule | None:
        """Return a rule that sees what this one will, whatever else is wrong; ``None`` for nothing."""
        if any(key_of(fault) in _SEEING for fault in faults):
            return None
        rule, _ = self.rule(now_ns)
        return Rule(rule.uid, rule.name, rule.symbols, rule.when, timeframe=rule.timeframe)

    def hear(self, now: Rule | None) -> bool:
        """Take note of the kept rule as it is now; return whether the draft reads differently.

        What was not touched here follows by itself; what was is for the trader to decide.
        """
        if now is None:
            self.is_gone, self.elsewhere = self.is_kept, None
            return self.is_kept
        was_gone, self.is_gone, self.is_kept = self.is_gone, False, True
        if _same(now, self.base):
            self.base, self.elsewhere = now, None
            return was_gone
        if not self.changes or not changed_keys(self.typed, typed_of(now)):
            self.base, self.typed, self.elsewhere = now, typed_of(now), None
        else:
            self.elsewhere = now
        return True

    def take_over(self) -> None:
        """Have what was changed elsewhere, and keep what was typed into other fields."""
        if self.elsewhere is not None:
            theirs, before = typed_of(self.elsewhere), typed_of(self.base)
            for key in changed_keys(theirs, before):
                self.typed[key] = theirs[key]
            self.base, self.elsewhere = self.elsewhere, None

    def keep_mine(self) -> None:
        """Have every field as it is here."""
        if self.elsewhere is not None:
            self.base, self.elsewhere = self.elsewhere, None

    def differences(self) -> tuple[str, ...]:
        """Return the keys of what was changed elsewhere."""
        if self.elsewhere is None:
            return ()
        return changed_keys(typed_of(self.elsewhere), typed_of(self.base))

    def settle(self, kept: Rule, typed: Typed) -> None:
        """Go on from the rule as it was kept; what was typed since ``typed`` was read stays unsaved."""
        self.base, self.is_kept, self.elsewhere, self.is_gone = kept, True, None, False
        if self.typed == typed:
            self.typed = typed_of(kept)

    def revert(self) -> None:
        """Forget what was typed."""
        self.base, self.elsewhere = self.elsewhere or self.base, None
        self.typed = typed_of(self.base)


class DraftBook:
    """The drafts, by rule.

    Args:
        drafts: Those to begin with.
    """

    def __init__(self, drafts: Iterable[Draft] = ()) -> None:
        self._drafts = {draft.uid: draft for draft in drafts}

    def open(self, rule: Rule) -> Draft:
        """Return the draft of a kept rule, as it was left."""
        draft = self._drafts.get(rule.uid)
        if draft is None:
            draft = self._drafts[rule.uid] = Draft(rule, typed_of(rule), is_kept=True)
        else:
            draft.hear(rule)
        return draft

    def begin(self, rule: Rule, kept: Rule | None) -> Draft:
        """Return a draft that reads as ``rule``; of ``kept`` where that has its uid.

        What was typed into its draft before stays, where ``rule`` does not say otherwise than ``kept``.
        """
        typed, before = typed_of(rule), self._drafts.get(rule.uid)
        if before is not None and kept is not None:
            for key in changed_keys(typed, typed_of(kept)):
                before.typed[key] = typed[key]
            before.hear(kept)
            return before
        draft = self._drafts[rule.uid] = Draft(kept or rule, typed, is_kept=kept is not None)
        return draft

    def get(self, uid: str) -> Draft | None:
        """Return the draft of a rule; ``None`` for none."""
        return self._drafts.get(uid)

    def drop(self, uid: str) -> None:
        """Forget a draft."""
        self._drafts.pop(uid, None)

    def unsaved(self) -> Iterator[Draft]:
        """Yield those with something to save, the newest last."""
        return (draft for draft in self._drafts.values() if draft.is_changed)


def _same(one: Rule, other: Rule) -> bool:
    # Whether it is switched on is not written here.
    return replace(one, active=other.active) == other
