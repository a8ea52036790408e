from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QLabel, QTableView

from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.empty import EmptyState


def drawn_by_qt(table: QTableView) -> QTableView:
    """Return a plain table of Qt's with the same cells in the same places."""
    plain = QTableView(table.parentWidget())
    plain.setModel(table.model())
    plain.setSelectionModel(table.selectionModel())
    plain.setItemDelegate(table.itemDelegate())
    for bars in (plain.horizontalHeader(), plain.verticalHeader()):
        bars.hide()
    for set_policy in (plain.setHorizontalScrollBarPolicy, plain.setVerticalScrollBarPolicy):
        set_policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    plain.setShowGrid(False)
    plain.verticalHeader().setMinimumSectionSize(table.rowHeight(0))
    plain.verticalHeader().setDefaultSectionSize(table.rowHeight(0))
    plain.horizontalHeader().setMinimumSectionSize(1)
    for column in range(table.model().columnCount()):
        plain.setColumnWidth(column, table.columnWidth(column))
        plain.setColumnHidden(column, table.isColumnHidden(column))
    for row in range(table.model().rowCount()):
        column = 0
        while column < table.model().columnCount():
            span = table.columnSpan(row, column)
            if span > 1:
                plain.setSpan(row, column, 1, span)
            column += span
    plain.resize(table.viewport().size())
    return plain


async def test_a_table_draws_its_cells_as_qt_would(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    for number, priority in enumerate(Priority):
        long = f"{number} crossed something with so long a name that no column has room for all of it"
        status = tuple(AlertStatus)[number % 3]
        desk.history.fire(alert(str(number), message=long, priority=priority, status=status))
    await desk.watchlist.add("GLD", group="Metals")  # whose head spans all columns
    tables = [window.findChild(QTableView, name) for name in ("alertsTable", "rulesTable", "watchlistTable")]
    alerts, rules, watchlist = tables
    await until(lambda: alerts.model().rowCount() == 4)
    alerts.selectRow(1)

    pairs = [
        (table.viewport().grab().toImage(), drawn_by_qt(table).viewport().grab().toImage())
        for table in (alerts, rules, watchlist)
    ]

    assert [ours == of_qt for ours, of_qt in pairs] == [True, True, True]


async def test_an_empty_table_too_low_for_its_picture_has_its_words_whole(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    hint = "Each failed attempt is counted here by its reason."
    view = QTableView(window)
    view.setModel(QStandardItemModel(0, 1, view))
    empty = EmptyState(view=view, theme=window.context.theme, icon="check", title="Nothing failed", hint=hint)
    picture, _, words = empty.findChildren(QLabel)
    view.show()

    view.resize(260, 110)
    await until(lambda: words.width() > 200 and words.height() >= words.heightForWidth(words.width()))
    is_shown_when_low = picture.isVisible()
    view.resize(260, 240)
    await until(picture.isVisible)

    assert not is_shown_when_low
