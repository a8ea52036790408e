"""When each panel is built: what is in sight before it is seen, the rest after the first paint."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.reading_order import put_tabs_in_reading_order
from tradeassist_desktop.ui.widgets.dock import Dock

_REST_MS: Final = 20
"""Between two steps: prices move and clicks count meanwhile."""
_LATEST_MS: Final = 1_000
"""Where nothing is ever painted (started minimised), the rest must come all the same."""
_SPOKEN_TO: Final[tuple[tuple[str, str], ...]] = (
    ("alert_chosen", "alerts"),
    ("rule_explained", "alerts"),
    ("moment_chosen", "chart"),
    ("preview_changed", "chart"),
    ("rule_edit_wanted", "editor"),
    ("draft_wanted", "editor"),
    ("test_wanted", "test"),
    ("sign_in_wanted", "feed"),
    ("developer_app_wanted", "feed"),
    ("channel_wanted", "notifications"),
)
"""Signals of the navigator that ask a panel for something, each with its dock."""


class PanelBuilder(QObject):
    """Puts its panel into each dock: in sight, spoken to, or else one by one."""

    built = Signal(str)
    """The panel of this dock is there."""
    finished = Signal()
    """The last panel is there."""

    def __init__(self, *, context: PanelContext, docks: Mapping[str, Dock], parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._docks = docks
        self._kinds: dict[str, type[Panel]] = {}
        self._panels: dict[str, Panel] = {}
        self._is_in_sight = False
        self._pause = QTimer(self)
        self._pause.setInterval(_REST_MS)
        self._pause.timeout.connect(self._step)
        self._latest = QTimer(self, singleShot=True, interval=_LATEST_MS)
        self._latest.timeout.connect(self.go_on)
        for name, dock in docks.items():
            dock.setWidget(Panel(context=context))
            dock.visibilityChanged.connect(partial(self._on_visible, name))
        for signal, name in _SPOKEN_TO:
            # Before any panel listens: what is built in answer is spoken to once more, and all of it is.
            getattr(context.navigator, signal).connect(self._deliver(signal, name))

    def panel(self, name: str) -> Panel | None:
        """Return a dock's panel; ``None`` while it is not built."""
        return self._panels.get(name)

    def have(self, name: str) -> Panel:
        """Return a dock's panel, built now if it is not there yet."""
        if name not in self._panels:
            panel = self._kind(name)(context=self._context)
            self._panels[name] = panel
            holder = self._docks[name].widget()
            self._docks[name].setWidget(panel)
            holder.deleteLater()
            put_tabs_in_reading_order(panel)
            self.built.emit(name)
            if len(self._panels) == len(PANELS):
                self._pause.stop()
                self.finished.emit()
        return self._panels[name]

    def have_all(self) -> None:
        """Build what is not there yet, all of it now."""
        for name in self._docks:
            self.have(name)

    def come_into_sight(self, expected: Iterable[str], show: Callable[[], None]) -> None:
        """Show the window, its docks in sight built before it is painted.

        Args:
            expected: The docks that should be in sight. Built before ``show``: a window waits bare meanwhile.
        """
        for name in expected:
            if name in self._docks:
                self.have(name)
        show()
        # Only now is it known of tabs which of them is in front.
        for name in self.in_sight():
            self.have(name)
        self._is_in_sight = True
        self._latest.start()

    def in_sight(self) -> tuple[str, ...]:
        """Return the docks that can be seen: neither closed nor behind another tab."""
        return tuple(
            name
            for name, dock in self._docks.items()
            if dock.isVisible() and not dock.visibleRegion().isEmpty()
        )

    def go_on(self) -> None:
        """Build the rest from now on, step by step."""
        if len(self._panels) < len(PANELS) and not self._pause.isActive():
            self._pause.start()

    def stop(self) -> None:
        """Build no more by itself."""
        self._latest.stop()
        self._pause.stop()

    def _step(self) -> None:
        name = next(name for name in self._docks if name not in self._panels)
        # Two steps: the import of some takes as long as the building.
        if name not in self._kinds:
            self._kind(name)
        else:
            self.have(name)

    def _kind(self, name: str) -> type[Panel]:
        if name not in self._kinds:
            self._kinds[name] = next(spec for spec in PANELS if spec.name == name).load()
        return self._kinds[name]

    def _on_visible(self, name: str, is_visible: bool) -> None:
        if is_visible and self._is_in_sight:
            self.have(name)

    def _deliver(self, signal: str, name: str) -> Callable[..., None]:
        def deliver(*values: object) -> None:
            if name not in self._panels:
                self.have(name)
                # Who connects while a signal is under way is not called by it.
                getattr(self._context.navigator, signal).emit(*values)

        return deliver
