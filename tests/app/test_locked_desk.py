"""Behind a locked door the desk goes on: alerts are decided, told, delivered and escalated as before."""

from dataclasses import replace
from pathlib import Path

from tests.app.demo import demo_desk
from tests.app.test_routed_desk import add_urgent_rule, pass_time, urgent
from tests.fakes import ManualClock, RecordingChannel
from tests.rule_changes import put
from tests.services.lock_desk import KeptTrail
from tradeassist_desktop.domain.channels import ChannelTraits
from tradeassist_desktop.domain.rules import Trigger
from tradeassist_desktop.services.access.access import LOCKED, Access

REMOTE = ChannelTraits(is_local=False)


async def test_a_locked_desk_tells_repeats_and_escalates_what_nobody_may_answer(tmp_path: Path) -> None:
    clock, trail = ManualClock(), KeptTrail()
    toast, slack = RecordingChannel("toast"), RecordingChannel("slack", traits=REMOTE)
    channels = {"toast": toast, "slack": slack}
    async with demo_desk(tmp_path, clock=clock, channels=channels, trail=trail) as desk:
        await add_urgent_rule(desk, "AAPL last > 1")
        assert isinstance(desk.access, Access)
        desk.access.take(LOCKED)
        trail.entries.clear()

        await pass_time(clock, 6_000, lambda: urgent(slack) and len(urgent(toast)) > 1)

    assert len(urgent(toast)) > 1
    assert urgent(slack)
    assert trail.entries == []


async def test_a_rule_that_was_to_fire_once_is_switched_off_at_a_locked_desk(tmp_path: Path) -> None:
    clock, toast = ManualClock(), RecordingChannel("toast")
    async with demo_desk(tmp_path, clock=clock, channels={"toast": toast}, trail=KeptTrail()) as desk:
        rule = await desk.rules.add_text("AAPL last > 1")
        await put(desk.rules, replace(rule, trigger=Trigger.ONCE))
        assert isinstance(desk.access, Access)
        desk.access.take(LOCKED)

        def is_off() -> bool:
            now = desk.rules.get(rule.uid)
            return now is not None and not now.active

        await pass_time(clock, 6_000, is_off)

        assert is_off()
