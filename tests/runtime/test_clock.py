import asyncio

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.clock import SystemClock


@pytest.mark.parametrize("seconds", [0.0, -1.0, 0.001, 0.02])
async def test_a_sleep_never_ends_early(seconds: float) -> None:
    clock = SystemClock()
    before_ns = clock.monotonic_ns()

    await clock.sleep(seconds)

    assert clock.monotonic_ns() - before_ns >= seconds * 1e9


async def test_a_loop_that_wakes_too_early_is_slept_on_again(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    call_later = loop.call_later
    # Qt's coarse timers wake up to 5 % early; here every timer wakes at half its time.
    monkeypatch.setattr(loop, "call_later", lambda delay, *rest, **more: call_later(delay / 2, *rest, **more))
    clock = SystemClock()
    before_ns = clock.monotonic_ns()

    await clock.sleep(0.02)

    assert clock.monotonic_ns() - before_ns >= 20_000_000


async def test_sleepers_of_the_manual_clock_wake_in_order_at_their_own_times() -> None:
    clock = ManualClock(now_ns=0)
    woken: list[tuple[str, int]] = []

    async def sleep_twice(name: str, seconds: float) -> None:
        for _ in range(2):
            await clock.sleep(seconds)
            woken.append((name, clock.now_ns() // 10**9))

    async with asyncio.TaskGroup() as group:
        group.create_task(sleep_twice("slow", 3))
        group.create_task(sleep_twice("quick", 2))
        await clock.advance(10)

    assert woken == [("quick", 2), ("slow", 3), ("quick", 4), ("slow", 6)]
    assert clock.now_ns() == 10 * 10**9


async def test_setting_the_wall_clock_leaves_durations_alone() -> None:
    clock = ManualClock(now_ns=100)

    clock.set_wall(50)
    await clock.advance(1)

    assert (clock.now_ns(), clock.monotonic_ns()) == (1_000_000_050, 1_000_000_000)
