"""Colours, fonts and icons: read from token files, handed to whoever paints."""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from string import Template
from typing import Final

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from tradeassist_desktop.domain.alerts import Priority

UI_FAMILY: Final = "Inter"
CODE_FAMILY: Final = "JetBrains Mono"
TEXT_PX: Final = 13
SMALL_PX: Final = 11
ROW_PX: Final = 24
GRID_PX: Final = 4
_ICON_SCALES: Final = (1, 2)
_DIMMED: Final = 0.4


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme, ``#rrggbb``.

    Surfaces go from the window's ground (0) over panels (1) and headers, inputs (2) to
    lines and selections (3); texts from what is read first (1) to labels (3).
    """

    surface_0: str
    surface_1: str
    surface_2: str
    surface_3: str
    text_1: str
    text_2: str
    text_3: str
    accent: str
    on_accent: str
    up: str
    down: str
    warn: str
    danger: str
    focus: str

    def of_priority(self, priority: Priority) -> str:
        """Return the colour of an alert's edge and mark."""
        return {
            Priority.LOW: self.text_3,
            Priority.NORMAL: self.accent,
            Priority.HIGH: self.warn,
            Priority.URGENT: self.danger,
        }[priority]

    def of_change(self, change: float | None) -> str:
        """Return the colour of a rise, a fall, or neither."""
        if not change:
            return self.text_2
        return self.up if change > 0 else self.down


def load_tokens(themes: Path, name: str, up_down: str) -> Tokens:
    """Return the tokens of ``name``.json with the chosen pair of up and down."""
    values: dict[str, str] = json.loads((themes / f"{name}.json").read_text(encoding="utf-8"))
    pairs = values.pop("up_down")
    assert isinstance(pairs, dict)
    values["up"], values["down"] = pairs[up_down]
    return Tokens(**values)


def mix(one: str, other: str, share: float) -> QColor:
    """Return ``one`` with ``share`` (0 to 1) of ``other`` mixed in."""
    a, b = QColor(one), QColor(other)
    return QColor(
        round(a.red() + (b.red() - a.red()) * share),
        round(a.green() + (b.green() - a.green()) * share),
        round(a.blue() + (b.blue() - a.blue()) * share),
    )


