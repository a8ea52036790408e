"""What one row of the rules table shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.durations import whole_duration
from tradeassist_desktop.domain.rules import Rule, RulePhase, RuleStatus
from tradeassist_desktop.engine.rulefiles.rulefile import duration_to_text
from tradeassist_desktop.services.adjusting.proposals import ends_in_words
from tradeassist_desktop.services.worth.track_record import TrackRecord
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.rules.columns import RulesColumn
from tradeassist_desktop.ui.models.rules.facts import KIND_TITLES, Facts
from tradeassist_desktop.ui.models.rules.states import most_telling

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

_ENDING: Final = (RulePhase.PENDING, RulePhase.COOLING, RulePhase.SNOOZED)
_AS_ROUTED: Final = "as routed"
_FEW: Final = 10
"""Of fewer no share is told."""
_OUTCOME: Final = (
    "How many of its alerts were worth it: by your verdict, else by whether the price went the rule's way "
    "in the quarter of an hour after."
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one row shows; of a rule on several symbols, the most telling state and the sums.

    ``told_of`` is the symbol the state is of; ``is_silent`` says that nothing has come of a symbol
    it is on: most often that one is misspelt. ``trouble`` is why it decides nothing now. ``ending``
    is a contract it reads that ends soon, and in how many days. ``today`` is how often it fired.
    ``record`` is how its alerts did.
    """

    rule: Rule
    words: str
    kind: str
    phase: RulePhase
    left_s: int | None
    error: str | None
    fired: int
    suppressed: int
    last_fired_ns: int | None
    last_fired: str
    told_of: str
    today: str = ""
    record: TrackRecord | None = None
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
    def fires(self) -> str:
        """Return when it fired last and how often; empty where it has not."""
        count = f"fired {self.fired} ×"
        # Changed, it begins anew, and its count goes on.
        when = count if self.last_fired_ns is None else f"{self.last_fired}, {count}"
        return when if self.fired else ""

    @property
    def symbols(self) -> str:
        """Return the symbols as the table shows them."""
        first, *others = self.rule.symbols
        return f"{first} +{len(others)}" if others else first

    @property
    def cooldown(self) -> str:
        """Return the cooldown as it is told; ``none`` without one."""
        return whole_duration(self.rule.cooldown_ns) if self.rule.cooldown_ns else "none"

    @property
    def channels(self) -> str:
        """Return where it is sent."""
        if self.rule.channels is None:
            return _AS_ROUTED
        return ", ".join(CHANNEL_TITLES.get(name, name) for name in self.rule.channels) or "nowhere"

    @property
    def outcome(self) -> str:
        """Return the share of its alerts that were worth it; of few, how many."""
        if self.record is None:
            return text.UNKNOWN
        if self.record.known < _FEW:
            return f"{self.record.worth_it} of {self.record.known}"
        return f"{self.record.share:.0%} of {self.record.known:,}"

    @property
    def state(self) -> str:
        """Return the state in words, with what is left of it."""
        if self.error:
            return f"error: {self.error}"
        if self.is_muted and self.phase not in (RulePhase.OFF, RulePhase.EXPIRED, RulePhase.BLIND):
            return f"{self.phase.value}, muted"
        if self.left_s is not None and self.phase in _ENDING:
            return f"{self.phase.value} {text.age(self.left_s * 1_000_000_000)}"
        if self.is_silent and self.phase is RulePhase.ARMED:
            return "no data"
        return self.phase.value


