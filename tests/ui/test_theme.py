from dataclasses import fields
from itertools import product

import pytest
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication, QLabel

from tradeassist_desktop import paths
from tradeassist_desktop.ui.theme import Theme, Tokens, load_tokens, ui_font

TEXTS = ("text_1", "text_2", "text_3", "accent", "up", "down", "warn", "danger")
GROUNDS = ("surface_0", "surface_1", "surface_2")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    made = QColor(colour)
    return 0.2126 * linear(made.redF()) + 0.7152 * linear(made.greenF()) + 0.0722 * linear(made.blueF())


@pytest.mark.parametrize("pair", ["green_red", "blue_orange"])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_text_can_be_read_on_every_surface(name: str, pair: str) -> None:
    tokens = load_tokens(paths.resources() / "themes", name, pair)

    faint = {}
    for text, ground in product(TEXTS, GROUNDS):
        one, other = sorted((luminance(getattr(tokens, text)), luminance(getattr(tokens, ground))))
        contrast = (other + 0.05) / (one + 0.05)
        if contrast < 4.5:
            faint[text, ground] = round(contrast, 2)

    assert faint == {}


def test_choosing_a_theme_changes_the_colours_at_once(theme: Theme, qapp: QApplication) -> None:
    dark = qapp.palette().window().color()

    theme.choose("light", "green_red")

    assert qapp.palette().window().color().lightness() > dark.lightness()
    assert theme.tokens.surface_1 in qapp.styleSheet()


def test_up_and_down_can_be_told_apart_by_those_who_see_no_red(theme: Theme) -> None:
    green_red = (theme.tokens.up, theme.tokens.down)

    theme.choose("dark", "blue_orange")

    assert (theme.tokens.up, theme.tokens.down) != green_red


def test_figures_are_all_of_one_width(theme: Theme, qapp: QApplication) -> None:
    label = QLabel("x")
    label.setFont(ui_font(13, weight=QFont.Weight.DemiBold))

    widths = {label.fontMetrics().horizontalAdvance(figure) for figure in "0123456789"}

    assert len(widths) == 1


def test_every_icon_can_be_drawn(theme: Theme) -> None:
    names = sorted(file.stem for file in (paths.resources() / "icons").glob("*.svg"))

    blank = [name for name in names if theme.icon(name).pixmap(16, 16).toImage().allGray()]

    assert len(names) > 20
    assert [name for name in blank if name.startswith("tradeassist")] == []


def test_both_themes_name_every_token() -> None:
    names = {field.name for field in fields(Tokens)}

    for name in ("dark", "light"):
        tokens = load_tokens(paths.resources() / "themes", name, "green_red")
        assert all(QColor(getattr(tokens, token)).isValid() for token in names)
