"""A whole desk knows its credentials, and what sets Secret Manager up for it."""

from pathlib import Path

import pytest

from tests.app.demo import demo_desk
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.rotation import CACHE_KEY
from tradeassist_desktop.domain.secret_setup import StepResult
from tradeassist_desktop.services.credentials.credential import CREDENTIALS, SCHWAB, Deed
from tradeassist_desktop.services.credentials.google_cloud import CheckedStep


async def test_each_credential_is_known_once_it_was_looked_at(tmp_path: Path) -> None:
    async with demo_desk(tmp_path) as desk:
        await desk.credentials.look()

        rows = {row.name: row for row in desk.credentials.all()}
        assert tuple(rows) == CREDENTIALS
        assert all(row.is_seen and not row.is_present for row in rows.values())
        assert all(row.channel for name, row in rows.items() if name not in (*SCHWAB, CACHE_KEY))
        assert all(row.policy for row in rows.values())
        assert all(Deed.REMOVE in row.barred for row in rows.values())


async def test_with_schwab_as_its_feed_the_developer_app_can_be_entered(tmp_path: Path) -> None:
    async with demo_desk(tmp_path, feed="schwab") as desk:
        rows = {row.name: row for row in desk.credentials.all()}

        assert all(Deed.CHANGE not in rows[name].barred for name in SCHWAB)


async def test_without_a_project_a_check_ends_at_its_first_step_and_nothing_is_copied(tmp_path: Path) -> None:
    steps: list[CheckedStep] = []
    async with demo_desk(tmp_path) as desk:
        is_well = await desk.google_cloud.check({}, steps.append)
        with pytest.raises(TradeAssistError, match="Save a project first"):
            await desk.google_cloud.copy(lambda copied: None)

    assert not is_well
    assert steps[0].step.result is StepResult.FAILED
