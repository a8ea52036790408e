"""Everything the window can be asked to do, and the keys for it: the program's own or the trader's."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QGraphicsScene, QLineEdit, QMainWindow, QMenu, QWidget

from tradeassist_desktop.ui.key_names import EVERYWHERE, command_id
from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.panels.base import LISTED_ONLY, PanelContext
from tradeassist_desktop.ui.window.docks import Docks
from tradeassist_desktop.ui.window.key_texts import kept_keys, key_text, keys_of

KEYS_SETTING: Final = "shortcuts.changed"
_SCOPES: Final = (EVERYWHERE, *(spec.name for spec in PANELS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One action.

    Args:
        id: The same in every run; settings know it by that.
        scope: ``window``, or the dock within which its key works.
        place: Where it is found, for people: ``Rules menu``, ``Alerts``.
        own_keys: The program's own; empty for none.
        is_fixed: Whether its keys are as they are.
    """

    id: str
    scope: str
    place: str
    action: QAction
    own_keys: str
    is_fixed: bool

    @property
    def title(self) -> str:
        """What it does, as the menus say it."""
        words = self.action.text().partition("\t")[0]  # after it, keys that the widget looks at itself
        return words.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")

    @property
    def keys(self) -> str:
        """The keys in force; empty for none."""
        return key_text(self.action.shortcut())

    def meets(self, other: "Command") -> bool:
        """Return whether one key could not do for both."""
        return self.scope == other.scope or EVERYWHERE in (self.scope, other.scope)


class Commands(QObject):
    """Collects the actions of the window and its panels; gives them the keys that the trader wants.

    Args:
        show_dock: Brings a dock to the front.
        replay_bar: ``None`` where nothing is replayed.
    """

    changed = Signal()
    """A key is another, or there are more commands."""

    def __init__(
        self,
        *,
        context: PanelContext,
        docks: Docks,
        show_dock: Callable[[str], None],
        replay_bar: QWidget | None,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._docks = docks
        self._show_dock = show_dock
        self._replay_bar = replay_bar
        self._window = window
        self._commands: dict[str, Command] = {}
        context.bridge.setting_changed.connect(self._on_setting)
        docks.panels.built.connect(self._collect_of)

    def collect(self) -> None:
        """Look for actions, new ones too."""
        self._take(EVERYWHERE, "Everywhere", self._of_window())
        if self._replay_bar is not None:
            self._take(EVERYWHERE, "Replay", self._replay_bar.actions())
        for spec in PANELS:
            panel = self._docks.panels.panel(spec.name)
            if panel is not None:
                self._take(spec.name, spec.title, _within(panel))
        self._apply()

    def all(self) -> tuple[Command, ...]:
        """Return the commands there are: those of the window, then dock by dock."""
        self._docks.panels.have_all()
        return tuple(sorted(self._commands.values(), key=lambda command: _SCOPES.index(command.scope)))

    def keys_everywhere(self) -> frozenset[str]:
        """Return the keys that work in every dock."""
        return frozenset(
            key_text(keys)
            for each in self._commands.values()
            if each.scope == EVERYWHERE
            for keys in each.action.shortcuts()
        )

    def of_keys_everywhere(self, keys: QKeySequence) -> Command | None:
        """Return what these keys do in every dock; ``None`` for nothing."""
        everywhere = (each for each in self._commands.values() if each.scope == EVERYWHERE)
        return next((each for each in everywhere if keys in each.action.shortcuts()), None)

    def run(self, command: Command) -> None:
        """Do it; what works within a dock brings that to the front before."""
        if command.scope != EVERYWHERE:
            self._show_dock(command.scope)
        command.action.trigger()

    def holders(self, command: Command, keys: str) -> tuple[Command, ...]:
        """Return the others that have these keys where ``command`` would want them."""
        others = (each for each in self._commands.values() if each.id != command.id)
        return tuple(each for each in others if keys and each.keys == keys and each.meets(command))

    async def set_keys(self, wanted: Mapping[str, str]) -> None:
        """Have commands done by other keys, and keep that.

        Args:
            wanted: Keys by the commands' ids; empty for none.
        """
        changed = {**keys_of(self._context.desk.settings.names(KEYS_SETTING)), **wanted}
        await self._keep({id_: keys for id_, keys in changed.items() if keys != self._own(id_)})

    async def reset(self, ids: Iterable[str]) -> None:
        """Have commands done by the program's own keys again."""
        given_up = set(ids)
        changed = keys_of(self._context.desk.settings.names(KEYS_SETTING))
        await self._keep({id_: keys for id_, keys in changed.items() if id_ not in given_up})

    async def _keep(self, changed: Mapping[str, str]) -> None:
        await self._context.desk.settings.set(KEYS_SETTING, kept_keys(changed))

    def _collect_of(self, name: str) -> None:
        spec = next(spec for spec in PANELS if spec.name == name)
        self._take(name, spec.title, _within(self._docks.panels.have(name)))
        self._apply()

    def _own(self, id_: str) -> str | None:
        command = self._commands.get(id_)
        return None if command is None else command.own_keys

    def _of_window(self) -> list[QAction]:
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        return self._window.findChildren(QAction, options=direct)

    def _take(self, scope: str, place: str, actions: Iterable[QAction]) -> None:
        for action in actions:
            id_ = command_id(scope, action)
            if not action.text() or action.isSeparator() or id_ in self._commands:
                continue
            menu = next((each for each in action.associatedObjects() if isinstance(each, QMenu)), None)
            self._commands[id_] = Command(
                id=id_,
                scope=scope,
                place=f"{menu.title().replace('&', '')} menu" if menu and menu.title() else place,
                action=action,
                own_keys=key_text(action.shortcut()),
                is_fixed=bool(action.property(LISTED_ONLY)),
            )
            action.destroyed.connect(lambda *_, id_=id_: self._commands.pop(id_, None))

    def _apply(self) -> None:
        changed = keys_of(self._context.desk.settings.names(KEYS_SETTING))
        for command in self._commands.values():
            wanted = changed.get(command.id, command.own_keys)
            if not command.is_fixed and command.keys != wanted:
                command.action.setShortcut(QKeySequence(wanted))
        self._context.keys.learn({each.id: (each.keys, each.title) for each in self._commands.values()})
        self.changed.emit()

    def _on_setting(self, key: str) -> None:
        if key == KEYS_SETTING:
            self._apply()


def _within(panel: QWidget) -> list[QAction]:
    """Return a panel's actions, without those of open menus, of Qt's own parts and of pyqtgraph's."""
    return [
        action
        for action in panel.findChildren(QAction)
        if not isinstance(action.parent(), QMenu | QLineEdit | QGraphicsScene) and action.menu() is None
    ]
