"""The rules table: one row a rule, with what it is doing now."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tradeassist_desktop.domain.rules import Rule, RulePhase, RuleStatus
from tradeassist_desktop.services.adjusting.proposals import ends_in_words
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.tips import plain_tip

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

Index = QModelIndex | QPersistentModelIndex


class RulesColumn(IntEnum):
    """Columns, left to right."""

    SWITCH = 0
    RULE = 1
    SYMBOL = 2
    STATE = 3
    FIRED = 4


TITLES: Final = {
    RulesColumn.SWITCH: "",
    RulesColumn.RULE: "Rule",
    RulesColumn.SYMBOL: "Symbol",
    RulesColumn.STATE: "State",
    RulesColumn.FIRED: "Last fired",
}

_ENDING: Final = (RulePhase.PENDING, RulePhase.COOLING)
_MOST_TELLING: Final = (
    RulePhase.ERROR,
    RulePhase.FIRING,
    RulePhase.PENDING,
    RulePhase.BLIND,
    RulePhase.SNOOZED,
    RulePhase.COOLING,
    RulePhase.ARMED,
    RulePhase.SPENT,
    RulePhase.EXPIRED,
    RulePhase.OFF,
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one row shows; of a rule on several symbols, the most telling state and the sums.

    ``told_of`` is the symbol the state is of; ``is_silent`` says that nothing has come of a symbol
    it is on: most often that one is misspelt. ``trouble`` is why it decides nothing now. ``ending``
    is a contract it reads that ends soon, and in how many days.
    """

    rule: Rule
    words: str
    phase: RulePhase
    left_s: int | None
    error: str | None
    fired: int
    suppressed: int
    last_fired_ns: int | None
    last_fired: str
    told_of: str
    is_silent: bool = False
    is_muted: bool = False
    trouble: str | None = None
    ending: tuple[str, int] | None = None

    @property
    def ends(self) -> str:
        """Return when the contract it reads ends, short; empty where that is not soon."""
        if self.ending is None:
            return ""
        days = self.ending[1]
        return "has ended" if days < 0 else "ends today" if days == 0 else f"ends in {days} d"

    @property
    def symbols(self) -> str:
        """Return the symbols as the table shows them."""
        first, *others = self.rule.symbols
        return f"{first} +{len(others)}" if others else first

    @property
    def state(self) -> str:
        """Return the state in words, with what is left of it."""
        if self.error:
            return f"error: {self.error}"
        if self.is_muted and self.phase not in (RulePhase.OFF, RulePhase.EXPIRED, RulePhase.BLIND):
            return f"{self.phase.value}, muted"
        if self.left_s is not None and self.phase is RulePhase.SNOOZED:
            return f"{self.phase.value} {text.age(self.left_s * 1_000_000_000)}"
        if self.left_s is not None and self.phase in _ENDING:
            return f"{self.phase.value} {text.duration(self.left_s * 1_000_000_000)}"
        if self.is_silent and self.phase is RulePhase.ARMED:
            return "armed, no data"
        return self.phase.value


