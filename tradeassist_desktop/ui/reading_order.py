"""Tab goes through widgets as they are read, in whatever order they were made."""

from collections.abc import Iterator
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
    else:
        parts = [] if layout is None else list(_laid_out(layout))
    for part in parts:
        if part is not None:
            yield from _read(part)


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    places = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        places.sort(key=lambda place: layout.getItemPosition(place)[:2])  # type: ignore[index]
    for place in places:
        item = layout.itemAt(place)
        if item is None:
            continue
        if (inner := item.layout()) is not None:
            yield from _laid_out(inner)
        elif (widget := item.widget()) is not None:
            yield widget
