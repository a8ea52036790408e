"""The docks: one line here adds a panel, with its place, shortcut and menu entry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt

from tradeassist_desktop.ui.panels.base import Panel, PanelContext


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One dock.

    Args:
        name: Object name; saved layouts know the dock by it.
        area: Where it stands by default, after those before it in the table.
        keys: The shortcut that brings it to the front.
        is_late: Built after the window is first painted: it imports much.
        is_shown: Whether it is there before the trader asks for it, by the View menu.
        beside: The dock it is a tab with, where that is not so by its area; of those before it in the table.
    """

    name: str
    title: str
    area: Qt.DockWidgetArea
    build: Callable[[PanelContext], Panel]
    keys: str
    is_late: bool = False
    is_shown: bool = True
    beside: str = ""


def _watchlist(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.watchlist import WatchlistPanel

    return WatchlistPanel(context=context)


def _chart(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.chart import ChartPanel

    return ChartPanel(context=context)


def _rules(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.rules import RulesPanel

    return RulesPanel(context=context)


def _editor(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.editor import EditorPanel

    return EditorPanel(context=context)


def _alerts(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.alerts import AlertsPanel

    return AlertsPanel(context=context)


def _health(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.health import HealthPanel

    return HealthPanel(context=context)


def _feed(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.feed import FeedPanel

    return FeedPanel(context=context)


def _notifications(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.notifications import NotificationsPanel

    return NotificationsPanel(context=context)


def _delivery(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.delivery import DeliveryPanel

    return DeliveryPanel(context=context)


def _audit(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.audit import AuditPanel

    return AuditPanel(context=context)


def _suggestions(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.suggestions import SuggestionsPanel

    return SuggestionsPanel(context=context)


def _test(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.testing import TestPanel

    return TestPanel(context=context)


def _settings(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.settings import SettingsPanel

    return SettingsPanel(context=context)


def _language(context: PanelContext) -> Panel:
    from tradeassist_desktop.ui.panels.language import LanguagePanel

    return LanguagePanel(context=context)


PANELS: Final[tuple[PanelSpec, ...]] = (
    PanelSpec("watchlist", "Watchlist", Qt.DockWidgetArea.LeftDockWidgetArea, _watchlist, "Ctrl+1"),
    PanelSpec("chart", "Chart", Qt.DockWidgetArea.RightDockWidgetArea, _chart, "Ctrl+2", is_late=True),
    PanelSpec("rules", "Rules", Qt.DockWidgetArea.RightDockWidgetArea, _rules, "Ctrl+3"),
    PanelSpec(
        "editor",
        "Editor",
        Qt.DockWidgetArea.RightDockWidgetArea,
        _editor,
        "Ctrl+E",
        is_late=True,
        beside="rules",
    ),
    PanelSpec("alerts", "Alerts", Qt.DockWidgetArea.BottomDockWidgetArea, _alerts, "Ctrl+4"),
    PanelSpec("health", "Health", Qt.DockWidgetArea.BottomDockWidgetArea, _health, "Ctrl+5"),
    PanelSpec("feed", "Data feed", Qt.DockWidgetArea.BottomDockWidgetArea, _feed, "Ctrl+6"),
    PanelSpec(
        "notifications",
        "Notifications",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _notifications,
        "Ctrl+7",
        is_late=True,
    ),
    PanelSpec(
        "delivery", "Delivery", Qt.DockWidgetArea.BottomDockWidgetArea, _delivery, "Ctrl+8", is_late=True
    ),
    PanelSpec(
        "audit",
        "Audit log",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _audit,
        "Ctrl+9",
        is_late=True,
        is_shown=False,
    ),
    PanelSpec(
        "suggestions",
        "Suggestions",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _suggestions,
        "Ctrl+G",
        is_late=True,
        is_shown=False,
    ),
    PanelSpec(
        "test",
        "Test a rule",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _test,
        "Ctrl+T",
        is_late=True,
        is_shown=False,
    ),
    PanelSpec(
        "settings",
        "Settings",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _settings,
        "Ctrl+0",
        is_late=True,
        is_shown=False,
    ),
    PanelSpec(
        "language",
        "Condition language",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _language,
        "Shift+F1",
        is_late=True,
        is_shown=False,
    ),
)
