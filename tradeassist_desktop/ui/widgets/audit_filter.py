"""Which entries of the audit log are shown: by a text, and by secret, act, result, who and time."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from tradeassist_desktop.domain.audit import AuditAct, AuditPick, AuditResult
from tradeassist_desktop.ui.audit_words import ACTS, RESULTS, SPANS, about, titled
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Choice

_TYPING_MS: Final = 250
_TEXT_PX: Final = 180
_CHOICE_PX: Final = 190


class AuditFilter(QWidget):
    """Tells ``changed`` when another pick is wanted; while somebody types, a moment later."""

    changed = Signal()

    def __init__(self, *, theme: Theme, now_ns: Callable[[], int], parent: QWidget) -> None:
        super().__init__(parent)
        self._now_ns = now_ns
        self._text = QLineEdit(self)
        self._text.setObjectName("auditText")
        self._text.setAccessibleName("Search the audit log")
        self._text.setPlaceholderText("Search")
        self._text.setClearButtonEnabled(True)
        self._text.setMaximumWidth(_TEXT_PX)
        self._what = self._choice("auditWhat", "Secret or right", theme)
        self._act = self._choice("auditAct", "Act", theme)
        self._result = self._choice("auditResult", "Result", theme)
        self._who = self._choice("auditWho", "Who", theme)
        self._span = self._choice("auditSpan", "Time", theme)
        self._act.offer([("", "Every act"), *((act.value, words) for act, words in ACTS.items())], "")
        self._result.offer(
            [("", "Every result"), *((result.value, words) for result, words in RESULTS.items())], ""
        )
        self._span.offer([(key, words) for key, (words, _) in SPANS.items()], "")
        self.offer((), ())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self._text, self._what, self._act, self._result, self._who, self._span):
            row.addWidget(widget)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self._text.textEdited.connect(lambda _: self._typing.start())
        self._text.textChanged.connect(self._on_cleared)

    def offer(self, whos: Sequence[str], whats: Sequence[str]) -> None:
        """Offer these to choose from; what is chosen stays."""
        self._who.offer([("", "Everybody"), *((who, who) for who in whos if who)], self._who.value)
        self._what.offer(
            [("", "Everything"), *((what, about(what)) for what in whats if what)], self._what.value
        )

    @property
    def pick(self) -> AuditPick:
        """What is wanted now."""
        back_ns = SPANS[self._span.value][1]
        words = self._text.text().strip()
        whats, acts, results = titled(words)
        return AuditPick(
            who=self._who.value,
            what=self._what.value,
            acts=frozenset({AuditAct(self._act.value)} if self._act.value else ()),
            results=frozenset({AuditResult(self._result.value)} if self._result.value else ()),
            text=words,
            or_whats=whats,
            or_acts=acts,
            or_results=results,
            since_ns=None if back_ns is None else self._now_ns() - back_ns,
        )

    @property
    def is_open(self) -> bool:
        """Whether everything is wanted."""
        return self.pick == AuditPick()

    def take_focus(self) -> None:
        """Put the caret into the search line."""
        self._text.setFocus()

    def _choice(self, name: str, title: str, theme: Theme) -> Choice:
        choice = Choice(name=name, title=title, theme=theme, parent=self)
        choice.setToolTip(plain_tip(title))
        choice.setMaximumWidth(_CHOICE_PX)
        choice.picked.connect(lambda _: self.changed.emit())
        return choice

    def _on_cleared(self, words: str) -> None:
        if not words:
            self._typing.stop()
            self.changed.emit()
