"""Inputs of one setting each: they show what holds, and change it so that it can be undone."""

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.services.changes import SettingsChange
from tradeassist_desktop.services.settings import Value
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Check, Choice, Number


class SettingInputs:
    """Makes the inputs of a section; their object names are ``setting_`` and the key."""

    def __init__(self, *, context: PanelContext, changes: Changes) -> None:
        self._context = context
        self._changes = changes

    def check(self, key: str, words: str, *, title: str = "", parent: QWidget) -> Check:
        """Return a box for a yes/no setting.

        Args:
            words: What stands beside it.
            title: For screen readers and Undo, where the words alone do not say enough.
        """
        title = title or words
        check = Check(words, name=f"setting_{key}", title=title, theme=self._context.theme, parent=parent)
        check.setToolTip(plain_tip(setting(key).doc))
        check.clicked.connect(lambda is_on: self._set(key, is_on, f"{title}: {'on' if is_on else 'off'}"))
        self._follow(key, lambda: check.show_state(self._context.desk.settings.flag(key)))
        return check

    def number(self, key: str, title: str, *, zero: str = "", parent: QWidget) -> Number:
        """Return an input for a whole number.

        Args:
            zero: What 0 is called; empty for itself.
        """
        spec = setting(key)
        number = Number(
            name=f"setting_{key}",
            title=title,
            low=round(spec.minimum or 0),
            high=round(spec.maximum or 0),
            suffix=f" {spec.unit}" if spec.unit else "",
            parent=parent,
        )
        number.setSpecialValueText(zero)
        number.setToolTip(plain_tip(spec.doc))
        number.turned.connect(
            lambda value: self._set(key, value, f"{title}: {number.text()}", is_gradual=True)
        )
        self._follow(key, lambda: number.show_number(round(self._context.desk.settings.number(key))))
        return number

    def choice(self, key: str, title: str, choices: Mapping[str, str], *, parent: QWidget) -> Choice:
        """Return a choice for a text setting; ``choices`` has their titles."""
        choice = Choice(name=f"setting_{key}", title=title, theme=self._context.theme, parent=parent)
        choice.setToolTip(plain_tip(setting(key).doc))
        choice.picked.connect(lambda value: self._set(key, value, f"{title}: {choices.get(value, value)}"))
        self._follow(key, lambda: choice.offer(list(choices.items()), self._context.desk.settings.text(key)))
        return choice

    def _set(self, key: str, value: Value, words: str, *, is_gradual: bool = False) -> None:
        change = SettingsChange(
            settings=self._context.desk.settings, words=words, after={key: value}, is_gradual=is_gradual
        )
        self._changes.do(change)

    def _follow(self, key: str, show: Callable[[], None]) -> None:
        def on_setting(changed: str) -> None:
            if changed == key:
                show()

        self._context.bridge.setting_changed.connect(on_setting)
        self._changes.settled.connect(show)
        show()
