"""Walks every widget of each dock and sheet: names for screen readers, the tab order, shortcuts, contrast."""

import asyncio
import gc
import importlib
import pkgutil
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QAction, QGuiApplication, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollBar,
    QTableView,
    QToolButton,
    QWidget,
)
from shiboken6 import Shiboken

from tests.services.lock_desk import PINS, give_lock
from tradeassist_desktop import ui
from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.choices import ChoiceList
from tradeassist_desktop.ui.widgets.lock.codes_sheet import CodesSheet
from tradeassist_desktop.ui.widgets.lock.lock_sheet import AppLockSheet
from tradeassist_desktop.ui.widgets.lock.set_up import SetUpSheet
from tradeassist_desktop.ui.widgets.lock.sheets import ChangePinSheet, RoleSheet, SetPinSheet, ShownOnce
from tradeassist_desktop.ui.widgets.overlay import Overlay

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


def shown(place: QWidget, kinds: type | tuple[type, ...]) -> Iterator[QWidget]:
    for widget in place.findChildren(QWidget):
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


@pytest.fixture
def desk(desk: Any) -> Any:
    """The same desk, with a lock that is not set up."""
    give_lock(desk)
    return desk


def trigger(title: str) -> Callable[[MainWindow], object]:
    return lambda window: next(act for act in window.findChildren(QAction) if act.text() == title).trigger()


def import_copied(window: MainWindow) -> None:
    QGuiApplication.clipboard().setText("no rule file")
    window.transfers.imports.open_clipboard()


def of_lock(kind: Callable[..., QWidget], **more: Any) -> Callable[[MainWindow], object]:
    def show(window: MainWindow) -> None:
        kind(lock=window.context.desk.lock, parent=window, **more).show()

    return show


# What opens each sheet and dialog there is.
SHEETS: tuple[Callable[[MainWindow], object], ...] = (
    lambda window: window.navigator.quick_rule_wanted.emit("/ES last crosses abve 5530"),
    trigger("Command palette…"),
    trigger("From template…"),
    trigger("Welcome…"),
    trigger("Keyboard shortcuts"),
    trigger("About TradeAssist"),
    trigger("Save layout…"),
    import_copied,
    lambda window: dialogs.waiting(name="waiting", title="Reading a file", parent=window).show(),
    of_lock(SetUpSheet),
    of_lock(ChangePinSheet),
    of_lock(CodesSheet),
    of_lock(SetPinSheet, role=Role.TRADER),
    lambda window: of_lock(RoleSheet, theme=window.context.theme)(window),
    lambda window: of_lock(AppLockSheet, context=window.context)(window),
    lambda window: ShownOnce(
        name="once", title="Write this", said="Down.", texts=("1",), parent=window
    ).show(),
)


def sheets_of(window: MainWindow) -> list[QWidget]:
    kinds = (Overlay, QDialog)
    return [each for each in window.findChildren(QWidget) if isinstance(each, kinds) and each.isVisible()]


async def opened(
    show: Callable[[MainWindow], object], window: MainWindow, until: Callable[..., Any]
) -> QWidget:
    show(window)
    await until(lambda: len(sheets_of(window)) == 1)
    (sheet,) = sheets_of(window)
    if sheet.isWindow():
        sheet.activateWindow()
        await until(sheet.isActiveWindow)
    await asyncio.sleep(0.02)
    return sheet


async def each_place(window: MainWindow, until: Callable[..., Any]) -> AsyncIterator[tuple[str, QWidget]]:
    """Bring each dock to the front in turn, then each sheet, with the window large enough for all of it."""
    window.resize(1800, 1400)
    for spec in PANELS:
        window.show_dock(spec.name)
        await asyncio.sleep(0.05)  # laying out takes a few turns
        yield spec.name, window
    for show in SHEETS:
        sheet = await opened(show, window, until)
        yield sheet.objectName(), sheet
        sheet.close()
        window.activateWindow()
        await until(lambda: not sheets_of(window) and window.isActiveWindow())


def name_of(widget: QWidget) -> str:
    said = QAccessible.queryAccessibleInterface(widget)
    return "" if said is None else said.text(QAccessible.Text.Name)


def press(key: Qt.Key, typed: str = "") -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        at = QApplication.focusWidget()
        if at is not None:
            QCoreApplication.sendEvent(at, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, typed))


def is_of_title_bar(widget: QWidget) -> bool:
    """Whether it moves or closes a dock, which the View menu does by keyboard."""
    parent = widget.parentWidget()
    return parent is not None and parent.objectName() == "dockTitle"