def faded(colour: str, alpha: float) -> QColor:
    """Return a colour with an opacity of 0 to 1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def ui_font(pixels: int = TEXT_PX, *, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the window's font; its figures are all of one width, so numbers do not dance."""
    font = QFont(UI_FAMILY)
    font.setFamilies([UI_FAMILY, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans"])
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def code_font(pixels: int = TEXT_PX) -> QFont:
    """Return the font of conditions as typed."""
    font = QFont(CODE_FAMILY)
    font.setFamilies([CODE_FAMILY, "Consolas", "Menlo", "DejaVu Sans Mono"])
    font.setPixelSize(pixels)
    # A condition is typed character by character: ">=" must not turn into one sign.
    font.setFeature(QFont.Tag("calt"), 0)
    return font


class Theme(QObject):
    """The theme in force; emits ``changed`` after the application wears another.

    Args:
        application: Worn by it: palette, style sheet, font.
        resources: Folder with ``themes``, ``icons`` and ``fonts``.
    """

    changed = Signal()

    def __init__(self, *, application: QApplication, resources: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._application = application
        self._resources = resources
        self._choice = "dark"
        self._up_down = "green_red"
        self._icons: dict[tuple[str, str, int], QIcon] = {}
        self.tokens = load_tokens(resources / "themes", "dark", "green_red")

    def start(self, choice: str, up_down: str) -> None:
        """Load the fonts and put the theme on, before the first widget is made."""
        for font in sorted((self._resources / "fonts").glob("*.[ot]tf")):
            QFontDatabase.addApplicationFont(str(font))
        self._application.setStyle("Fusion")
        self._application.setFont(ui_font())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.choose(choice, up_down)

    def stop(self) -> None:
        """Follow the system no more."""
        QGuiApplication.styleHints().colorSchemeChanged.disconnect(self._follow_system)

    def choose(self, choice: str, up_down: str) -> None:
        """Wear ``dark``, ``light`` or what the ``system`` asks for."""
        self._choice, self._up_down = choice, up_down
        self.tokens = load_tokens(self._resources / "themes", self.name, up_down)
        self._icons.clear()
        self._application.setPalette(self._palette())
        self._application.setStyleSheet(self._style_sheet())
        self.changed.emit()

    @property
    def name(self) -> str:
        """``dark`` or ``light``: what is worn, whoever chose it."""
        if self._choice != "system":
            return self._choice
        scheme = QGuiApplication.styleHints().colorScheme()
        return "light" if scheme is Qt.ColorScheme.Light else "dark"

    def icon(self, name: str, colour: str | None = None, pixels: int = 16) -> QIcon:
        """Return an icon of the set in a colour, ``text_2`` by default."""
        key = (name, colour or self.tokens.text_2, pixels)
        if key not in self._icons:
            self._icons[key] = self._draw_icon(*key)
        return self._icons[key]

    def pixmap(self, name: str, colour: str | None = None, pixels: int = 16, scale: float = 1.0) -> QPixmap:
        """Return an icon as a picture for painters and labels."""
        return self.icon(name, colour, pixels).pixmap(
            self.icon(name, colour, pixels).availableSizes()[0], scale
        )

    def _draw_icon(self, name: str, colour: str, pixels: int) -> QIcon:
        source = (self._resources / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
        icon = QIcon()
        for scale in _ICON_SCALES:
            pixmap = QPixmap(pixels * scale, pixels * scale)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, pixels * scale, pixels * scale))
            painter.end()
            pixmap.setDevicePixelRatio(scale)
            icon.addPixmap(pixmap)
            icon.addPixmap(_dimmed(pixmap), QIcon.Mode.Disabled)
        return icon

    def _follow_system(self) -> None:
        if self._choice == "system":
            self.choose(self._choice, self._up_down)

    def _palette(self) -> QPalette:
        tokens = self.tokens
        palette = QPalette()
        for role, colour in (
            (QPalette.ColorRole.Window, tokens.surface_0),
            (QPalette.ColorRole.WindowText, tokens.text_1),
            (QPalette.ColorRole.Base, tokens.surface_1),
            (QPalette.ColorRole.AlternateBase, tokens.surface_2),
            (QPalette.ColorRole.Text, tokens.text_1),
            (QPalette.ColorRole.PlaceholderText, tokens.text_3),
            (QPalette.ColorRole.Button, tokens.surface_2),
            (QPalette.ColorRole.ButtonText, tokens.text_1),
            (QPalette.ColorRole.BrightText, tokens.danger),
            (QPalette.ColorRole.ToolTipBase, tokens.surface_2),
            (QPalette.ColorRole.ToolTipText, tokens.text_1),
            (QPalette.ColorRole.Highlight, tokens.accent),
            (QPalette.ColorRole.HighlightedText, tokens.on_accent),
            (QPalette.ColorRole.Link, tokens.accent),
            (QPalette.ColorRole.Light, tokens.surface_3),
            (QPalette.ColorRole.Midlight, tokens.surface_3),
            (QPalette.ColorRole.Mid, tokens.surface_3),
            (QPalette.ColorRole.Dark, tokens.surface_0),
            (QPalette.ColorRole.Shadow, tokens.surface_0),
            (QPalette.ColorRole.Accent, tokens.accent),
        ):
            palette.setColor(role, QColor(colour))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.text_3))
        return palette

    def _style_sheet(self) -> str:
        source = (self._resources / "themes" / "desk.qss").read_text(encoding="utf-8")
        values = {field.name: getattr(self.tokens, field.name) for field in fields(Tokens)}
        values["hover"] = mix(self.tokens.surface_2, self.tokens.surface_3, 0.5).name()
        values["accent_soft"] = mix(self.tokens.surface_1, self.tokens.accent, 0.18).name()
        values["danger_soft"] = mix(self.tokens.surface_1, self.tokens.danger, 0.16).name()
        values["warn_soft"] = mix(self.tokens.surface_1, self.tokens.warn, 0.16).name()
        values["line"] = mix(self.tokens.surface_2, self.tokens.surface_3, 0.55).name()
        values["code_family"] = CODE_FAMILY
        return Template(source).substitute(values)


def _dimmed(pixmap: QPixmap) -> QPixmap:
    """Return a picture as one of what cannot be used now: Qt's own greys hardly differ on a dark ground."""
    dimmed = QPixmap(pixmap.size())
    dimmed.setDevicePixelRatio(pixmap.devicePixelRatio())
    dimmed.fill(Qt.GlobalColor.transparent)
    painter = QPainter(dimmed)
    painter.setOpacity(_DIMMED)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return dimmed