class RulesModel(QAbstractTableModel):
    """Rows follow the rules service; states are read again only for rows in view."""

    def __init__(self, *, desk: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rules: tuple[Rule, ...] = ()
        self._rows: dict[str, RuleRow] = {}  # of rules that were looked at; there may be 100,000
        self._places: dict[str, int] | None = None
        self.reload()

    def reload(self) -> None:
        """Take the rules anew; each is read when it is looked at."""
        before, rules = self._rules, self._desk.rules.all()
        are_the_same = len(before) == len(rules) and all(
            old.uid == new.uid for old, new in zip(before, rules, strict=True)
        )
        if not are_the_same:
            self.beginResetModel()
        self._rules, self._rows, self._places = rules, {}, None
        if not are_the_same:
            self.endResetModel()
        elif rules:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rules) - 1, len(RulesColumn) - 1))

    def refresh(self, first: int, last: int) -> None:
        """Read the states of rows ``first`` to ``last``; tell the view which differ."""
        for position in range(max(0, first), min(last + 1, len(self._rules))):
            rule = self._rules[position]
            fresh = self._read(rule)
            if fresh != self._rows.get(rule.uid):
                self._rows[rule.uid] = fresh
                self.dataChanged.emit(self.index(position, 0), self.index(position, len(RulesColumn) - 1))

    def row(self, position: int) -> RuleRow:
        """Return what a row shows."""
        rule = self._rules[position]
        row = self._rows.get(rule.uid)
        if row is None:
            row = self._rows[rule.uid] = self._read(rule)
        return row

    def position(self, uid: str) -> int | None:
        """Return where a rule stands, or ``None``."""
        if self._places is None:
            self._places = {rule.uid: place for place, rule in enumerate(self._rules)}
        return self._places.get(uid)

    # --- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of rules."""
        return 0 if parent.isValid() else len(self._rules)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(RulesColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, or its alignment."""
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[RulesColumn(section)]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, tooltip, or (``UserRole``) its whole row."""
        row = self.row(index.row())
        if role == Qt.ItemDataRole.UserRole:
            return row
        column = RulesColumn(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _cell(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._tooltip(row, column))
        return None

    def _blindness(self, status: RuleStatus) -> str | None:
        if status.phase is not RulePhase.BLIND:
            return None
        explanation = self._desk.rules.explain(status.uid, status.symbol)
        return None if explanation is None else next(iter(explanation.blocks), None)

    def _tooltip(self, row: RuleRow, column: RulesColumn) -> str:
        if column is RulesColumn.SWITCH:
            return "On: click or Space turns it off" if row.rule.active else "Off: click or Space turns it on"
        if column is RulesColumn.SYMBOL:
            return ", ".join(row.rule.symbols)
        if column is RulesColumn.STATE and row.error:
            return f"{row.error}. The rule is off until it is changed or switched on again."
        if column is RulesColumn.STATE:
            explanation = self._desk.rules.explain(row.rule.uid, row.told_of)
            blocks = () if explanation is None else explanation.blocks
            now_ns = self._desk.market.event_now_ns()
            said = (text.localised(block, now_ns=now_ns) for block in blocks)
            ends: tuple[str, ...] = ()
            if row.ending is not None:
                symbol, days = row.ending
                ends = (
                    f"{symbol} {ends_in_words(days)}: Rolls and splits, under Data feed, carries rules over",
                )
            muted = ("It fires and is kept in the list, and is sent nowhere; M unmutes it",) * row.is_muted
            told = f"{row.told_of}: {row.state}"
            return "\n".join((told, *muted, *said, *ends, "W shows the whole explanation"))
        if column is RulesColumn.FIRED and row.fired:
            held_back = f", {text.plural(row.suppressed, 'firing')} suppressed" if row.suppressed else ""
            return f"{text.utc_time(row.last_fired_ns)} · fired {row.fired:,} ×{held_back}"
        return f"{row.rule.name}\n{row.rule.when}"

    def _read(self, rule: Rule) -> RuleRow:
        statuses = self._desk.rules.statuses(rule.uid)
        now_ns = self._desk.market.event_now_ns()
        status = _most_telling(rule, statuses)
        fired_times = [each.last_fired_ns for each in statuses if each.last_fired_ns is not None]
        last_fired_ns = max(fired_times, default=None)
        left_ns = None if status.until_ns is None else status.until_ns - now_ns
        return RuleRow(
            rule=rule,
            words=self._desk.rules.in_words(rule),
            phase=status.phase,
            left_s=None if left_ns is None else max(0, -(-left_ns // 1_000_000_000)),
            error=status.error,
            fired=sum(each.fired for each in statuses),
            suppressed=sum(each.suppressed for each in statuses),
            last_fired_ns=last_fired_ns,
            last_fired=text.clock_time(last_fired_ns, now_ns=now_ns),
            told_of=status.symbol,
            trouble=status.error or self._blindness(status),
            is_muted=self._desk.silences.muting_rule(rule.uid) is not None,
            is_silent=any(self._desk.market.is_silent(symbol) for symbol in rule.symbols),
            ending=self._desk.adjustments.ending(rule),
        )


def _most_telling(rule: Rule, statuses: Sequence[RuleStatus]) -> RuleStatus:
    if not rule.active or not statuses:
        return RuleStatus(uid=rule.uid, symbol=rule.symbols[0], phase=RulePhase.OFF)
    return min(statuses, key=lambda status: _MOST_TELLING.index(status.phase))


def _cell(row: RuleRow, column: RulesColumn) -> str:
    if column is RulesColumn.SWITCH:
        return "on" if row.rule.active else "off"
    if column is RulesColumn.RULE:
        return f"{row.rule.name}: {row.trouble or row.words}"
    if column is RulesColumn.SYMBOL:
        return row.symbols
    if column is RulesColumn.STATE:
        return f"{row.state}, {row.ends}" if row.ends else row.state
    return f"{row.last_fired}, fired {row.fired} ×" if row.fired else text.UNKNOWN
