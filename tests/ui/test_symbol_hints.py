"""Symbols proposed where one is typed: in the watchlist's field, and in the line of a new rule."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QListView

from tradeassist_desktop.domain.symbols import FoundInstrument

Until = Callable[..., Any]

LISTED = [
    FoundInstrument("TLT", "iShares 20+ Year Treasury"),
    FoundInstrument("TL", "A Company"),
    FoundInstrument("TLT   251219C00090000", "TLT Dec 19 2025 90 Call"),
]


@pytest.fixture
def typed_in(window: Any, desk: Any, qtbot: Any) -> Callable[[str, str], QLineEdit]:
    """Type a text into the line of that name, as a trader does."""
    desk.listed = LISTED

    def type_in(name: str, text: str) -> QLineEdit:
        line: QLineEdit = window.findChild(QLineEdit, name)
        line.setFocus()
        qtbot.keyClicks(line, text)
        return line

    return type_in


def popup(window: Any, name: str) -> QListView:
    # Qt makes a list of proposals a window of its own; one of a window before may be there still.
    (found,) = [
        each
        for each in QApplication.topLevelWidgets()
        if each.objectName() == name and window.isAncestorOf(each.focusProxy())
    ]
    assert isinstance(found, QListView)
    return found


def lines(view: QListView) -> list[str]:
    return [view.model().index(row, 0).data() for row in range(view.model().rowCount())]


async def test_the_watchlist_s_field_proposes_symbols_with_their_names(
    window: Any, typed_in: Any, until: Until
) -> None:
    typed_in("addSymbol", "tl")

    proposals = popup(window, "addSymbolSymbols")
    await until(proposals.isVisible)
    assert lines(proposals) == [
        "TLT  iShares 20+ Year Treasury",
        "TL  A Company",
        "TLT   251219C00090000  TLT Dec 19 2025 90 Call",
    ]
    assert not proposals.currentIndex().isValid()


async def test_an_arrow_and_enter_add_what_is_proposed(
    window: Any, desk: Any, typed_in: Any, qtbot: Any, until: Until
) -> None:
    line = typed_in("addSymbol", "tl")
    proposals = popup(window, "addSymbolSymbols")
    await until(proposals.isVisible)

    for _ in range(3):
        qtbot.keyClick(proposals, Qt.Key.Key_Down)
    qtbot.keyClick(proposals, Qt.Key.Key_Return)

    await until(lambda: "TLT   251219C00090000" in desk.watchlist.symbols)
    assert "TL" not in desk.watchlist.symbols
    assert (line.text(), proposals.isVisible()) == ("", False)


async def test_enter_without_an_arrow_adds_what_was_typed(
    window: Any, desk: Any, typed_in: Any, qtbot: Any, until: Until
) -> None:
    line = typed_in("addSymbol", "tl")
    proposals = popup(window, "addSymbolSymbols")
    await until(proposals.isVisible)

    qtbot.keyClick(proposals, Qt.Key.Key_Return)

    await until(lambda: "TL" in desk.watchlist.symbols)
    assert "TLT" not in desk.watchlist.symbols
    assert line.text() == ""


async def test_escape_closes_the_proposals_and_leaves_the_text(
    window: Any, typed_in: Any, qtbot: Any, until: Until
) -> None:
    line = typed_in("addSymbol", "tl")
    proposals = popup(window, "addSymbolSymbols")
    await until(proposals.isVisible)

    qtbot.keyClick(proposals, Qt.Key.Key_Escape)

    assert not proposals.isVisible()
    assert line.text() == "tl"


async def test_what_is_typed_on_quickly_is_asked_once(
    window: Any, desk: Any, typed_in: Any, until: Until
) -> None:
    typed_in("addSymbol", "tlt")

    await until(lambda: desk.searched)

    assert desk.searched == ["tlt"]
