import asyncio
import signal
import sys
from pathlib import Path

import pytest

from tests.channels.slack_server import TOKEN, slack_server
from tests.empty_database import empty_database
from tests.fakes import NS_PER_SECOND, ManualClock
from tests.services.rotation.desk import DAY_S, HOUR_S, rotation_desk
from tests.services.rotation.kept_in_files import FileIssuer, FileKeeper
from tests.services.rotation.slack_app import GIVEN, rotating, tokens_at
from tradeassist_desktop.domain.rotation import RotationStep
from tradeassist_desktop.domain.secret import SLACK_BOT, SMTP
from tradeassist_desktop.runtime.clock import SystemClock

CHILD = Path(__file__).with_name("rotating_child.py")
ROOT = Path(__file__).parents[3]
ACTS = 18


async def rotate_until_killed(folder: Path, *given: str) -> list[str]:
    """Let the child rotate, and return the acts it said it had done."""
    empty_database(folder / "desk.db")  # else each child makes one
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(folder), *given, stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    said, _ = await child.communicate()
    acts = said.decode().split()
    assert child.returncode == (0 if acts[-1:] == ["done"] else -signal.SIGKILL)
    return acts


def later() -> ManualClock:
    clock = ManualClock()
    clock.set_wall(clock.now_ns() + 600 * NS_PER_SECOND)
    return clock


async def test_the_acts_of_a_rotation_are_all_known_to_these_tests(tmp_path: Path) -> None:
    acts = await rotate_until_killed(tmp_path, "-1")

    assert (len(acts), acts[-1]) == (ACTS + 1, "done")


@pytest.mark.parametrize("acts", range(ACTS + 1))
async def test_a_kill_after_any_act_leaves_one_working_secret_in_use_and_is_gone_on_with(
    tmp_path: Path, acts: int
) -> None:
    said = await rotate_until_killed(tmp_path, str(acts))
    assert len(said) == acts
    keeper, issuer = FileKeeper(tmp_path), FileIssuer(tmp_path)
    left = await keeper.read(SMTP)
    assert left is not None
    assert left.secret["password"] in issuer.valid, "what readers have does not work"

    async with rotation_desk(
        tmp_path, keepers=[keeper], own={SMTP: issuer}, clock=later(), given={"rotate.smtp": "off"}
    ) as desk:
        await desk.after(60)
        used = await desk.text_of()
        assert used in issuer.valid
        await desk.after(3 * HOUR_S)
        await desk.after(8 * DAY_S)

        assert await desk.text_of() == used
        assert desk.standing().step is RotationStep.IDLE
        assert desk.standing().failure == ""
    is_made = said[-1:] == ["FileIssuer.make"]  # its answer was lost: nobody can end that one
    assert issuer.valid == ({used, "password-2"} if is_made else {used})
    assert keeper.names() == {SMTP}, "copies are left"
    states = keeper.states(SMTP)
    assert states == ["destroyed"] * (len(states) - 1) + ["enabled"]
    assert (used == "first-password") == (acts < 2), "what was written down is done"


@pytest.mark.parametrize("acts", range(2, 12))
async def test_a_kill_leaves_slack_a_token_that_works(tmp_path: Path, acts: int) -> None:
    keeper = FileKeeper(tmp_path, first={SLACK_BOT: GIVEN})
    async with slack_server() as server:
        rotating(server)
        said = await rotate_until_killed(tmp_path, str(acts), server.base_url)
        left = await keeper.read(SLACK_BOT)
        assert left is not None
        assert left.secret["token"] in server.tokens

        clock = later()
        own = {SLACK_BOT: tokens_at(server, tmp_path, SystemClock())}
        given = {"rotate.slack.bot": "off"}
        async with rotation_desk(tmp_path, keepers=[keeper], own=own, clock=clock, given=given) as desk:
            is_lost = said[-1:] == ["SlackTokens.make"]  # the answer never came
            if is_lost:
                await desk.wait_for_failure(SLACK_BOT)
            elif acts < 11:
                await desk.wait_for(SLACK_BOT)
            await desk.after(3 * HOUR_S)
            await desk.after(8 * DAY_S)

            token = await desk.text_of(SLACK_BOT, "token")
            assert desk.standing(SLACK_BOT).step is RotationStep.IDLE
            assert ("give its token" in desk.standing(SLACK_BOT).failure) == is_lost
    assert token == (TOKEN if is_lost else "xoxe.xoxb-1-rotated1")
    assert keeper.names() == {SLACK_BOT}
    assert server.requests.count("oauth.v2.access") == (2 if is_lost else 1)
