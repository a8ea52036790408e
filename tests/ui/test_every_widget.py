"""Walks every widget of every dock: names for readers of the screen, the tab order, shortcuts, contrast."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QAction, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.theme import Theme

pytestmark = pytest.mark.qt_loop

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
)
LEAST_CONTRAST = 4.5


def describe(widget: QWidget) -> str:
    """Return where a widget stands, to be found by."""
    names = []
    at: QWidget | None = widget
    while at is not None:
        names.append(f"{type(at).__name__}:{at.objectName()}" if at.objectName() else type(at).__name__)
        at = at.parentWidget()
    return " < ".join(names[:4])


def shown(window: MainWindow, kinds: type | tuple[type, ...]) -> Iterator[QWidget]:
    for widget in window.findChildren(QWidget):
        if isinstance(widget, kinds) and widget.isVisible() and not widget.visibleRegion().isEmpty():
            yield widget


def is_inner(widget: QWidget) -> bool:
    """Whether a widget is a part of another control, which speaks for it."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QComboBox | QAbstractSpinBox | QAbstractItemView):
            return True
        parent = parent.parentWidget()
    return isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_")


async def each_dock(window: MainWindow) -> Any:
    """Bring each dock to the front in turn, with the window large enough for all of it."""
    window.resize(1800, 1400)
    for spec in PANELS:
        window.show_dock(spec.name)
        await asyncio.sleep(0.05)  # laying out takes a few turns
        yield spec.name


def name_of(widget: QWidget) -> str:
    said = QAccessible.queryAccessibleInterface(widget)
    return "" if said is None else said.text(QAccessible.Text.Name)


async def test_every_control_has_a_name(window: MainWindow) -> None:
    nameless = {
        f"{dock}: {describe(widget)}"
        async for dock in each_dock(window)
        for widget in shown(window, CONTROLS)
        if not is_inner(widget) and not name_of(widget).strip()
    }
    assert not nameless


async def test_tab_comes_to_every_control_of_every_dock(window: MainWindow) -> None:
    missed = set()
    async for dock in each_dock(window):
        wanted = {
            widget
            for widget in shown(window, CONTROLS)
            if widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not is_inner(widget)
        }
        reached: Counter[QWidget] = Counter()
        at = QApplication.focusWidget()
        while at is not None and max(reached.values(), default=0) < 2:
            reached[at] += 1
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                key = QKeyEvent(kind, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier, "\t")
                QCoreApplication.sendEvent(at, key)
            at = QApplication.focusWidget()
        groups = {widget.group() for widget in reached if isinstance(widget, QAbstractButton)} - {None}
        missed |= {
            f"{dock}: {describe(widget)}"
            for widget in wanted - reached.keys()
            # Buttons of which one is chosen are one stop; arrows go on from there.
            if not (isinstance(widget, QAbstractButton) and widget.group() in groups)
        }
    assert not missed


async def test_no_key_means_two_things_in_one_place(window: MainWindow) -> None:
    places: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for action in window.findChildren(QAction):
        for keys in action.shortcuts():
            context = action.shortcutContext()
            is_everywhere = context in (
                Qt.ShortcutContext.WindowShortcut,
                Qt.ShortcutContext.ApplicationShortcut,
            )
            owner = "window" if is_everywhere else describe(action.parent())
            places[owner, keys.toString()].add(action.text().split(" “")[0])
    # A dock with an undo of its own keeps the window's keys from it, and lists them as its own.
    shared = ("Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y")
    assert not {
        place: titles for place, titles in places.items() if len(titles) > 1 and place[1] not in shared
    }


def contrast_of(picture: QImage) -> float:
    """Return the contrast of what is written with what it is written on, the commonest colour."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), dtype=np.uint32).reshape(plain.height(), -1)
    colours, counts = np.unique(pixels[:, : plain.width()] & 0xFFFFFF, return_counts=True)
    parts = np.stack([(colours >> shift & 0xFF) / 255 for shift in (16, 8, 0)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    luminance = np.array([0.2126, 0.7152, 0.0722]) @ linear + 0.05
    ground = luminance[counts.argmax()]
    # Of thin strokes only the middle has the ink's full colour.
    return float(max(luminance.max() / ground, ground / luminance.min()))


@pytest.mark.parametrize("colours", ["dark", "light"])
async def test_every_word_stands_out_from_its_ground(
    window: MainWindow, theme: Theme, colours: str, until: Callable[..., Any]
) -> None:
    theme.choose(colours, "green_red")
    faint = {}
    seen: set[tuple[object, ...]] = set()
    async for dock in each_dock(window):
        picture = window.grab().toImage()
        for widget in shown(window, (QLabel, QAbstractButton)):
            words = widget.text()
            look = (
                type(widget),
                widget.property("tone"),
                widget.property("kind"),
                widget.font().key(),
                describe(widget),
            )
            if not words.strip() or not widget.isEnabled() or look in seen:
                continue
            seen.add(look)
            seen_part = widget.visibleRegion().boundingRect()
            found = contrast_of(picture.copy(seen_part.translated(widget.mapTo(window, QPoint(0, 0)))))
            if found < LEAST_CONTRAST:
                faint[f"{dock}: {describe(widget)}: {words[:40]!r}"] = round(found, 1)
    assert not faint
