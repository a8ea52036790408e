"""The data feed: how each connection stands, and what keeps it going, section by section."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.widgets.section import Section, SectionScroll


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One section.

    Args:
        name: Object name.
        applies: Whether this desk has such a thing at all.
    """

    name: str
    title: str
    build: Callable[[PanelContext], QWidget]
    applies: Callable[[PanelContext], bool] = lambda context: True


def _connection(context: PanelContext) -> QWidget:
    from tradeassist_desktop.ui.widgets.connection import ConnectionBody

    return ConnectionBody(context=context)


def _gaps(context: PanelContext) -> QWidget:
    from tradeassist_desktop.ui.widgets.gaps import GapsBody

    return GapsBody(context=context)


def _gates(context: PanelContext) -> QWidget:
    from tradeassist_desktop.ui.widgets.gates import GatesBody

    return GatesBody(context=context)


def _proposals(context: PanelContext) -> QWidget:
    from tradeassist_desktop.ui.widgets.proposals import ProposalsBody

    return ProposalsBody(context=context)


def _recordings(context: PanelContext) -> QWidget:
    from tradeassist_desktop.ui.widgets.recordings import RecordingsBody

    return RecordingsBody(context=context)


def _requests(context: PanelContext) -> QWidget:
    from tradeassist_desktop.ui.widgets.requests import RequestsBody

    assert context.desk.requests is not None
    return RequestsBody(context=context, load=context.desk.requests)


def _has_requests(context: PanelContext) -> bool:
    return context.desk.requests is not None


def _sign_in(context: PanelContext) -> QWidget:
    from tradeassist_desktop.ui.widgets.sign_in import SignInBody

    assert context.desk.sign_in is not None
    return SignInBody(context=context, sign_in=context.desk.sign_in)


def _wants_sign_in(context: PanelContext) -> bool:
    return context.desk.sign_in is not None


SECTIONS: Final[tuple[SectionSpec, ...]] = (
    SectionSpec("feedConnection", "Connection", _connection),
    SectionSpec("feedSignIn", "Schwab sign-in", _sign_in, _wants_sign_in),
    SectionSpec("feedRequests", "Data service", _requests, _has_requests),
    SectionSpec("feedGaps", "Gaps", _gaps),
    SectionSpec("feedRecordings", "Recordings", _recordings),
    SectionSpec("feedGates", "Gates", _gates),
    SectionSpec("feedProposals", "Rolls and splits", _proposals),
)


class FeedPanel(Panel):
    """Every section of ``SECTIONS`` that applies to this desk."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._sections = {
            spec.name: Section(name=spec.name, title=spec.title, body=spec.build(context))
            for spec in SECTIONS
            if spec.applies(context)
        }
        self._scroll = SectionScroll(sections=list(self._sections.values()), parent=self)
        self._scroll.setObjectName("feedSections")
        self._scroll.setAccessibleName("Data feed")
        context.navigator.sign_in_wanted.connect(self._show_sign_in)
        context.navigator.developer_app_wanted.connect(self._show_sign_in)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)

    def _show_sign_in(self) -> None:
        section = self._sections.get("feedSignIn")
        if section is not None:
            self._scroll.ensureWidgetVisible(section)
