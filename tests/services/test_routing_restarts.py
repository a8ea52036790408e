"""A desk that is restarted at random sends the same, at the same times, as one that runs on."""

import itertools
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import NS_PER_SECOND, ManualClock
from tests.services.routed_desk import NOON_NS, Market, RoutedDesk, rule, running_desk
from tradeassist_desktop.domain.alerts import Alert, Priority
from tradeassist_desktop.domain.delivery import DeliveryState
from tradeassist_desktop.domain.events import DeliveryChanged
from tradeassist_desktop.domain.routing import SilenceScope
from tradeassist_desktop.domain.rules import Trigger

Act = Callable[[RoutedDesk, "Story"], Any]
Sent = tuple[float, str, str, str]
STEP_S = 10
"""Whatever is due falls on a multiple of it, so that all is done at its very time."""
_SUBJECTS = (("edge", "/ES"), ("edge", "/NQ"), ("every", "/ES"))


class Story:
    """What happens, step by step, and what was sent."""

    def __init__(self) -> None:
        self.fired: list[Alert] = []
        self.sent: list[Sent] = []
        self.clock = ManualClock(now_ns=NOON_NS)
        self.market = Market(rules={"every": rule("every", trigger=Trigger.EVERY), "edge": rule("edge")})

    def listen(self, desk: RoutedDesk) -> None:
        def on_delivery(event: DeliveryChanged) -> None:
            delivery = event.delivery
            if delivery.state is DeliveryState.DELIVERED:
                at_s = (self.clock.now_ns() - NOON_NS) / NS_PER_SECOND
                self.sent.append((at_s, delivery.channel, delivery.alert_id, delivery.cause.value))

        desk.bus.subscribe(DeliveryChanged, on_delivery)


def script(rng: random.Random, length: int) -> list[Act]:
    """Return acts that depend on nothing but what has happened before."""

    def fire(subject: tuple[str, str], value: float) -> Act:
        async def act(desk: RoutedDesk, story: Story) -> None:
            if subject[0] == "edge":
                desk.clear(*subject)  # it fires again only after that
            story.fired.append(await desk.fire(*subject, priority=Priority.URGENT, value=value))

        return act

    def clear(subject: tuple[str, str]) -> Act:
        async def act(desk: RoutedDesk, story: Story) -> None:
            desk.clear(*subject)

        return act

    def acknowledge(back: int) -> Act:
        async def act(desk: RoutedDesk, story: Story) -> None:
            if story.fired:
                await desk.history.acknowledge([story.fired[-1 - back % len(story.fired)].id])

        return act

    def silence(symbol: str, minutes: int) -> Act:
        async def act(desk: RoutedDesk, story: Story) -> None:
            until_ns = desk.clock.now_ns() + minutes * 60 * NS_PER_SECOND
            await desk.silences.add(SilenceScope.SYMBOL, symbol=symbol, until_ns=until_ns)

        return act

    def snooze(back: int) -> Act:
        async def act(desk: RoutedDesk, story: Story) -> None:
            if story.fired:
                alert = story.fired[-1 - back % len(story.fired)]
                await desk.silences.snooze(alert, for_ns=120 * NS_PER_SECOND)

        return act

    def end_first() -> Act:
        async def act(desk: RoutedDesk, story: Story) -> None:
            for each in desk.silences.active()[:1]:
                await desk.silences.end(each.id)

        return act

    makers: Sequence[Callable[[], Act]] = (
        lambda: fire(rng.choice(_SUBJECTS), rng.randrange(5530, 5600)),
        lambda: fire(rng.choice(_SUBJECTS), rng.randrange(5530, 5600)),
        lambda: clear(rng.choice(_SUBJECTS)),
        lambda: acknowledge(rng.randrange(3)),
        lambda: silence(rng.choice(("/ES", "/NQ")), rng.randrange(1, 5)),
        lambda: snooze(rng.randrange(3)),
        end_first,
    )
    return [rng.choice(makers)() for _ in range(length)]


async def play(
    folder: Path, acts: Sequence[Act], waits_s: Sequence[int], restarts: Sequence[bool]
) -> list[Sent]:
    """Return what was sent; where ``restarts`` says so, the desk is closed and opened before an act."""
    story, numbers = Story(), itertools.count(1)
    steps = list(zip(acts, waits_s, restarts, strict=True))
    while steps:
        async with running_desk(folder, clock=story.clock, market=story.market, numbers=numbers) as desk:
            story.listen(desk)
            await desk.set(
                notify__urgent=("toast",),
                notify__duplicate_seconds=0.0,  # of the last seconds a restart knows nothing
                escalate__urgent="1m slack, 3m email",
                repeat__urgent="2m",
                quiet__email="12:05-12:09 UTC",
                quiet__urgent_breaks_through=False,
            )
            await desk.settle()
            while steps:
                act, wait_s, _ = steps.pop(0)
                await act(desk, story)
                await desk.settle()
                for _ in range(0, wait_s, STEP_S):
                    await desk.advance(STEP_S)
                if steps and steps[0][2]:
                    break
    return sorted(story.sent)


@pytest.mark.parametrize("seed", range(8))
async def test_a_restart_neither_repeats_nor_forgets_whatever_happens(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    acts = script(rng, 14)
    waits_s = [rng.randrange(STEP_S, 100, STEP_S) for _ in acts]
    restarts = [rng.random() < 0.4 for _ in acts]

    on = await play(tmp_path / "on", acts, waits_s, [False] * len(acts))
    again = await play(tmp_path / "again", acts, waits_s, restarts)

    assert again == on