def unreached(place: QWidget) -> Iterator[str]:
    """Yield what Tab does not come to, and where it leads out of a sheet."""
    wanted = {
        widget
        for widget in shown(place, CONTROLS)
        if widget.isEnabled()
        and not is_inner(widget)
        and not is_of_title_bar(widget)
        and not isinstance(widget, ChoiceList)  # the arrows of the line above it go through it
    }
    reached: Counter[QWidget] = Counter()
    at = QApplication.focusWidget()
    while at is not None and max(reached.values(), default=0) < 2:
        reached[at] += 1
        press(Qt.Key.Key_Tab, "\t")
        at = QApplication.focusWidget()
    groups = {widget.group() for widget in reached if isinstance(widget, QAbstractButton)} - {None}
    grids = {(widget.parentWidget(), type(widget)) for widget in reached}
    for widget in wanted - reached.keys():
        # Buttons of which one is chosen, and cells of a grid, are one stop; arrows go on from there.
        is_in_group = isinstance(widget, QAbstractButton) and widget.group() in groups
        takes_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        is_in_grid = (widget.parentWidget(), type(widget)) in grids and not takes_tab
        if not is_in_group and not is_in_grid:
            yield f"Tab does not come to {describe(widget)}"
    for widget in reached:
        if widget is not place and not place.isAncestorOf(widget):
            yield f"Tab leads out to {describe(widget)}"


def nameless(place: QWidget) -> Iterator[str]:
    for widget in shown(place, CONTROLS):
        if not is_inner(widget) and not name_of(widget).strip():
            yield f"{describe(widget)} has no name"


def faint(place: QWidget, seen: set[tuple[object, ...]]) -> Iterator[str]:
    picture = place.grab().toImage()
    for widget in shown(place, (QLabel, QAbstractButton)):
        words = widget.text()
        look = (
            type(widget),
            widget.property("tone"),
            widget.property("kind"),
            widget.font().key(),
            describe(widget),
        )
        seen_part = widget.visibleRegion().boundingRect()
        is_cut = seen_part.height() < widget.height()  # by the end of what is scrolled
        if not words.strip() or not widget.isEnabled() or is_cut or look in seen:
            continue
        seen.add(look)
        found = contrast_of(picture.copy(seen_part.translated(widget.mapTo(place, QPoint(0, 0)))))
        if found < LEAST_CONTRAST:
            yield f"{describe(widget)}: contrast of {words[:40]!r} is {found:.1f}"


def kinds_of_sheet() -> set[type]:
    """Return every class of sheet and dialog in the program that stands for itself."""
    for module in pkgutil.walk_packages(ui.__path__, f"{ui.__name__}."):
        importlib.import_module(module.name)
    kinds, found = [Overlay, QDialog], set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.startswith(ui.__name__) and not kind.__subclasses__():
            found.add(kind)
    return found


@pytest.mark.parametrize("colours", ["dark", "light"])
async def test_every_control_of_every_dock_and_sheet_can_be_named_reached_and_read(
    window: MainWindow, desk: Any, theme: Theme, colours: str, until: Callable[..., Any]
) -> None:
    await desk.lock.keys.set_up(PINS)
    theme.choose(colours, "green_red")
    faults, seen, met = set(), set(), set()

    async for name, place in each_place(window, until):
        met.add(type(place))
        faults |= {f"{name}: {fault}" for fault in (*nameless(place), *faint(place, seen))}
        if colours == "dark":  # the ways are the same in the light
            faults |= {f"{name}: {fault}" for fault in unreached(place)}

    assert (faults, kinds_of_sheet() - met) == (set(), set())


async def test_a_control_without_name_way_or_contrast_is_found(window: MainWindow) -> None:
    window.show_dock("alerts")
    panel = window.panel("alerts")
    broken = QToolButton(panel)
    broken.setObjectName("broken")
    broken.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    word = QLabel("hardly seen", panel)
    word.setStyleSheet("color: #20242a; background: #101418")
    for widget in (broken, word):
        widget.show()
        widget.raise_()

    found = [*nameless(window), *unreached(window), *faint(window, set())]

    assert [fault.partition(" < ")[0].partition(": contrast")[0] for fault in found] == [
        "QToolButton:broken",
        "Tab does not come to QToolButton:broken",
        "QLabel",
    ]


async def test_escape_closes_each_sheet_and_the_keyboard_is_where_it_was(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    line = window.findChild(QLineEdit, "rulesSearch")
    stayed, lost = [], []
    for show in SHEETS[:5]:
        line.setFocus()
        sheet = await opened(show, window, until)
        name = sheet.objectName()
        press(Qt.Key.Key_Tab, "\t")
        for _ in range(3):  # a list of proposals goes first
            if sheets_of(window):
                press(Qt.Key.Key_Escape)
        if sheets_of(window):
            stayed.append(name)
        window.activateWindow()
        await until(window.isActiveWindow)
        if QApplication.focusWidget() is not line:
            lost.append(name)

    assert (stayed, lost) == ([], [])


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


async def test_what_is_deleted_takes_nothing_with_it_that_goes_on(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    # Seen: once Tab had gone round in a sheet, PySide took each widget for a child of the one before it
    # in the tab order, and closing a chart ended the rules' viewport and the entries of menus.
    tables = [each.viewport() for each in window.findChildren(QTableView)]
    entries = [entry for menu in window.findChildren(QMenu) for entry in menu.actions()]
    for show in SHEETS[:4]:
        sheet = await opened(show, window, until)
        press(Qt.Key.Key_Tab, "\t")
        sheet.close()
        await until(lambda: not sheets_of(window))
    trigger("Split to the right")(window)
    trigger("Close this chart")(window)
    await asyncio.sleep(0.02)
    gc.collect()

    lost = [each for each in (*tables, *entries) if not Shiboken.isValid(each)]

    assert len(tables) > 10 and len(entries) > 50
    assert lost == []
