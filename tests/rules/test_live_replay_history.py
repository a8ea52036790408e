"""Random rules over random sessions raise the same alerts live, replayed, as history and over restarts."""

import random
from pathlib import Path

import pytest

from tests.rules.live import as_history, as_live, as_replay, make_session, told

UPDATES = 250


async def assert_same_three_ways(seed: int, path: Path) -> None:
    rules = [case.rule for case in make_session(seed, path, updates=UPDATES, rules=20)]
    restarts = frozenset(random.Random(seed).sample(range(1, UPDATES), 3))

    history = told(as_history(path, rules))

    assert history
    assert told(await as_replay(path, rules)) == history
    assert told(await as_replay(path, rules, restarts)) == history
    assert told(await as_live(path, rules, updates=UPDATES)) == history
    assert told(await as_live(path, rules, restarts, updates=UPDATES)) == history


@pytest.mark.parametrize("seed", range(3))
async def test_a_session_raises_the_same_alerts_live_replayed_and_as_history(
    seed: int, tmp_path: Path
) -> None:
    await assert_same_three_ways(seed, tmp_path / "session.csv")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 200))
async def test_many_sessions_raise_the_same_alerts_live_replayed_and_as_history(
    seed: int, tmp_path: Path
) -> None:
    await assert_same_three_ways(seed, tmp_path / "session.csv")
