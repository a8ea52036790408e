"""Where alerts go, how they sound, when they rest: every setting of it, section by section."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.panels.changing import ChangingPanel
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.channels import ChannelsBody
from tradeassist_desktop.ui.widgets.notifications.escalation import EscalationBody
from tradeassist_desktop.ui.widgets.notifications.matrix import MatrixBody
from tradeassist_desktop.ui.widgets.notifications.quiet_hours import QuietHoursBody
from tradeassist_desktop.ui.widgets.notifications.silences import SilencesBody
from tradeassist_desktop.ui.widgets.notifications.tones import TonePlayer, TonesBody
from tradeassist_desktop.ui.widgets.notifications.undelivered import UndeliveredBody
from tradeassist_desktop.ui.widgets.notifications.where_now import WhereNowBody
from tradeassist_desktop.ui.widgets.page_scroll import PageFeet
from tradeassist_desktop.ui.widgets.section import Section, SectionScroll


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What sections are made of.

    Args:
        feet: Below them all, for buttons that stay in sight.
    """

    context: PanelContext
    changes: Changes
    states: ChannelStates
    feet: PageFeet


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One section; ``name`` is its object name.

    Args:
        act: What everything in it is; ``None`` where its parts differ, or it only shows.
    """

    name: str
    title: str
    build: Callable[[Parts], QWidget]
    act: Act | None = None


def _matrix(parts: Parts) -> QWidget:
    return MatrixBody(context=parts.context, changes=parts.changes, states=parts.states)


def _channels(parts: Parts) -> QWidget:
    return ChannelsBody(context=parts.context, changes=parts.changes, states=parts.states, feet=parts.feet)


def _silences(parts: Parts) -> QWidget:
    return SilencesBody(context=parts.context, changes=parts.changes, states=parts.states)


def _tones(parts: Parts) -> QWidget:
    return TonesBody(context=parts.context, changes=parts.changes)


def _quiet(parts: Parts) -> QWidget:
    return QuietHoursBody(context=parts.context, changes=parts.changes, states=parts.states)


def _escalation(parts: Parts) -> QWidget:
    return EscalationBody(context=parts.context, changes=parts.changes, states=parts.states)


def _where_now(parts: Parts) -> QWidget:
    return WhereNowBody(context=parts.context, states=parts.states)


def _undelivered(parts: Parts) -> QWidget:
    return UndeliveredBody(context=parts.context, changes=parts.changes, states=parts.states)


SECTIONS: Final[tuple[SectionSpec, ...]] = (
    SectionSpec("notifyRouting", "Routing", _matrix, Act.NOTIFICATION_SETTINGS),
    SectionSpec("notifyChannels", "Channels", _channels),
    SectionSpec("notifySilences", "Silences", _silences),
    SectionSpec("notifyWhereNow", "Where would this go now?", _where_now),
    SectionSpec("notifyTones", "Tones", _tones, Act.NOTIFICATION_SETTINGS),
    SectionSpec("notifyQuiet", "Quiet hours", _quiet, Act.NOTIFICATION_SETTINGS),
    SectionSpec("notifyEscalation", "Repeats and escalation", _escalation, Act.NOTIFICATION_SETTINGS),
    SectionSpec("notifyUndelivered", "Not delivered", _undelivered),
)


class NotificationsPanel(ChangingPanel):
    """Every section of ``SECTIONS``; what is changed in one of them holds at once, and can be undone."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(kind="notifications", name="Change", context=context, parent=parent)
        states = ChannelStates(context=context, parent=self)
        feet = PageFeet(parent=self)
        parts = Parts(context=context, changes=self.changes, states=states, feet=feet)
        self._bodies = {spec.name: spec.build(parts) for spec in SECTIONS}
        sections = [
            Section(name=spec.name, title=spec.title, body=self._bodies[spec.name]) for spec in SECTIONS
        ]
        for spec in SECTIONS:
            if spec.act is not None:
                context.rights.enable(self._bodies[spec.name], spec.act)
        scroll = SectionScroll(sections=sections, parent=self)
        scroll.setObjectName("notificationSections")
        scroll.setAccessibleName("Notifications")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(scroll, 1)
        column.addWidget(feet)

    def take_focus(self) -> None:
        """Put the keyboard on the table of routing."""
        matrix = self._bodies["notifyRouting"]
        assert isinstance(matrix, MatrixBody)
        matrix.take_focus()

    def preview_with(self, player: TonePlayer) -> None:
        """Preview tones with this player from now on."""
        tones = self._bodies["notifyTones"]
        assert isinstance(tones, TonesBody)
        tones.use(player)
