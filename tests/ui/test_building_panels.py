from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.theme import Theme

pytestmark = pytest.mark.qt_loop


@pytest.fixture
def make(desk: Any, theme: Theme, tmp_path: Any) -> Iterator[Callable[[], MainWindow]]:
    """``make()``: a window of this desk, begun as the one before it was left."""
    file = tmp_path / "layout.ini"
    file.write_text("[welcome]\nopen=false\n")
    made: list[MainWindow] = []

    def start() -> MainWindow:
        made.append(MainWindow(desk=desk, theme=theme, state_file=file))
        made[-1].start()
        return made[-1]

    yield start
    for window in made:
        window.deleteLater()


def built(window: MainWindow) -> set[str]:
    return {spec.name for spec in PANELS if window.panel(spec.name) is not None}


async def test_docks_in_sight_are_built_before_they_are_painted_and_the_rest_after(
    make: Callable[[], MainWindow], until: Callable[..., Any]
) -> None:
    window = make()
    told: list[tuple[str, int]] = []
    window.painted.connect(lambda: told.append(("painted", len(built(window)))))
    window.ready.connect(lambda: told.append(("ready", len(built(window)))))

    at_the_start = built(window)
    window.show_dock("language")
    on_demand = built(window)
    await until(lambda: len(told) == 2)

    assert at_the_start == {"watchlist", "chart", "rules", "alerts"}
    assert on_demand == at_the_start | {"language"}
    assert told == [("painted", 5), ("ready", len(PANELS))]
    await window.finish()


async def test_the_tab_that_was_in_front_is_built_first_at_the_next_start(
    make: Callable[[], MainWindow], until: Callable[..., Any]
) -> None:
    first = make()
    await until(lambda: len(built(first)) == len(PANELS))
    first.show_dock("health")
    first.dock("chart").close()
    await until(lambda: not first.dock("health").visibleRegion().isEmpty())
    await first.finish()

    second = make()

    assert built(second) == {"watchlist", "rules", "health"}
    await second.finish()


async def test_a_panel_that_is_spoken_to_before_it_is_there_hears_it(
    make: Callable[[], MainWindow], desk: Any
) -> None:
    window = make()
    before = built(window)

    window.navigator.rule_edit_wanted.emit("rule-0")
    window.navigator.test_wanted.emit(Rule("rule-0", "ES breakout", ("/ES",), "last > 5530"))

    assert before.isdisjoint({"editor", "test"})
    assert {"editor", "test"} <= built(window)
    line = window.findChild(QLineEdit, "rule_name")
    assert line is not None
    assert line.text() == "ES breakout"
    assert any("ES breakout" in each.currentText() for each in window.dock("test").findChildren(QComboBox))
    await window.finish()
