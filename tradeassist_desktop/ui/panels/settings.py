"""Settings, page by page: credentials, where they are kept, and everything else that can be set."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.panels.changing import ChangingPanel
from tradeassist_desktop.ui.tips import plain_tip


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page.

    Args:
        name: Object name.
        meaning: What is to be found there, for its tooltip.
        keeps_undo: Whether what is changed there is in the panel's own order of changes.
        has_save: Whether nothing of it holds before it is saved.
        applies: Whether this desk has such a thing at all.
    """

    name: str
    title: str
    meaning: str
    build: Callable[[PanelContext, Changes], QWidget]
    keeps_undo: bool = True
    has_save: bool = False
    applies: Callable[[PanelContext], bool] = lambda context: True


def _credentials(context: PanelContext, changes: Changes) -> QWidget:
    from tradeassist_desktop.ui.widgets.settings.credentials import CredentialsPage

    return CredentialsPage(context=context)


def _google_cloud(context: PanelContext, changes: Changes) -> QWidget:
    from tradeassist_desktop.ui.widgets.settings.google_cloud import GoogleCloudPage

    return GoogleCloudPage(context=context, changes=changes)


def _app_lock(context: PanelContext, changes: Changes) -> QWidget:
    from tradeassist_desktop.ui.widgets.settings.app_lock import AppLockPage

    assert context.desk.lock is not None
    return AppLockPage(lock=context.desk.lock, context=context, changes=changes)


def _has_lock(context: PanelContext) -> bool:
    return context.desk.lock is not None


def _all_settings(context: PanelContext, changes: Changes) -> QWidget:
    from tradeassist_desktop.ui.widgets.settings.all_settings import AllSettingsPage

    return AllSettingsPage(context=context, changes=changes)


PAGES: Final[tuple[PageSpec, ...]] = (
    PageSpec(
        "settingsCredentials",
        "Credentials",
        "Every password, token and key: who keeps it, how old it is, whether it works",
        _credentials,
        keeps_undo=False,
    ),
    PageSpec(
        "settingsGoogleCloud",
        "Google Cloud",
        "Keep credentials in Secret Manager: set it up, try it, and say who is asked first",
        _google_cloud,
        has_save=True,
    ),
    PageSpec(
        "settingsAppLock",
        "App lock",
        "For a desk that others can reach: PINs, roles, and when it locks itself",
        _app_lock,
        applies=_has_lock,
    ),
    PageSpec(
        "settingsAll",
        "All settings",
        "Every setting there is, with its meaning, its default and who gave its value",
        _all_settings,
    ),
)


class SettingsPanel(ChangingPanel):
    """The pages of ``PAGES`` that apply to this desk, one at a time; each is built when first gone to."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(kind="settings", name="Setting", context=context, parent=parent)
        self._specs = [spec for spec in PAGES if spec.applies(context)]
        self._pages: dict[str, QWidget] = {}
        self._stack = QStackedWidget(self)
        self._tabs = QButtonGroup(self)
        self._tabs.setExclusive(True)
        for place, spec in enumerate(self._specs):
            tab = QToolButton(self.bar)
            tab.setObjectName(f"{spec.name}Tab")
            tab.setText(spec.title)
            tab.setCheckable(True)
            tab.setAccessibleName(f"Page {spec.title}")
            tab.setToolTip(plain_tip(spec.meaning))
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._tabs.addButton(tab, place)
            self.bar.row.insertWidget(place, tab)
        self.bar.row.insertSpacing(len(self._specs), 12)
        self._tabs.idClicked.connect(lambda place: self.show_page(self._specs[place].name))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)
        self.show_page(self._specs[0].name)

    def show_page(self, name: str) -> QWidget:
        """Bring a page to the front, and return it."""
        place = [spec.name for spec in self._specs].index(name)
        spec = self._specs[place]
        if name not in self._pages:
            page = spec.build(self.context, self.changes)
            page.setObjectName(name)
            page.setAccessibleName(spec.title)
            self._stack.addWidget(page)
            self._pages[name] = page
        self._tabs.button(place).setChecked(True)
        self.keeps_undo = spec.keeps_undo
        self.hold_at_once.setVisible(not spec.has_save)
        self._stack.setCurrentWidget(self._pages[name])
        return self._pages[name]

    def take_focus(self) -> None:
        """Put the keyboard on the page that is in front."""
        page = self._stack.currentWidget()
        if page is not None:
            page.setFocus()
