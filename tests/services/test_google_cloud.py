"""The guided set-up of Secret Manager, over the stand-in: each step told, each failure with its mending."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.fakes import ListTrail, MemoryKeeper, store_of
from tests.secret_manager.accounts import EMAIL
from tests.secret_manager.faults import DENIED, FAULTS
from tests.secret_manager.vault import PROJECT
from tests.secrets.secret_manager_desk import SecretManagerDesk, secret_manager_desk
from tradeassist_desktop.domain.access import OPEN
from tradeassist_desktop.domain.audit import AuditAct, AuditResult
from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.secret import SLACK_BOT, SMTP, Secret
from tradeassist_desktop.domain.secret_setup import StepResult
from tradeassist_desktop.secrets.secret_manager.setup_check import STEPS
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.credentials.credential import Credential
from tradeassist_desktop.services.credentials.google_cloud import (
    CREDENTIALS,
    LOCATION,
    CheckedStep,
    Copied,
    GoogleCloud,
)
from tradeassist_desktop.services.credentials.google_cloud import PROJECT as PROJECT_KEY
from tradeassist_desktop.services.settings import Settings


@dataclass
class Guide:
    """A person at the set-up; ``steps`` and ``copied`` are what was told meanwhile."""

    cloud: GoogleCloud
    place: SecretManagerDesk
    keyring: MemoryKeeper
    store: SecretStore
    trail: ListTrail
    steps: list[CheckedStep] = field(default_factory=list)
    copied: list[Copied] = field(default_factory=list)

    @property
    def draft(self) -> dict[str, str]:
        place = self.place.place
        return {PROJECT_KEY: place.project, LOCATION: "", CREDENTIALS: place.credentials}

    def lines(self) -> dict[str, str]:
        return {each.step.title: each.line for each in self.steps if each.line}

    @property
    def tests(self) -> list[tuple[str, AuditResult]]:
        return [(each.what, each.result) for each in self.trail.entries if each.act is AuditAct.TEST]


@asynccontextmanager
async def guide(folder: Path, *, saved: bool = True) -> AsyncIterator[Guide]:
    async with secret_manager_desk(folder) as place:
        overrides = [f"secrets.gcp.endpoint={place.place.endpoint}"]
        if saved:
            overrides.append(f"secrets.gcp.project={PROJECT}")
        settings = Settings(file=folder / "settings.json", overrides=tuple(overrides), is_dev=True)
        keyring, trail = MemoryKeeper(), ListTrail()
        store = store_of(keyring, place.keeper, clock=place.clock, trail=trail)
        cloud = GoogleCloud(
            secrets=store,
            settings=settings,
            trail=trail,
            access=OPEN,
            clock=place.clock,
            rng=random.Random(7),
        )
        yield Guide(cloud, place, keyring, store, trail)
        await store.close()


async def test_a_check_tells_each_step_and_is_written_down(tmp_path: Path) -> None:
    async with guide(tmp_path) as desk:
        is_well = await desk.cloud.check(desk.draft, desk.steps.append)

        assert is_well
        assert [each.step.title for each in desk.steps] == list(STEPS)
        assert desk.lines() == {}
        assert desk.tests == [("secret manager", AuditResult.OK)]


@pytest.mark.parametrize(
    ("method", "title", "role"),
    [
        pytest.param("AccessSecretVersion", "Read secrets", "secretAccessor", id="read"),
        pytest.param("AddSecretVersion", "Keep secrets", "admin", id="keep"),
        pytest.param("ListSecrets", "List secrets", "viewer", id="list"),
    ],
)
async def test_a_missing_permission_comes_with_the_line_that_grants_it(
    tmp_path: Path, method: str, title: str, role: str
) -> None:
    async with guide(tmp_path) as desk:
        desk.place.server.fail(DENIED, method=method)

        await desk.cloud.check(desk.draft, desk.steps.append)

        assert desk.lines() == {
            title: f"gcloud projects add-iam-policy-binding {PROJECT} "
            f"--member=serviceAccount:{EMAIL} --role=roles/secretmanager.{role}"
        }


async def test_an_api_that_is_not_enabled_comes_with_the_line_that_enables_it(tmp_path: Path) -> None:
    async with guide(tmp_path) as desk:
        desk.place.server.fail(FAULTS["api_disabled"])

        is_well = await desk.cloud.check(desk.draft, desk.steps.append)

        assert not is_well
        assert desk.lines() == {
            "Sign-in": f"gcloud services enable secretmanager.googleapis.com --project={PROJECT}"
        }
        assert desk.tests == [("secret manager", AuditResult.FAILED)]


async def test_without_a_project_the_first_step_says_so_and_the_rest_are_skipped(tmp_path: Path) -> None:
    async with guide(tmp_path, saved=False) as desk:
        await desk.cloud.check({PROJECT_KEY: ""}, desk.steps.append)

        results = [each.step.result for each in desk.steps]
        assert results == [StepResult.FAILED, *[StepResult.SKIPPED] * (len(STEPS) - 1)]
        assert desk.lines() == {"Project": "gcloud projects list"}


async def test_what_cannot_be_a_project_is_refused_by_the_forms_name_before_anything_is_tried(
    tmp_path: Path,
) -> None:
    async with guide(tmp_path) as desk:
        with pytest.raises(BadInput) as refused:
            await desk.cloud.check({PROJECT_KEY: "No Such Thing!", LOCATION: "??"}, desk.steps.append)

        assert [fault.place for fault in refused.value.faults] == ["Project", "Region"]
        assert desk.steps == []


async def test_a_check_that_is_cancelled_ends_at_once_and_is_written_down(tmp_path: Path) -> None:
    async with guide(tmp_path) as desk:
        desk.place.server.fail(FAULTS["hang"])
        checking = asyncio.create_task(desk.cloud.check(desk.draft, desk.steps.append))
        async with asyncio.timeout(10):
            while not desk.place.server.calls:
                await asyncio.sleep(0.01)

        checking.cancel()
        await asyncio.gather(checking, return_exceptions=True)

        assert desk.tests == [("secret manager", AuditResult.FAILED)]
        desk.place.server.recover()


async def test_each_secret_there_is_is_copied_and_read_back(tmp_path: Path) -> None:
    async with guide(tmp_path) as desk:
        desk.keyring.kept |= {SMTP: {"user": "desk", "password": "p"}, SLACK_BOT: {"token": "xoxb-1"}}

        copied = await desk.cloud.copy(desk.copied.append)

        assert [each.words for each in copied] == [
            "Slack bot token: kept as version 1, and read back.",
            "Mail password: kept as version 1, and read back.",
        ]
        assert desk.copied == list(copied)
        kept = await desk.place.keeper.read(SMTP)
        assert kept is not None
        assert kept.secret == {"user": "desk", "password": "p"}
        assert desk.keyring.kept[SMTP] == {"user": "desk", "password": "p"}


async def test_one_that_cannot_be_kept_hinders_no_other(tmp_path: Path) -> None:
    async with guide(tmp_path) as desk:
        desk.keyring.kept |= {SMTP: {"user": "desk", "password": "p"}, SLACK_BOT: {"token": "xoxb-1"}}
        desk.place.server.fail(DENIED, method="AddSecretVersion", times=1)

        copied = await desk.cloud.copy(desk.copied.append)

        assert [(each.name, each.is_kept) for each in copied] == [(SLACK_BOT, False), (SMTP, True)]
        assert "permission secretmanager.versions.add is missing" in copied[0].words


async def test_what_secret_manager_has_already_is_not_written_again(tmp_path: Path) -> None:
    async with guide(tmp_path) as desk:
        await desk.place.keeper.write(SMTP, Secret({"user": "desk", "password": "p"}))

        (copied,) = await desk.cloud.copy(desk.copied.append)

        assert copied.words == "Mail password: is there already as version 1."
        assert desk.place.server.called("AddSecretVersion") == 2  # the first makes the secret


async def test_without_a_saved_project_there_is_nowhere_to_copy_to(tmp_path: Path) -> None:
    async with guide(tmp_path, saved=False) as desk:
        with pytest.raises(TradeAssistError, match="Save a project first"):
            await desk.cloud.copy(desk.copied.append)


async def test_what_the_keyring_has_too_is_lost_to_secret_manager_only_where_there_is_a_project(
    tmp_path: Path,
) -> None:
    in_keyring = Credential(name=SMTP, title="Mail password", is_present=True, source="keyring")
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    async with guide(tmp_path / "with") as saved, guide(tmp_path / "without", saved=False) as unsaved:
        assert (saved.cloud.loses(in_keyring), unsaved.cloud.loses(in_keyring)) == (True, False)
        assert unsaved.cloud.loses(replace(in_keyring, source="secret manager"))
