"""A new silence: what it is about, from when, for how long, where, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.routing import SilenceScope
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.controls import Choice, Moment
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.silence_words import moment_in_words, next_minute_ns
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolCompleter

_MINUTE_NS: Final = 60 * NS_PER_SECOND
_SCOPES: Final = {
    SilenceScope.ALL: "All alerts",
    SilenceScope.RULE: "A rule",
    SilenceScope.TAG: "A tag",
    SilenceScope.SYMBOL: "A symbol",
}
_NOW, _OPEN, _AT = "now", "open", "at"
_LONGEST_NOTE: Final = 200


@dataclass(frozen=True, slots=True)
class SilenceWish:
    """What was entered; ``about`` is a rule's uid, a tag or a symbol, as the scope has it.

    Args:
        from_ns: 0 is at once.
    """

    scope: SilenceScope
    about: str
    from_ns: int
    until_ns: int
    channels: tuple[str, ...]
    note: str


class SilenceForm(QWidget):
    """One row of choices after another; a fault stands below what it is about."""

    wished = Signal(object)
    """A ``SilenceWish``."""

    def __init__(self, *, context: PanelContext, states: ChannelStates, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        theme = context.theme
        self._scope = Choice(name="silenceScope", title="What to silence", theme=theme, parent=self)
        self._scope.offer([(scope.value, title) for scope, title in _SCOPES.items()], SilenceScope.ALL)
        self._pick = Choice(name="silenceAbout", title="Which", theme=theme, parent=self)
        self._pick.setMinimumContentsLength(12)
        self._symbol = QLineEdit(self)
        self._symbol.setObjectName("silenceSymbol")
        self._symbol.setAccessibleName("Symbol to silence")
        self._symbol.setPlaceholderText("Symbol")
        completer = SymbolCompleter(line=self._symbol, symbols=context.desk.symbols, tasks=context.tasks)
        completer.chosen.connect(self._symbol.setText)
        self._from = Choice(name="silenceFrom", title="From when", theme=theme, parent=self)
        self._from.offer([(_NOW, "From now"), (_AT, "From a time…")], _NOW)
        self._start = Moment(name="silenceStart", title="Begins", parent=self)
        self._until = Choice(name="silenceUntil", title="For how long", theme=theme, parent=self)
        self._until.setMinimumContentsLength(18)
        self._moment = Moment(name="silenceMoment", title="Until when", parent=self)
        self._where = _Channels(states=states, parent=self)
        self._note = QLineEdit(self)
        self._note.setObjectName("silenceNote")
        self._note.setAccessibleName("Why; optional")
        self._note.setPlaceholderText("Why (optional)")
        self._note.setMaxLength(_LONGEST_NOTE)
        self._go = named_button("addSilence", "Silence", parent=self)
        self._go.setProperty("kind", "primary")
        self._fault = plain_label(self, ui_font(12), tone="danger")
        self._fault.setObjectName("silenceFault")
        self._fault.hide()
        self._lay_out()
        self._scope.picked.connect(lambda value: self._show_scope())
        self._from.picked.connect(lambda value: self._show_moment(self._start, value, in_minutes=30))
        self._until.picked.connect(lambda value: self._show_moment(self._moment, value, in_minutes=90))
        self._go.clicked.connect(self._wish)
        self._note.returnPressed.connect(self._wish)
        self._symbol.returnPressed.connect(self._wish)
        context.bridge.rules_changed.connect(lambda uids: self._show_scope())
        self.refresh()
        self._show_scope()
        for moment in (self._start, self._moment):
            moment.hide()

    def refresh(self) -> None:
        """Name the times as they are from now on."""
        now_ns = self._context.desk.clock.now_ns()
        opens = moment_in_words(self._context.desk.silences.next_open_ns(), now_ns)
        choices = [("15", "For 15 minutes"), ("60", "For 1 hour"), (_OPEN, f"Until the open, {opens}")]
        self._until.offer([*choices, (_AT, "Until a time…")], self._until.value or "15")

    def clear(self) -> None:
        """Be ready for the next one."""
        self._note.clear()
        self._symbol.clear()
        self._where.clear()
        self.show_faults(())

    def show_faults(self, faults: Sequence[Fault]) -> None:
        """Say what is wrong."""
        places = {"until": "End", "rule": "Rule", "tag": "Tag", "symbol": "Symbol", "channels": "Channels"}
        words = [f"{places.get(fault.place, fault.place)}: {fault.message}" for fault in faults]
        self._fault.setText("\n".join(words))
        self._fault.setVisible(bool(words))

    # --- within

    def _show_scope(self) -> None:
        scope, rules = SilenceScope(self._scope.value), self._context.desk.rules.all()
        tags = sorted({tag for rule in rules for tag in rule.tags})
        choices = {
            SilenceScope.RULE: [(rule.uid, rule.name) for rule in rules],
            SilenceScope.TAG: [(tag, tag) for tag in tags],
        }.get(scope, [])
        known = [value for value, _ in choices]
        if choices:
            self._pick.offer(choices, self._pick.value if self._pick.value in known else known[0])
        else:
            self._pick.clear()
        self._pick.setVisible(bool(choices))
        self._symbol.setVisible(scope is SilenceScope.SYMBOL)
        lacks = scope in (SilenceScope.RULE, SilenceScope.TAG) and not choices
        self._lack.setText("no rule has a tag yet" if scope is SilenceScope.TAG else "there are no rules yet")
        self._lack.setVisible(lacks)
        self._go.setEnabled(not lacks)
        self.show_faults(())

    def _show_moment(self, moment: Moment, value: str, *, in_minutes: int) -> None:
        is_asked = value == _AT
        if is_asked and not moment.isVisible():
            at_ns = next_minute_ns(self._context.desk.clock.now_ns()) + in_minutes * _MINUTE_NS
            moment.setDateTime(QDateTime.fromMSecsSinceEpoch(at_ns // 1_000_000))
        moment.setVisible(is_asked)

    def _wish(self) -> None:
        scope = SilenceScope(self._scope.value)
        about = self._symbol.text().strip().upper() if scope is SilenceScope.SYMBOL else self._pick.value
        self.wished.emit(
            SilenceWish(
                scope=scope,
                about="" if scope is SilenceScope.ALL else about,
                from_ns=_ns(self._start) if self._from.value == _AT else 0,
                until_ns=self._until_ns(),
                channels=self._where.chosen,
                note=self._note.text(),
            )
        )

    def _until_ns(self) -> int:
        value = self._until.value
        if value == _OPEN:
            return int(self._context.desk.silences.next_open_ns())
        if value == _AT:
            return _ns(self._moment)
        begins_ns = self._context.desk.clock.now_ns()
        if self._from.value == _AT:
            begins_ns = max(begins_ns, _ns(self._start))
        return int(begins_ns) + int(value) * _MINUTE_NS

    def _lay_out(self) -> None:
        self._lack = QLabel(self)
        self._lack.setTextFormat(Qt.TextFormat.PlainText)
        self._lack.setProperty("tone", "second")
        self._lack.setFont(ui_font(12))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (choice, *parts) in enumerate(
            (
                (self._scope, self._pick, self._symbol, self._lack),
                (self._from, self._start, self._where),
                (self._until, self._moment),
            )
        ):
            grid.addWidget(choice, row, 0)  # one below the other, as wide as the widest
            line = QHBoxLayout()
            line.setSpacing(8)
            for part in parts:
                line.addWidget(part)
            line.addStretch(1)
            grid.addLayout(line, row, 1)
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addWidget(self._note, 1)
        last.addWidget(self._go)
        grid.addLayout(last, 3, 0, 1, 2)
        grid.addWidget(self._fault, 4, 0, 1, 2)


def _ns(moment: Moment) -> int:
    return int(moment.dateTime().toMSecsSinceEpoch()) * 1_000_000


class _Channels(QToolButton):
    """All channels, or those that are checked in its menu."""

    def __init__(self, *, states: ChannelStates, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("silenceChannels")
        self.setProperty("kind", "menu")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        # Made here, not by the menu: what Qt made, PySide took for dead once while it lived on.
        self._actions = {name: QAction(states.title(name), menu) for name in states.names}
        menu.addActions(list(self._actions.values()))
        for name, action in self._actions.items():
            action.setObjectName(f"silenceOn_{name}")
            action.setCheckable(True)
            action.toggled.connect(lambda is_on: self._name())
        self.setMenu(menu)
        self._name()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The channels to be silent; empty for all."""
        return tuple(name for name, action in self._actions.items() if action.isChecked())

    def clear(self) -> None:
        """Choose all."""
        for action in self._actions.values():
            action.setChecked(False)

    def _name(self) -> None:
        titles = [self._actions[name].text() for name in self.chosen]
        words = "all channels" if not titles else titles[0] if len(titles) == 1 else f"{len(titles)} channels"
        self.setText(f"On {words}")
        self.setAccessibleName(f"Silence on: {', '.join(titles) or 'all channels'}")
