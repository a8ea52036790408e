"""Requests a minute, by importance."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.budget import Budget, BudgetReading, Importance


class Takers:
    """Takes from a budget and notes who was served, in order."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.served: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def ask(self, name: str, importance: Importance = Importance.REPAIR) -> None:
        self.tasks[name] = asyncio.create_task(self._take(name, importance))

    async def _take(self, name: str, importance: Importance) -> None:
        await self._budget.take(importance)
        self.served.append(name)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def takers(clock: ManualClock) -> Any:
    made: list[Takers] = []

    def make(budget: Budget) -> Takers:
        made.append(Takers(budget))
        return made[-1]

    yield make
    tasks = [task for each in made for task in each.tasks.values()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_no_window_holds_more_than_the_limit(clock: ManualClock, takers: Callable[..., Takers]) -> None:
    asked = takers(Budget(limit=3, clock=clock, window_s=60))

    for number in range(2):
        asked.ask(f"early {number}")
    await clock.advance(40)
    for number in range(3):
        asked.ask(f"late {number}")
    await clock.advance(19.9)
    before_60 = list(asked.served)
    await clock.advance(0.2)
    after_60 = list(asked.served)

    assert before_60 == ["early 0", "early 1", "late 0"]
    assert after_60 == ["early 0", "early 1", "late 0", "late 1", "late 2"]


async def test_repair_goes_before_what_the_trader_types_and_that_before_history(
    clock: ManualClock, takers: Callable[..., Takers]
) -> None:
    asked = takers(Budget(limit=2, clock=clock, window_s=10))
    asked.ask("first")
    asked.ask("second")
    await clock.advance(0)

    asked.ask("history", Importance.HISTORY)
    asked.ask("completion", Importance.COMPLETION)
    await clock.advance(0)
    asked.ask("repair", Importance.REPAIR)
    await clock.advance(60)

    assert asked.served == ["first", "second", "repair", "completion", "history"]


async def test_history_leaves_half_of_the_budget_to_what_matters(
    clock: ManualClock, takers: Callable[..., Takers]
) -> None:
    asked = takers(Budget(limit=4, clock=clock))

    for number in range(4):
        asked.ask(f"history {number}", Importance.HISTORY)
    await clock.advance(1)
    asked.ask("repair", Importance.REPAIR)
    await clock.advance(1)

    assert asked.served == ["history 0", "history 1", "repair"]


async def test_who_is_cancelled_gives_the_place_to_the_next(
    clock: ManualClock, takers: Callable[..., Takers]
) -> None:
    budget = Budget(limit=1, clock=clock, window_s=10)
    asked = takers(budget)
    for name in ("first", "given up", "next"):
        asked.ask(name)
        await clock.advance(0)

    asked.tasks["given up"].cancel()
    await clock.advance(0)
    waiting = budget.reading.waiting
    await clock.advance(10)

    assert waiting == 1
    assert asked.served == ["first", "next"]


async def test_a_hold_stops_all_and_a_shorter_one_does_not_end_it(
    clock: ManualClock, takers: Callable[..., Takers]
) -> None:
    budget = Budget(limit=10, clock=clock)
    asked = takers(budget)

    budget.hold(30)
    budget.hold(5)
    asked.ask("held")
    await clock.advance(29)
    during = (list(asked.served), budget.reading)
    await clock.advance(1)

    assert during == ([], BudgetReading(used=0, limit=10, waiting=1, held_s=1.0))
    assert asked.served == ["held"]
    assert budget.reading == BudgetReading(used=1, limit=10, waiting=0, held_s=0.0)


@pytest.mark.parametrize(("limit", "window_s"), [(0, 60.0), (1, 0.0)], ids=["no requests", "no window"])
def test_a_limit_that_allows_nothing_is_refused(limit: int, window_s: float) -> None:
    with pytest.raises(ValueError, match="budget"):
        Budget(limit=limit, clock=ManualClock(), window_s=window_s)
