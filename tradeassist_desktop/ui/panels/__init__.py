"""The docks: one line here adds a panel, with its place, shortcut and menu entry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt

from tradeassist_desktop.ui.panels.base import Panel


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One dock.

    Args:
        name: Object name; saved layouts know the dock by it.
        area: Where it stands by default, after those before it in the table.
        load: Imports its panel, which may take as long as building it.
        keys: The shortcut that brings it to the front.
        is_shown: Whether it is there before the trader asks for it, by the View menu.
        beside: The dock it is a tab with, where that is not so by its area; of those before it in the table.
    """

    name: str
    title: str
    area: Qt.DockWidgetArea
    load: Callable[[], type[Panel]]
    keys: str
    is_shown: bool = True
    beside: str = ""


def _watchlist() -> type[Panel]:
    from tradeassist_desktop.ui.panels.watchlist import WatchlistPanel

    return WatchlistPanel


def _chart() -> type[Panel]:
    from tradeassist_desktop.ui.panels.chart import ChartPanel

    return ChartPanel


def _rules() -> type[Panel]:
    from tradeassist_desktop.ui.panels.rules import RulesPanel

    return RulesPanel


def _editor() -> type[Panel]:
    from tradeassist_desktop.ui.panels.editor import EditorPanel

    return EditorPanel


def _alerts() -> type[Panel]:
    from tradeassist_desktop.ui.panels.alerts import AlertsPanel

    return AlertsPanel


def _health() -> type[Panel]:
    from tradeassist_desktop.ui.panels.health import HealthPanel

    return HealthPanel


def _feed() -> type[Panel]:
    from tradeassist_desktop.ui.panels.feed import FeedPanel

    return FeedPanel


def _notifications() -> type[Panel]:
    from tradeassist_desktop.ui.panels.notifications import NotificationsPanel

    return NotificationsPanel


def _delivery() -> type[Panel]:
    from tradeassist_desktop.ui.panels.delivery import DeliveryPanel

    return DeliveryPanel


def _audit() -> type[Panel]:
    from tradeassist_desktop.ui.panels.audit import AuditPanel

    return AuditPanel


def _suggestions() -> type[Panel]:
    from tradeassist_desktop.ui.panels.suggestions import SuggestionsPanel

    return SuggestionsPanel


def _test() -> type[Panel]:
    from tradeassist_desktop.ui.panels.testing import TestPanel

    return TestPanel


def _settings() -> type[Panel]:
    from tradeassist_desktop.ui.panels.settings import SettingsPanel

    return SettingsPanel


def _language() -> type[Panel]:
    from tradeassist_desktop.ui.panels.language import LanguagePanel

    return LanguagePanel


PANELS: Final[tuple[PanelSpec, ...]] = (
    PanelSpec("watchlist", "Watchlist", Qt.DockWidgetArea.LeftDockWidgetArea, _watchlist, "Ctrl+1"),
    PanelSpec("chart", "Chart", Qt.DockWidgetArea.RightDockWidgetArea, _chart, "Ctrl+2"),
    PanelSpec("rules", "Rules", Qt.DockWidgetArea.RightDockWidgetArea, _rules, "Ctrl+3"),
    PanelSpec(
        "editor",
        "Editor",
        Qt.DockWidgetArea.RightDockWidgetArea,
        _editor,
        "Ctrl+E",
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
    ),
    PanelSpec("delivery", "Delivery", Qt.DockWidgetArea.BottomDockWidgetArea, _delivery, "Ctrl+8"),
    PanelSpec(
        "audit",
        "Audit log",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _audit,
        "Ctrl+9",
        is_shown=False,
    ),
    PanelSpec(
        "suggestions",
        "Suggestions",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _suggestions,
        "Ctrl+G",
        is_shown=False,
    ),
    PanelSpec(
        "test",
        "Test a rule",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _test,
        "Ctrl+T",
        is_shown=False,
    ),
    PanelSpec(
        "settings",
        "Settings",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _settings,
        "Ctrl+0",
        is_shown=False,
    ),
    PanelSpec(
        "language",
        "Condition language",
        Qt.DockWidgetArea.BottomDockWidgetArea,
        _language,
        "Shift+F1",
        is_shown=False,
    ),
)
