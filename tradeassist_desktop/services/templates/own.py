"""The trader's own templates: rules kept in a rule file beside the settings."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rule_entry import LONGEST_NAME, EntryReader
from tradeassist_desktop.engine.rulefiles.rulefile import (
    MOST_BYTES,
    MOST_RULES,
    parse_rules,
    rules_to_json,
    uid_of_name,
)
from tradeassist_desktop.services.changes import Change, Overtaken
from tradeassist_desktop.services.whole_file import write_whole


class OwnTemplates:
    """Knows them by their names.

    Args:
        file: Where they are kept; ``None`` keeps them for this run only.
        access: Asked before a person's change.
    """

    def __init__(self, *, file: Path | None, access: Gate = OPEN) -> None:
        self._file = file
        self._access = access
        self._rules: tuple[Rule, ...] | None = None

    def all(self) -> tuple[Rule, ...]:
        """Return them in the order in which they were made.

        Raises:
            BadInput: the file holds something else; it stays as it is.
            TradeAssistError: it cannot be read.
        """
        if self._rules is None:
            self._rules = self._read()
        return self._rules

    def keep(self, rule: Rule, name: str) -> Change:
        """Return the change that keeps a rule as a template of that name.

        Raises:
            BadInput: the name is none, or another template's.
        """
        self._access.require(Act.EDIT_RULES)
        made = replace(
            rule,
            name=self._free(name),
            uid=uid_of_name(name),
            active=True,
            starts_at_ns=None,  # a day is of one rule, not of all that are made of it
            expires_at_ns=None,
        )
        return self._change(f"Save the template {made.name}", (*self.all(), made))

    def rename(self, name: str, wanted: str) -> Change:
        """Return the change that gives a template another name; raises as ``keep`` does."""
        self._access.require(Act.EDIT_RULES)
        called = name if wanted == name else self._free(wanted)
        renamed = tuple(
            replace(rule, name=called, uid=uid_of_name(called)) if rule.name == name else rule
            for rule in self.all()
        )
        return self._change(f"Rename the template {name}", renamed)

    def remove(self, name: str) -> Change:
        """Return the change that keeps a template no longer."""
        self._access.require(Act.EDIT_RULES)
        return self._change(
            f"Delete the template {name}", tuple(rule for rule in self.all() if rule.name != name)
        )

    def _change(self, words: str, after: tuple[Rule, ...]) -> Change:
        return _TemplatesChange(words=words, after=after, before=self.all(), all_=self.all, put=self._put)

    def _put(self, rules: tuple[Rule, ...]) -> None:
        self._access.require(Act.EDIT_RULES)
        if self._file is not None:
            try:
                write_whole(self._file, rules_to_json(rules))
            except OSError as error:
                raise TradeAssistError(
                    f"The templates are as they were: {self._file} cannot be written: {error.strerror}."
                ) from None
        self._rules = rules

    def _free(self, name: str) -> str:
        reader = EntryReader("")
        reader.line("name", name, most=LONGEST_NAME)
        if reader.faults:
            raise BadInput([Fault("name", reader.faults[0].message)])
        if any(rule.name == name for rule in self.all()):
            raise BadInput([Fault("name", f"another template is called {name!r}")])
        if len(self.all()) >= MOST_RULES:
            raise BadInput([Fault("", f"there are {MOST_RULES:,} templates already")])
        return name

    def _read(self) -> tuple[Rule, ...]:
        if self._file is None or not self._file.exists():
            return ()
        try:
            with self._file.open("rb") as opened:
                content = opened.read(MOST_BYTES + 1)
        except OSError as error:
            raise TradeAssistError(f"{self._file} cannot be read: {error.strerror}.") from None
        try:
            return parse_rules(content)
        except BadInput as error:
            first = error.faults[0]
            raise BadInput([replace(first, place=f"{self._file}: {first.place}".rstrip(": "))]) from None


class _TemplatesChange:
    """All templates as they were, and as they shall be."""

    def __init__(
        self,
        *,
        words: str,
        before: tuple[Rule, ...],
        after: tuple[Rule, ...],
        all_: Callable[[], tuple[Rule, ...]],
        put: Callable[[tuple[Rule, ...]], None],
    ) -> None:
        self._words = words
        self._before = before
        self._after = after
        self._all = all_
        self._put = put

    @property
    def words(self) -> str:
        """What it does, as an order."""
        return self._words

    @property
    def is_done(self) -> bool:
        """Whether they are as it leaves them."""
        return self._all() == self._after

    @property
    def is_undone(self) -> bool:
        """Whether they are as before it."""
        return self._all() == self._before

    async def do(self) -> None:
        """Have them as they shall be.

        Raises:
            Overtaken: they were changed elsewhere since.
            TradeAssistError: they could not be kept; they are as before.
        """
        self._go(self._before, self._after)

    async def undo(self) -> None:
        """Have them as they were; raises as ``do`` does."""
        self._go(self._after, self._before)

    def joined(self, later: Change) -> Change | None:
        """Return ``None``: each is a change of its own."""
        return None

    def _go(self, start: tuple[Rule, ...], end: tuple[Rule, ...]) -> None:
        if self._all() != start:
            raise Overtaken(f"“{self._words}”: templates were changed since, so all stay as they are.")
        self._put(end)
