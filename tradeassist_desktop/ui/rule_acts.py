"""What is done to rules by hand, one or many at a time: each act is one step to undo."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.durations import whole_duration
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.conditions import duration_ns
from tradeassist_desktop.engine.rulefiles.rule_entry import LONGEST_DURATION_NS
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.rules.columns import RulesColumn
from tradeassist_desktop.ui.panels.base import PanelContext

_LONGEST_TAG: Final = 100
_NO_COOLDOWN: Final = ("", "0", "none")


class RuleActs:
    """Makes changes of rules and has them done."""

    def __init__(self, *, context: PanelContext) -> None:
        self._context = context

    def switch(self, rules: Sequence[Rule], *, is_on: bool) -> None:
        """Turn rules on or off."""
        self._each(f"Turn {'on' if is_on else 'off'} {named(rules)}", rules, active=is_on)

    def delete(self, rules: Sequence[Rule]) -> None:
        """Delete rules."""
        self._do(f"Delete {named(rules)}", dict.fromkeys(rule.uid for rule in rules))

    def duplicate(self, rules: Sequence[Rule]) -> None:
        """Add a copy of each, switched off: armed, both would tell the same."""
        copies: dict[str, Rule | None] = {}
        names: set[str] = set()
        last = ""
        for rule in rules:
            name = self._context.desk.rules.free_name(f"{rule.name[:80]} copy", taken=names)
            last = self._context.desk.rules.new_uid()
            copies[last] = replace(rule, uid=last, name=name, active=False)
            names.add(name)
        choose = self._context.navigator.rule_chosen.emit
        self._do(f"Duplicate {named(rules)}", copies, then=lambda: choose(last))

    def set_priority(self, rules: Sequence[Rule], priority: Priority) -> None:
        """Give rules a priority."""
        self._each(f"Give {named(rules)} {priority.value} priority", rules, priority=priority)

    def set_cooldown(self, rules: Sequence[Rule], cooldown_ns: int) -> None:
        """Give rules a cooldown."""
        words = whole_duration(cooldown_ns) if cooldown_ns else "no"
        self._each(f"Give {named(rules)} {words} cooldown", rules, cooldown_ns=cooldown_ns)

    def send_as_routed(self, rules: Sequence[Rule]) -> None:
        """Have rules sent where the settings send their priority."""
        self._each(f"Send {named(rules)} as the settings say", rules, channels=None)

    def reroute(self, rules: Sequence[Rule], *, more: Set[str], fewer: Set[str]) -> None:
        """Have rules sent to these channels too, and to those no longer."""
        after = {
            rule.uid: replace(
                rule,
                channels=tuple(
                    name
                    for name in CHANNEL_TITLES
                    if name in more or (name in (rule.channels or ()) and name not in fewer)
                ),
            )
            for rule in rules
        }
        said = [f"to {CHANNEL_TITLES[name]}" for name in CHANNEL_TITLES if name in more]
        said += [f"no longer to {CHANNEL_TITLES[name]}" for name in CHANNEL_TITLES if name in fewer]
        self._do(f"Send {named(rules)} {' and '.join(said)}", after)

    def tag(self, rules: Sequence[Rule], *, more: Sequence[str], fewer: Set[str]) -> None:
        """Give rules these tags too, and take those away."""
        after = {
            rule.uid: replace(
                rule, tags=tuple(dict.fromkeys((*(tag for tag in rule.tags if tag not in fewer), *more)))
            )
            for rule in rules
        }
        said = [f"tag {named(rules)} {_quoted(more)}"] if more else []
        said += [f"take {_quoted(sorted(fewer))} from {named(rules)}"] if fewer else []
        words = ", ".join(said)
        self._do(f"{words[:1].upper()}{words[1:]}", after)

    def rename_tag(self, tag: str, typed: str) -> None:
        """Give every rule of a tag another one in its place.

        Raises:
            BadInput: it is not one tag.
        """
        names = read_tags(typed)
        if len(names) != 1:
            raise BadInput([Fault(place="tag", message="expected one name, without commas")])
        rules = [rule for rule in self._context.desk.rules.all() if tag in rule.tags]
        after = {
            rule.uid: replace(
                rule, tags=tuple(dict.fromkeys(names[0] if each == tag else each for each in rule.tags))
            )
            for rule in rules
        }
        self._do(f"Rename tag {_quoted([tag])} to {_quoted(names)}", after)

    def type_over(self, uid: str, column: RulesColumn, typed: str) -> None:
        """Change what was typed over in the table; what is no such thing is said in the status bar."""
        rule = self._context.desk.rules.get(uid)
        if rule is not None:
            self._context.tasks.call(lambda: _TYPED[column](self, rule, typed))

    def _rename(self, rule: Rule, typed: str) -> None:
        name = " ".join(typed.split())
        self._do(f"Rename {rule.name} to {name}", {rule.uid: replace(rule, name=name)})

    def _retag(self, rule: Rule, typed: str) -> None:
        tags = read_tags(typed)
        self._do(f"Tag {rule.name} {_quoted(tags)}", {rule.uid: replace(rule, tags=tags)})

    def _each(self, words: str, rules: Sequence[Rule], **changes: object) -> None:
        self._do(words, {rule.uid: replace(rule, **changes) for rule in rules})  # type: ignore[arg-type]

    def _do(
        self, words: str, after: Mapping[str, Rule | None], then: Callable[[], object] | None = None
    ) -> None:
        rules = self._context.desk.rules
        changed = {uid: rule for uid, rule in after.items() if rules.get(uid) != rule}
        if not changed:
            return

        async def act() -> None:
            await self._context.rule_changes.done(await rules.edit_many(words, changed))
            if then is not None:
                then()

        self._context.tasks.start(act())


_TYPED: Final[Mapping[RulesColumn, Callable[[RuleActs, Rule, str], None]]] = {
    RulesColumn.RULE: RuleActs._rename,
    RulesColumn.TAGS: RuleActs._retag,
    RulesColumn.PRIORITY: lambda acts, rule, typed: acts.set_priority([rule], Priority(typed)),
    RulesColumn.COOLDOWN: lambda acts, rule, typed: acts.set_cooldown([rule], read_cooldown(typed)),
}


def read_cooldown(typed: str) -> int:
    """Return a cooldown as typed: ``90s``, ``5m``, ``none``.

    Raises:
        BadInput: it is none.
    """
    if typed.strip().casefold() in _NO_COOLDOWN:
        return 0
    try:
        nanoseconds = duration_ns(typed.strip())
    except ValueError as error:
        raise BadInput([Fault(place="cooldown", message=str(error))]) from None
    if nanoseconds > LONGEST_DURATION_NS:
        raise BadInput([Fault(place="cooldown", message=f"expected at most 366d, found {typed.strip()}")])
    return nanoseconds


def read_tags(typed: str) -> tuple[str, ...]:
    """Return tags as typed, with commas between them.

    Raises:
        BadInput: one is too long.
    """
    tags = tuple(dict.fromkeys(tag for part in typed.split(",") if (tag := " ".join(part.split()))))
    long = next((tag for tag in tags if len(tag) > _LONGEST_TAG), None)
    if long is not None:
        message = f"expected at most {_LONGEST_TAG} letters, found {len(long)} in {long[:20]}…"
        raise BadInput([Fault(place="tags", message=message)])
    return tags


def named(rules: Sequence[Rule]) -> str:
    """Return a rule's name, or how many there are."""
    return rules[0].name if len(rules) == 1 else text.plural(len(rules), "rule")


def _quoted(tags: Sequence[str]) -> str:
    return ", ".join(f"“{tag}”" for tag in tags) or "with nothing"