class RowReader:
    """Reads rows from the desk.

    Args:
        fires_today: Returns how often a rule fired today, as it is shown.
    """

    def __init__(self, *, desk: "Desk", facts: Facts, fires_today: Callable[[str], str]) -> None:
        self._desk = desk
        self._facts = facts
        self._fires_today = fires_today

    def read(self, rule: Rule) -> RuleRow:
        """Return what a rule's row shows now."""
        statuses = self._desk.rules.statuses(rule.uid)
        now_ns = self._desk.market.event_now_ns()
        status = most_telling(rule, statuses)
        facts = self._facts.of(rule)
        fired_times = [each.last_fired_ns for each in statuses if each.last_fired_ns is not None]
        last_fired_ns = max(fired_times, default=None)
        left_ns = None if status.until_ns is None else status.until_ns - now_ns
        return RuleRow(
            rule=rule,
            words=facts.words,
            kind=KIND_TITLES[facts.kind],
            phase=status.phase,
            left_s=None if left_ns is None else max(0, -(-left_ns // 1_000_000_000)),
            error=status.error,
            fired=sum(each.fired for each in statuses),
            suppressed=sum(each.suppressed for each in statuses),
            last_fired_ns=last_fired_ns,
            last_fired=text.time_or_day(last_fired_ns, now_ns=now_ns),
            told_of=status.symbol,
            today=self._fires_today(rule.uid),
            record=self._desk.worth.track_record(rule.uid),
            trouble=status.error or self._blindness(status),
            is_muted=self._desk.silences.muting_rule(rule.uid) is not None,
            is_silent=any(self._desk.market.is_silent(symbol) for symbol in rule.symbols),
            ending=self._desk.adjustments.ending(rule),
        )

    def _blindness(self, status: RuleStatus) -> str | None:
        if status.phase is not RulePhase.BLIND:
            return None
        explanation = self._desk.rules.explain(status.uid, status.symbol)
        return None if explanation is None else next(iter(explanation.blocks), None)

    def tooltip(self, row: RuleRow, column: RulesColumn) -> str:
        """Return what is said where the mouse rests."""
        if column is RulesColumn.SWITCH:
            return "On: click or Space turns it off" if row.rule.active else "Off: click or Space turns it on"
        if column is RulesColumn.SYMBOL:
            return ", ".join(row.rule.symbols)
        if column is RulesColumn.STATE and row.error:
            return f"{row.error}. The rule is off until it is changed or switched on again."
        if column is RulesColumn.STATE:
            return self._of_state(row)
        if column is RulesColumn.FIRED and row.fired:
            held_back = f", {text.plural(row.suppressed, 'firing')} suppressed" if row.suppressed else ""
            count = f"fired {row.fired:,} ×{held_back}"
            if row.last_fired_ns is None:
                count = f"{count[:1].upper()}{count[1:]}"
                return f"{count}. When is not known: earlier versions forgot it at an edit."
            return f"{text.utc_time(row.last_fired_ns)} · {count}"
        if column in (RulesColumn.PRIORITY, RulesColumn.TAGS, RulesColumn.COOLDOWN):
            return f"{cell(row, column)}\nDouble click changes it"
        if column is RulesColumn.CHANNELS and row.rule.channels is None:
            return "Sent where the settings send alerts of its priority"
        if column is RulesColumn.OUTCOME:
            return _OUTCOME if row.record is not None else f"{_OUTCOME} Nothing is known of them yet."
        return f"{row.rule.name}\n{row.rule.when}"

    def _of_state(self, row: RuleRow) -> str:
        explanation = self._desk.rules.explain(row.rule.uid, row.told_of)
        blocks = () if explanation is None else explanation.blocks
        now_ns = self._desk.market.event_now_ns()
        said = (text.localised(block, now_ns=now_ns) for block in blocks)
        ends: tuple[str, ...] = ()
        if row.ending is not None:
            symbol, days = row.ending
            ends = (f"{symbol} {ends_in_words(days)}: Rolls and splits, under Data feed, carries rules over",)
        muted = ("It fires and is kept in the list, and is sent nowhere",) * row.is_muted
        told = f"{row.told_of}: {row.state}"
        return "\n".join((told, *muted, *said, *ends, "Why not? in its menu shows the whole explanation"))


_CELLS: Final[Mapping[RulesColumn, Callable[[RuleRow], str]]] = {
    RulesColumn.SWITCH: lambda row: "on" if row.rule.active else "off",
    RulesColumn.RULE: lambda row: f"{row.rule.name}: {row.trouble or row.words}",
    RulesColumn.CONDITION: lambda row: row.words,
    RulesColumn.SYMBOL: lambda row: row.symbols,
    RulesColumn.STATE: lambda row: f"{row.state}, {row.ends}" if row.ends else row.state,
    RulesColumn.FIRED: lambda row: row.fires or text.UNKNOWN,
    RulesColumn.TODAY: lambda row: row.today,
    RulesColumn.PRIORITY: lambda row: row.rule.priority.value,
    RulesColumn.TAGS: lambda row: ", ".join(row.rule.tags),
    RulesColumn.COOLDOWN: lambda row: row.cooldown,
    RulesColumn.KIND: lambda row: row.kind,
    RulesColumn.CHANNELS: lambda row: row.channels,
    RulesColumn.OUTCOME: lambda row: row.outcome,
}


def cell(row: RuleRow, column: RulesColumn) -> str:
    """Return a cell's text."""
    return _CELLS[column](row)


def edited_text(rule: Rule, column: RulesColumn) -> str:
    """Return what is typed over in place."""
    return {
        RulesColumn.RULE: rule.name,
        RulesColumn.PRIORITY: rule.priority.value,
        RulesColumn.TAGS: ", ".join(rule.tags),
        RulesColumn.COOLDOWN: duration_to_text(rule.cooldown_ns),
    }[column]
