"""What a cell of the rules table becomes while it is typed over."""

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QLineEdit, QStyleOptionViewItem, QWidget

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.ui.models.rules.columns import COLUMNS, RulesColumn
from tradeassist_desktop.ui.widgets.cells import Index
from tradeassist_desktop.ui.widgets.controls import Choice
from tradeassist_desktop.ui.widgets.rules.cells import RuleCells

_BEGUN = "isBegun"
_EXAMPLES = {
    RulesColumn.RULE: "A name",
    RulesColumn.TAGS: "breakout, open",
    RulesColumn.COOLDOWN: "90s, 5m, none",
}


class EditedRuleCells(RuleCells):
    """Draws the cells, and edits them: a line of text, or the priorities to choose from."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return what a cell is typed over in."""
        column = RulesColumn(index.column())
        title = COLUMNS[column].in_menu
        if column is RulesColumn.PRIORITY:
            choice = Choice(name="rulePriorityEditor", title=title, theme=self.theme, parent=parent)
            choice.offer([(priority.value, priority.value) for priority in Priority], Priority.NORMAL.value)
            choice.picked.connect(lambda _: self._finish(choice))
            return choice
        line = QLineEdit(parent)
        line.setObjectName("ruleTextEditor")
        line.setAccessibleName(title)
        line.setPlaceholderText(_EXAMPLES[column])
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show what there is, once: the row changes with the market, which is not to undo what is typed."""
        if editor.property(_BEGUN):
            return
        editor.setProperty(_BEGUN, True)
        value = str(index.data(Qt.ItemDataRole.EditRole))
        if isinstance(editor, Choice):
            editor.setCurrentIndex(editor.findData(value))
        elif isinstance(editor, QLineEdit):
            editor.setText(value)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand on what was typed or chosen."""
        if isinstance(editor, Choice):
            model.setData(index, editor.value)
        elif isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Lie over the cell."""
        editor.setGeometry(option.rect)

    def _finish(self, editor: Choice) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor)
