"""The demo as it is built: the venue's single answers reach rules and proposals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.app.demo import demo_desk


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
