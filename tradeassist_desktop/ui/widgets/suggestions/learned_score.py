"""The learned score: from what it learned, how good it is against the base rate, and learning anew."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.engine.studies.worth.model import Model
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font

_WHAT: Final = (
    "Of each alert it says how likely it is worth your time, as learned from your verdicts (Useful and "
    "Noise above the alerts list) and, without one, from what the price did in the quarter of an hour after. "
    "It ranks and explains; it silences nothing."
)
_NO_EXTRA: Final = "It needs the program's extra “score” (scikit-learn), which is not installed."
_OFF: Final = "It is off: the setting score.enabled turns it on."


class LearnedScore(QWidget):
    """A block beside the suggestions."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._is_learning = False
        title = _label(self, "")
        title.setFont(ui_font(13, weight=QFont.Weight.DemiBold))
        title.setText("Learned score")
        what = _label(self, "second")
        what.setText(_WHAT)
        self._said = _label(self, "")
        self._said.setObjectName("scoreSaid")
        self.button = QPushButton("Learn now", self)
        self.button.setObjectName("learnScore")
        self.button.setAccessibleName("Learn the score of alerts now")
        self.button.clicked.connect(lambda: context.tasks.start(self._begin()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (title, what, self._said):
            column.addWidget(widget)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        context.bridge.worth_changed.connect(self._show)
        context.bridge.setting_changed.connect(self._show)
        self._show()

    async def _begin(self) -> None:
        self._is_learning = True
        self._show()
        try:
            await self._context.desk.worth.learn()
        except TradeAssistError:
            pass  # the service keeps why, and it is shown below
        finally:
            self._is_learning = False
            self._show()

    def _show(self, *_: object) -> None:
        worth = self._context.desk.worth
        can_learn = worth.is_possible and worth.is_wanted
        self.button.setEnabled(can_learn and not self._is_learning)
        lines = []
        if not worth.is_wanted:
            lines.append(_OFF)
        elif not worth.is_possible:
            lines.append(_NO_EXTRA)
        elif self._is_learning:
            lines.append("Learning…")
        elif worth.trouble:
            lines.append(f"Nothing was learned: {worth.trouble}")
        elif worth.model is None:
            lines.append("Nothing is learned yet; it begins a minute after the start.")
        if worth.model is not None and worth.is_wanted:
            lines.append(in_words(worth.model, now_ns=self._context.desk.clock.now_ns()))
        self._said.setText("\n".join(lines))


def in_words(model: Model, *, now_ns: int) -> str:
    """Return from what a model learned, and how it did on alerts it had not seen."""
    trial = model.trial
    count = text.plural(trial.known + trial.judged, "alert")
    better = "better than" if trial.is_better else "no better than"
    return (
        f"Learned from {count}, {model.verdicts} of them with your verdict. Judged on the newest "
        f"{trial.judged}, since {text.clock_time(trial.split_ns, now_ns=now_ns)}, by a model that knew only "
        f"those before: Brier score {trial.brier:.3f}, {better} the {trial.base_brier:.3f} of always saying "
        f"{in_percent(trial.base_rate)} (0 is perfect)."
    )


def _label(parent: QWidget, tone: str) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(ui_font(12))
    label.setWordWrap(True)
    if tone:
        label.setProperty("tone", tone)
    return label
