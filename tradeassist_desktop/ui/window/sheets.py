"""The sheets of the window, each made when it is first wanted."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.locking import Locking
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.window.commands import Commands
from tradeassist_desktop.ui.window.first_start import FirstStart
from tradeassist_desktop.ui.window.layouts import Layouts

if TYPE_CHECKING:
    from tradeassist_desktop.ui.widgets.palette.sheet import Palette
    from tradeassist_desktop.ui.widgets.quick.sheet import QuickAdd
    from tradeassist_desktop.ui.widgets.templates.sheet import TemplatesSheet
    from tradeassist_desktop.ui.widgets.welcome.sheet import WelcomeSheet


class Sheets(QObject):
    """Opens what stands over the docks; nothing while the desk is covered.

    Args:
        state_file: INI file of what the window remembers.
    """

    def __init__(
        self,
        *,
        context: PanelContext,
        commands: Commands,
        layouts: Layouts,
        locking: Locking,
        state_file: Path,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._commands = commands
        self._layouts = layouts
        self._locking = locking
        self._state_file = state_file
        self._window = window
        self._quick_add: QuickAdd | None = None
        self._palette: Palette | None = None
        self._templates: TemplatesSheet | None = None
        self._welcome: WelcomeSheet | None = None
        self._first_start = FirstStart(file=state_file)
        context.navigator.quick_rule_wanted.connect(self.open_quick_add)
        context.navigator.text_offered.connect(self._offer_text)
        context.navigator.templates_wanted.connect(self.open_templates)
        context.navigator.template_chosen.connect(self._open_templates)
        context.navigator.template_wanted.connect(self._ask_for_template)

    def open_quick_add(self, typed: str = "") -> None:
        """Have a rule typed, beginning with a text."""
        if self._locking.is_covered:
            return
        if self._quick_add is None:
            from tradeassist_desktop.ui.widgets.quick.sheet import QuickAdd

            self._quick_add = QuickAdd(context=self._context, window=self._window)
        self._quick_add.open_with(typed)

    def _offer_text(self, text: str) -> None:
        if self._quick_add is not None and self._quick_add.isVisible():
            self._quick_add.insert(text)
        else:
            self.open_quick_add(text)

    def open_palette(self) -> None:
        """Have an action, a symbol or a rule found."""
        if self._locking.is_covered:
            return
        if self._palette is None:
            from tradeassist_desktop.ui.widgets.palette.sheet import Palette

            self._palette = Palette(
                context=self._context,
                commands=self._commands,
                layouts=self._layouts,
                state_file=self._state_file,
                window=self._window,
            )
        self._palette.open()

    def open_templates(self) -> None:
        """Have a rule made of a template."""
        self._open_templates(None)

    def _open_templates(self, key: str | None) -> None:
        if self._locking.is_covered:
            return
        if reason := self._context.rights.refuse(Act.EDIT_RULES):
            self._context.navigator.noticed.emit(reason)
            return
        if self._templates is None:
            from tradeassist_desktop.ui.widgets.templates.sheet import TemplatesSheet

            self._templates = TemplatesSheet(context=self._context, window=self._window)
        self._templates.open(key)

    def _ask_for_template(self, rule: Rule) -> None:
        async def take(name: str) -> None:
            change = self._context.desk.own_templates.keep(rule, name.strip())
            await self._context.rule_changes.done(change)
            self._open_templates(f"own:{name.strip()}")

        dialogs.ask(
            name="templateNaming",
            title="Save as template",
            words="What the template is to be called:",
            value=rule.name,
            example="",
            take=take,
            parent=self._window,
        ).open()

    def open_shortcuts(self) -> None:
        """List the keys, to be changed."""
        from tradeassist_desktop.ui.widgets.shortcuts.sheet import ShortcutsSheet

        self._commands.collect()
        ShortcutsSheet(context=self._context, commands=self._commands, parent=self._window).open()

    def greet(self) -> None:
        """Welcome whoever is here for the first time; not over a recording that was opened to be seen."""
        if self._context.desk.replay is None and self._first_start.wants_welcome:
            self._first_start.begin()
            self.open_welcome()

    def open_welcome(self) -> None:
        """Show where data comes from, what is watched and where alerts go."""
        if self._locking.is_covered:
            return
        if self._welcome is None:
            from tradeassist_desktop.ui.widgets.welcome.sheet import WelcomeSheet

            self._welcome = WelcomeSheet(context=self._context, window=self._window)
            self._welcome.closed.connect(self._first_start.end)
        self._welcome.open()

    def open_about(self) -> None:
        """Say what this program is."""
        dialogs.about(theme=self._context.theme, source=self._context.desk.source, parent=self._window).open()
