"""The mark and the colour of a rule's state."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from tradeassist_desktop.domain.rules import RulePhase
from tradeassist_desktop.ui.theme import Tokens


def phase_colour(tokens: Tokens, phase: RulePhase) -> str:
    """Return the colour of a rule's state; its word and mark say the same."""
    return {
        RulePhase.ARMED: tokens.up,
        RulePhase.PENDING: tokens.accent,
        RulePhase.FIRING: tokens.warn,
        RulePhase.COOLING: tokens.text_2,
        RulePhase.REARMING: tokens.text_2,
        RulePhase.SNOOZED: tokens.text_2,
        RulePhase.BLIND: tokens.warn,
        RulePhase.ERROR: tokens.danger,
    }.get(phase, tokens.text_3)


def draw_phase(painter: QPainter, mark: QRectF, phase: RulePhase, colour: QColor, *, is_silent: bool) -> None:
    """Draw a state's mark, whose shape says without the colour what it is.

    Filled while the rule can fire, hollow while it cannot, crossed out while it sees nothing, two
    bars while it is snoozed, a square for an error.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(colour)
    can_fire = phase in (RulePhase.ARMED, RulePhase.PENDING, RulePhase.FIRING) and not is_silent
    painter.setBrush(colour if can_fire or phase is RulePhase.ERROR else Qt.BrushStyle.NoBrush)
    if phase is RulePhase.ERROR:
        painter.drawRect(mark)
    elif phase is RulePhase.SNOOZED:
        painter.fillRect(QRectF(mark.left() + 1, mark.top(), 2, mark.height()), colour)
        painter.fillRect(QRectF(mark.right() - 3, mark.top(), 2, mark.height()), colour)
    else:
        painter.drawEllipse(mark)
        if phase is RulePhase.BLIND:
            painter.drawLine(mark.bottomLeft(), mark.topRight())
