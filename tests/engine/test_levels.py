import random

import pytest

from tradeassist_desktop.engine.market.levels import Levels


def side(value, level):
    return (value > level) - (value < level)


@pytest.mark.parametrize("seed", range(20))
def test_a_move_touches_exactly_the_levels_whose_side_changed(seed):
    chance = random.Random(seed)
    present = sorted({chance.randint(0, 20) / 2 for _ in range(8)})
    levels = Levels()
    value = chance.randint(-2, 22) / 2
    for level in present:
        levels.add(level, level, None)
    levels.move(value, [])

    for _ in range(200):
        moved, touched = chance.randint(-2, 22) / 2, []
        levels.move(moved, touched)
        assert sorted(touched) == [level for level in present if side(value, level) != side(moved, level)]
        assert levels.low < moved < levels.high
        value = moved


def test_between_its_bounds_no_level_can_be_touched():
    levels = Levels()
    for level in (1.0, 2.0, 3.0):
        levels.add(level, level, None)
    touched = []
    levels.move(2.5, touched)

    assert (touched, levels.low, levels.high) == ([1.0, 2.0, 3.0], 2.0, 3.0)


def test_a_removed_level_is_no_longer_touched():
    levels = Levels()
    for watcher in ("first", "second"):
        levels.add(1.0, watcher, 0.0)
    levels.remove(1.0, "first", 0.0)
    touched = []
    levels.move(2.0, touched)

    assert touched == ["second"]


def test_a_level_added_around_the_present_value_touches_nobody_until_it_is_passed():
    levels = Levels()
    levels.add(3.0, "far", None)
    levels.move(1.0, [])
    levels.add(1.0, "here", 1.0)
    stayed, left = [], []
    levels.move(1.0, stayed)
    levels.move(1.5, left)

    assert (stayed, left) == ([], ["here"])
