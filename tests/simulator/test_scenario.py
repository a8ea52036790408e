"""Scenario files."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Simulator
from tradeassist_desktop.simulator.faults.kinds import FAULT_KINDS
from tradeassist_desktop.simulator.faults.scenario import FORMAT, Scenario, parse_scenario

Clients = Callable[..., Any]
SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"


def scenario_file(*steps: object, **others: object) -> bytes:
    return json.dumps({"format": FORMAT, "version": 1, "steps": steps} | others).encode()


def complaints(content: bytes) -> list[str]:
    with pytest.raises(BadInput) as refused:
        parse_scenario(content, FAULT_KINDS)
    return [str(fault) for fault in refused.value.faults]


def test_steps_come_in_the_order_of_their_times_with_what_was_left_out() -> None:
    scenario = parse_scenario(
        scenario_file(
            {"at_s": 9, "fault": "drop"},
            {"at_s": 1.5, "fault": "silence", "for_s": 3},
            **{"from": "subscription"},
        ),
        FAULT_KINDS,
    )

    (first_at, first), (second_at, second) = scenario.steps
    assert scenario.starts == "subscription"
    assert (first_at, first.fault, first.values, first.for_s) == (1.5, "silence", {"heartbeats": False}, 3)
    assert (second_at, second.fault, second.values, second.for_s) == (9, "drop", {"reset": True}, None)


def test_every_mistake_is_told_with_its_place() -> None:
    found = complaints(
        scenario_file(
            {"at_s": 1, "fault": "silence"},
            {"fault": "drop", "for_s": 2},
            "soon",
            {"at_s": -1, "fault": "earthquake"},
            {"at_s": 1, "fault": "gap", "symbol": "AAPL", "percent": 1e9, "loud": True},
            extra=1,
        )
    )

    assert [text.partition(": ")[0] for text in found] == [
        "extra",
        "steps[1].at_s",
        "steps[1].for_s",
        "steps[2]",
        "steps[3].at_s",
        "steps[3].fault",
        "steps[4].loud",
        "steps[4].percent",
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"{", "not JSON", id="no JSON"),
        pytest.param(b"\xff", "not JSON", id="no UTF-8"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested too deeply"),
        pytest.param(b"[]", "format: expected", id="no object"),
        pytest.param(b'{"format": "x"}', "format: expected", id="another format"),
        pytest.param(scenario_file(version=2), "version: expected 1, found 2", id="a later version"),
        pytest.param(scenario_file(version=True), "version: expected 1", id="true for a version"),
        pytest.param(scenario_file(steps={}), "steps: expected a list", id="no list"),
        pytest.param(
            scenario_file(*[{}] * 10_001), "steps: expected a list of at most 10000", id="too many steps"
        ),
        pytest.param(b'{"format": 1, "format": 2}', "format is given twice", id="a key given twice"),
        pytest.param(
            scenario_file({"at_s": float("nan"), "fault": "drop"}),
            "NaN is no number",
            id="a time that is none",
        ),
        pytest.param(b" " * 2_000_000, "larger than", id="too large"),
        pytest.param(scenario_file(**{"from": "noon"}), "from: expected start", id="an unknown beginning"),
    ],
)
def test_what_is_no_scenario_is_refused(content: bytes, complaint: str) -> None:
    assert complaint in complaints(content)[0]


async def test_faults_begin_and_end_by_the_clock() -> None:
    clock = ManualClock()
    scenario = parse_scenario(
        scenario_file(
            {"at_s": 10, "fault": "silence", "for_s": 5}, {"at_s": 12, "fault": "refused_logins", "count": 3}
        ),
        FAULT_KINDS,
    )
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock, scenario=scenario)
    seen: list[tuple[str, ...]] = []
    async with schwab:
        for seconds in (9, 2, 2, 3):
            await clock.advance(seconds)
            seen.append(tuple(step.fault for step in schwab.mischief.active))

    assert seen == [(), ("silence",), ("silence", "refused_logins"), ("refused_logins",)]


async def test_a_scenario_can_wait_for_the_first_subscription(client_of: Clients) -> None:
    clock = SystemClock()
    scenario = parse_scenario(
        scenario_file({"at_s": 0, "fault": "drop"}, **{"from": "subscription"}), FAULT_KINDS
    )
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock, scenario=scenario)
    async with schwab, client_of(schwab) as client:
        await client.log_in()
        await asyncio.sleep(0.05)
        assert len(schwab.streamer.connections) == 1
        await client.command("LEVELONE_EQUITIES", "SUBS", keys="AAPL", fields="0,3")

        assert "1006" in await client.until_end()


async def test_a_step_that_cannot_be_done_is_told_and_the_next_one_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = ManualClock()
    scenario = parse_scenario(
        scenario_file({"at_s": 1, "fault": "gap", "symbol": "NOSUCH"}, {"at_s": 2, "fault": "silence"}),
        FAULT_KINDS,
    )
    schwab = Simulator(source=DemoMarket(clock=clock), clock=clock, scenario=scenario)
    async with schwab:
        await clock.advance(3)
        active = [step.fault for step in schwab.mischief.active]

    assert "there is no NOSUCH" in caplog.text
    assert active == ["silence"]


async def test_the_sample_scenario_can_be_done_whole(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    scenario = parse_scenario((SAMPLES / "rough_morning.json").read_bytes(), FAULT_KINDS)
    schwab = Simulator(
        source=DemoMarket(clock=clock),
        clock=clock,
        scenario=Scenario(steps=scenario.steps, starts="start"),
    )
    async with schwab:
        await clock.advance(scenario.steps[-1][0] + 1)

    assert scenario.starts == "subscription"
    assert len(scenario.steps) == 16
    assert "refused" not in caplog.text
