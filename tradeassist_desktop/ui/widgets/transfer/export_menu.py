"""The menu that writes rules to a file: the selected ones, or all that a filter leaves."""

from collections.abc import Sequence

from PySide6.QtWidgets import QMenu, QWidget

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import Navigator


def export_menu(
    *, navigator: Navigator, selected: Sequence[Rule], shown: Sequence[Rule], parent: QWidget
) -> QMenu:
    """Return the menu.

    Args:
        selected: What it is opened on; at least one.
        shown: All rules the table shows.
    """
    menu = QMenu("Export", parent)
    menu.setObjectName("rulesExport")
    chosen, all_shown = (tuple(rule.uid for rule in rules) for rules in (selected, shown))
    words = "this rule" if len(chosen) == 1 else f"these {text.plural(len(chosen), 'rule')}"
    to_file = menu.addAction(f"Write {words} to a file…")
    to_file.triggered.connect(lambda: navigator.rules_export_wanted.emit(chosen))
    copy = menu.addAction(f"Copy {words} as a rule file")
    copy.triggered.connect(lambda: navigator.rules_copy_wanted.emit(chosen))
    if set(all_shown) != set(chosen):
        rest = menu.addAction(f"Write all {len(all_shown):,} that are shown to a file…")
        rest.triggered.connect(lambda: navigator.rules_export_wanted.emit(all_shown))
    return menu
