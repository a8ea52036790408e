"""The columns of the rules table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class RulesColumn(IntEnum):
    """Columns, left to right."""

    SWITCH = 0
    RULE = 1
    CONDITION = 2
    SYMBOL = 3
    STATE = 4
    FIRED = 5
    TODAY = 6
    PRIORITY = 7
    TAGS = 8
    COOLDOWN = 9
    KIND = 10
    CHANNELS = 11
    OUTCOME = 12


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """How a column is called.

    Args:
        key: In settings.
        title: In its header.
        full: In menus, where its header says too little.
    """

    key: str
    title: str
    full: str = ""

    @property
    def in_menu(self) -> str:
        """How menus call it."""
        return self.full or self.title


COLUMNS: Final[Mapping[RulesColumn, ColumnNames]] = {
    RulesColumn.SWITCH: ColumnNames("switch", "", "Switch"),
    RulesColumn.RULE: ColumnNames("name", "Rule", "Name"),
    RulesColumn.CONDITION: ColumnNames("condition", "Condition"),
    RulesColumn.SYMBOL: ColumnNames("symbol", "Symbol"),
    RulesColumn.STATE: ColumnNames("state", "State"),
    RulesColumn.FIRED: ColumnNames("last_fired", "Last fired"),
    RulesColumn.TODAY: ColumnNames("today", "Today", "Fires today"),
    RulesColumn.PRIORITY: ColumnNames("priority", "Priority"),
    RulesColumn.TAGS: ColumnNames("tags", "Tags"),
    RulesColumn.COOLDOWN: ColumnNames("cooldown", "Cooldown"),
    RulesColumn.KIND: ColumnNames("kind", "Kind"),
    RulesColumn.CHANNELS: ColumnNames("channels", "Sent to", "Channels"),
    RulesColumn.OUTCOME: ColumnNames("outcome", "Worth it", "Outcome score"),
}
OF_KEY: Final = {names.key: column for column, names in COLUMNS.items()}
EDITED_IN_PLACE: Final = frozenset(
    (RulesColumn.RULE, RulesColumn.PRIORITY, RulesColumn.TAGS, RulesColumn.COOLDOWN)
)
ALWAYS_SHOWN: Final = frozenset((RulesColumn.RULE,))
