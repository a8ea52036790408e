"""Rolls, splits and renames: what each rule would become, to be applied or dismissed."""

from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.table import ColumnSpec
from tradeassist_desktop.ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from tradeassist_desktop.engine.rulefiles.adjusting import Adjusted
    from tradeassist_desktop.services.adjusting.proposals import Proposal

_NOTHING: Final = "No rule reads a contract that ends soon, or a share that was split or renamed."
_MOST_ROWS: Final = 8


class _Column(IntEnum):
    RULE = 0
    WAS = 1
    BECOMES = 2


_COLUMNS: Final = {
    _Column.RULE: ColumnSpec(110, rank=1, stretch=3),
    _Column.WAS: ColumnSpec(140, stretch=2),
    _Column.BECOMES: ColumnSpec(150, stretch=2),
}


class ProposalsBody(QWidget):
    """One block for each proposal."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._blocks: dict[str, _Block] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        self._nothing = _label(self, "quiet")
        self._nothing.setText(_NOTHING)
        self._column.addWidget(self._nothing)
        context.bridge.proposals_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        proposals = {each.id: each for each in self._context.desk.adjustments.proposals()}
        for key in self._blocks.keys() - proposals.keys():
            block = self._blocks.pop(key)
            self._column.removeWidget(block)
            block.hide()
            block.deleteLater()
        for key, proposal in proposals.items():
            if key not in self._blocks:
                self._blocks[key] = _Block(context=self._context, parent=self)
                self._column.addWidget(self._blocks[key])
            self._blocks[key].show_proposal(proposal)
        self._nothing.setVisible(not proposals)


class _Block(QWidget):
    """A sentence, the rules before and after, and two buttons."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._proposal: Proposal | None = None
        self._sentence = _label(self, "")
        self._sentence.setFont(ui_font(13, weight=QFont.Weight.Medium))
        self._detail = _label(self, "second")
        self._rows = TextRows(titles=("Rule", "Was", "Becomes"), parent=self)
        self._table = TextTable(
            model=self._rows, columns=_COLUMNS, theme=context.theme, most_rows=_MOST_ROWS, parent=self
        )
        self._table.setAccessibleName("Rules before and after")
        self._apply = QPushButton(self)
        self._apply.setProperty("kind", "primary")
        self._apply.clicked.connect(lambda: context.tasks.start(self._carry_over()))
        self._dismiss = QPushButton("Dismiss", self)
        self._dismiss.clicked.connect(lambda: context.tasks.start(self._let_be()))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._apply)
        buttons.addWidget(self._dismiss)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._sentence)
        column.addWidget(self._detail)
        column.addLayout(buttons)
        column.addWidget(self._table)

    def show_proposal(self, proposal: "Proposal") -> None:
        """Show what is proposed now."""
        self._proposal = proposal
        name = proposal.symbol
        self.setObjectName(f"proposal_{name}")
        self._apply.setObjectName(f"proposalApply_{name}")
        self._dismiss.setObjectName(f"proposalDismiss_{name}")
        self._table.setObjectName(f"proposalRules_{name}")
        self._sentence.setText(proposal.sentence)
        self._detail.setText(self._detail_of(proposal))
        self._detail.setVisible(bool(self._detail.text()))
        self._rows.show([row for each in proposal.rules for row in _rows_of(each)])
        self._table.setVisible(self._rows.rowCount() > 0)
        self._apply.setText(_to_do(proposal))
        rights = self._context.rights
        rights.enable(self._apply, Act.ADJUST, proposal.can_be_applied)
        rights.enable(self._dismiss, Act.ADJUST)
        self._apply.setAccessibleName(f"{self._apply.text()}: {proposal.sentence}")
        self._dismiss.setAccessibleName(f"Dismiss: {proposal.sentence}")

    def _detail_of(self, proposal: "Proposal") -> str:
        if proposal.waiting:
            return proposal.waiting
        parts = []
        if proposal.shift is not None:
            instrument = self._context.desk.market.instrument(proposal.symbol)
            shift = text.price(proposal.shift, instrument, signed=True)
            parts.append(f"{proposal.new_symbol} is {shift} against {proposal.symbol}: levels move by that.")
        elif proposal.ratio is not None:
            new, old = proposal.ratio
            parts.append(f"Prices are multiplied by {old / new:.6g}, volumes by {new / old:.6g}.")
        in_doubt = sum(bool(each.doubts) for each in proposal.rules)
        if in_doubt:
            parts.append(
                f"Left as written, as it is not certain what they become: {text.plural(in_doubt, 'rule')}."
            )
        return " ".join(parts)

    async def _carry_over(self) -> None:
        assert self._proposal is not None
        proposal, adjustments = self._proposal, self._context.desk.adjustments
        self._offer(_done(proposal), await adjustments.apply(proposal.id))

    async def _let_be(self) -> None:
        assert self._proposal is not None
        undo = await self._context.desk.adjustments.dismiss(self._proposal.id)
        self._offer(f"Dismissed: {self._proposal.sentence}", undo)

    def _offer(self, done: str, undo: Callable[[], Awaitable[None]]) -> None:
        async def take_back() -> None:
            await undo()

        self._context.navigator.offer_undo(done, take_back)


def _to_do(proposal: "Proposal") -> str:
    rules = text.plural(len(proposal.ready), "rule")
    if proposal.is_watched:
        return f"Carry over {rules} and the watchlist" if proposal.ready else "Rename in the watchlist"
    return f"Carry over {rules}" if proposal.ready else "Nothing to carry over"


def _done(proposal: "Proposal") -> str:
    rules = text.plural(len(proposal.ready), "rule")
    if not proposal.is_watched:
        return f"Carried over {rules} on {proposal.symbol}"
    renamed = f"Renamed {proposal.symbol} to {proposal.new_symbol} in the watchlist"
    return f"{renamed} and {rules}" if proposal.ready else renamed


def _rows_of(adjusted: "Adjusted") -> list[TextRow]:
    name, uid = adjusted.before.name, adjusted.before.uid
    if adjusted.doubts:
        return [
            TextRow(f"{uid} {number}", (name, adjusted.before.when, "left as it is"), doubt, "warn")
            for number, doubt in enumerate(adjusted.doubts)
        ]
    notes = "\n".join(adjusted.notes)
    return [
        TextRow(
            f"{uid} {number}",
            (name if number == 0 else "", old, new),
            "\n".join(part for part in (f"{name}: {old} becomes {new}", notes) if part),
        )
        for number, (old, new) in enumerate(adjusted.changes)
    ]


def _label(parent: QWidget, tone: str) -> QLabel:
    made = QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setFont(ui_font(12))
    if tone:
        made.setProperty("tone", tone)
    return made
