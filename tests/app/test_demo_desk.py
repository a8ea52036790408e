"""The demo as it is built: the venue's single answers reach rules and proposals."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tradeassist_desktop.app.desk import open_desk
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.paths import resolve
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.desk import Desk
from tradeassist_desktop.services.settings import Settings


@asynccontextmanager
async def demo_desk(folder: Path) -> AsyncIterator[Desk]:
    places = resolve(folder)
    launch = Launch(
        places=places,
        feed="demo",
        speed=None,
        symbol=None,
        bar_label="start",
        rules_file=None,
        record_file=None,
        overrides=(),
        environment={},
        is_dev=False,
        is_headless=True,
        mask=SecretMask(),
    )
    bus, clock = Bus(), SystemClock()
    settings = Settings(file=places.settings, bus=bus)
    async with open_desk(
        launch=launch, settings=settings, channels={}, clock=clock, bus=bus, reopen=lambda opening: None
    ) as desk:
        yield desk


async def test_a_new_rule_on_a_share_is_armed_by_the_venue_s_history(
    tmp_path: Path, until: Callable[..., Any]
) -> None:
    async with demo_desk(tmp_path) as desk:
        rule = await desk.rules.add_text("AAPL sma(50)[5m] > 1 and sma(10)[4h] > 1")

        def known() -> bool:
            explanation = desk.rules.explain(rule.uid, "AAPL")
            return explanation is not None and all(leg.left is not None for leg in explanation.legs)

        await until(known, timeout=20.0)


async def test_a_name_is_found_at_the_demo_s_venue(tmp_path: Path) -> None:
    async with demo_desk(tmp_path) as desk:
        found = await desk.symbols.propose("micros")

    assert ("MSFT", "Microsoft Corp") in [(each.symbol, each.description) for each in found]
