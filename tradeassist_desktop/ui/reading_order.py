"""Tab goes through widgets as they are read, in whatever order they were made."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLayout, QScrollArea, QSplitter, QWidget


def put_tabs_in_reading_order(whole: QWidget) -> None:
    """Have Tab go from each control in ``whole`` to the one that is read next."""
    for before, after in pairwise(reading_order(whole)):
        QWidget.setTabOrder(before, after)


def reading_order(whole: QWidget) -> list[QWidget]:
    """Return the controls in layouts of ``whole`` that can have the keyboard, as they are read."""
    return [each for each in _read(whole) if each.focusPolicy() is not Qt.FocusPolicy.NoFocus]


def _read(whole: QWidget) -> Iterator[QWidget]:
    yield whole
    layout = whole.layout()
    if isinstance(whole, QSplitter):
        parts = [whole.widget(place) for place in range(whole.count())]
    elif isinstance(whole, QScrollArea):
        parts = [whole.widget()]
    elif layout is None:
        parts = []
    else:
        parts = list(_laid_out(layout, [each for each in whole.children() if isinstance(each, QWidget)]))
    for part in parts:
        if part is not None:
            yield from _read(part)


def _laid_out(layout: QLayout, widgets: Sequence[QWidget]) -> Iterator[QWidget]:
    """Give those of the widgets that are in a layout, in its order."""
    # Not by its items: PySide keeps what it has made for one after Qt has deleted it, and takes whatever
    # comes to stand at its address for it.
    inner = [each for each in layout.children() if isinstance(each, QLayout)]
    parts: list[tuple[int, QWidget | QLayout]] = [(layout.indexOf(each), each) for each in widgets]
    parts += [(layout.indexOf(each), each) for each in inner]
    parts = [(place, part) for place, part in parts if place >= 0]
    for _, part in sorted(parts, key=lambda found: _place(layout, found[0])):
        if isinstance(part, QLayout):
            yield from _laid_out(part, widgets)
        else:
            yield part


def _place(layout: QLayout, index: int) -> tuple[int, int]:
    if isinstance(layout, QGridLayout):
        return layout.getItemPosition(index)[:2]  # type: ignore[index, no-any-return]
    return index, 0
