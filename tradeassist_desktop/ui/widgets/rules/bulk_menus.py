"""What a selection of rules can be given all at once: tags, channels, a cooldown, a priority."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.durations import whole_duration
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.models.rules.arranging import TagGroup
from tradeassist_desktop.ui.models.rules.choosing import NO_TAG, Facet
from tradeassist_desktop.ui.models.rules.lines import RuleLines
from tradeassist_desktop.ui.rights import Rights
from tradeassist_desktop.ui.rule_acts import RuleActs, named, read_cooldown, read_tags
from tradeassist_desktop.ui.widgets.rules.staying_menu import StayingMenu

_MOST_TAGS: Final = 24
_SECOND_NS: Final = 1_000_000_000
_COOLDOWNS_S: Final = (0, 30, 60, 300, 900, 3600)


class BulkMenus:
    """Makes the menus for the rules that are selected as they open.

    Args:
        parent: Of the sheets that ask for what is in no menu.
    """

    def __init__(self, *, acts: RuleActs, lines: RuleLines, rights: Rights, parent: QWidget) -> None:
        self._acts = acts
        self._lines = lines
        self._rights = rights
        self._parent = parent

    def add_to(self, menu: QMenu, rules: Sequence[Rule]) -> None:
        """Add the menus for these rules."""
        for made in (
            self._priorities(menu, rules),
            self._cooldowns(menu, rules),
            self._tags(menu, rules),
            self._channels(menu, rules),
        ):
            menu.addMenu(made)
            self._rights.enable(made, Act.EDIT_RULES)

    def _priorities(self, parent: QMenu, rules: Sequence[Rule]) -> QMenu:
        menu = QMenu("Priority", parent)
        group = QActionGroup(menu)
        for priority in reversed(Priority):
            action = _ticked(menu, priority.value, [rule.priority is priority for rule in rules])
            action.triggered.connect(partial(self._acts.set_priority, rules, priority))
            group.addAction(action)
        return menu

    def _cooldowns(self, parent: QMenu, rules: Sequence[Rule]) -> QMenu:
        menu = QMenu("Cooldown", parent)
        group = QActionGroup(menu)
        for seconds in _COOLDOWNS_S:
            length_ns = seconds * _SECOND_NS
            title = whole_duration(length_ns) if seconds else "none"
            action = _ticked(menu, title, [rule.cooldown_ns == length_ns for rule in rules])
            action.triggered.connect(partial(self._acts.set_cooldown, rules, length_ns))
            group.addAction(action)
        menu.addSeparator()
        menu.addAction("Other…").triggered.connect(partial(self._ask_cooldown, rules))
        return menu

    def _tags(self, parent: QMenu, rules: Sequence[Rule]) -> QMenu:
        menu = StayingMenu("Tags", parent)
        counts = self._lines.counts(Facet.TAG)
        own = {tag for rule in rules for tag in rule.tags}
        others = [tag for tag, _ in counts.most_common() if tag != NO_TAG and tag not in own]
        ticks = {
            tag: _ticked(menu, tag, [tag in rule.tags for rule in rules])
            for tag in sorted((*own, *others[: max(0, _MOST_TAGS - len(own))]), key=str.casefold)
        }
        menu.addSeparator()
        menu.addAction("New tag…").triggered.connect(partial(self._ask_tag, rules))

        def give(more: set[str], fewer: set[str]) -> None:
            self._acts.tag(rules, more=sorted(more), fewer=fewer)

        _when_closed(menu, ticks, give)
        return menu

    def _channels(self, parent: QMenu, rules: Sequence[Rule]) -> QMenu:
        menu = StayingMenu("Send to", parent)
        routed = _ticked(menu, "Where the settings say", [rule.channels is None for rule in rules])
        routed.triggered.connect(partial(self._acts.send_as_routed, rules))
        routed.triggered.connect(parent.close)
        menu.addSeparator()
        ticks = {
            name: _ticked(
                menu, f"{title[:1].upper()}{title[1:]}", [name in (rule.channels or ()) for rule in rules]
            )
            for name, title in CHANNEL_TITLES.items()
        }
        _when_closed(menu, ticks, lambda more, fewer: self._acts.reroute(rules, more=more, fewer=fewer))
        return menu

    def add_of_tag(self, menu: QMenu, group: TagGroup) -> None:
        """Add what can be done with the tag of a line."""
        if group.tag != NO_TAG:
            renaming = menu.addAction(f"Rename “{group.tag.replace('&', '&&')}”…\tF2")
            renaming.triggered.connect(partial(self.rename_tag, group))
            self._rights.enable(renaming, Act.EDIT_RULES)
        opening = menu.addAction("Close" if group.is_open else "Open")
        opening.triggered.connect(partial(self._lines.toggle_group, group.tag))

    def rename_tag(self, group: TagGroup) -> None:
        """Ask what a tag is to be called, on every rule that has it."""
        tag = group.tag

        async def take(typed: str) -> None:
            self._acts.rename_tag(tag, typed)

        if tag != NO_TAG:
            words = "On every rule that has it."
            self._ask("tagName", f"Rename tag “{tag}”", words, "breakout", take, value=tag)

    def _ask_cooldown(self, rules: Sequence[Rule]) -> None:
        async def take(typed: str) -> None:
            self._acts.set_cooldown(rules, read_cooldown(typed))

        self._ask("ruleCooldown", f"Cooldown of {named(rules)}", "How long to rest after firing.", "5m", take)

    def _ask_tag(self, rules: Sequence[Rule]) -> None:
        async def take(typed: str) -> None:
            self._acts.tag(rules, more=read_tags(typed), fewer=frozenset())

        self._ask("ruleTag", f"Tag {named(rules)}", "Several with commas between them.", "breakout", take)

    def _ask(self, name: str, title: str, words: str, example: str, take: object, *, value: str = "") -> None:
        dialogs.ask(
            name=name,
            title=title,
            words=words,
            value=value,
            example=example,
            take=take,  # type: ignore[arg-type]
            parent=self._parent,
        ).open()


def _ticked(menu: QMenu, title: str, is_so: Sequence[bool]) -> QAction:
    """Add an entry that is ticked where all rules are so; where only some are, it says that."""
    some = any(is_so) and not all(is_so)
    words = title.replace("&", "&&")
    action = menu.addAction(f"{words}{'  (some)' if some else ''}")
    action.setCheckable(True)
    action.setChecked(all(is_so))
    action.triggered.connect(lambda: action.setText(words))  # it is of all or none by then
    return action


def _when_closed(menu: QMenu, ticks: dict[str, QAction], give: Callable[[set[str], set[str]], None]) -> None:
    """Once a menu closes, give what was ticked in it and take what was unticked, in one step."""
    touched: set[str] = set()
    for value, action in ticks.items():
        action.triggered.connect(lambda _, value=value: touched.add(value))

    def close() -> None:
        if touched:
            more = {value for value in touched if ticks[value].isChecked()}
            give(more, touched - more)
            touched.clear()

    menu.aboutToHide.connect(close)
