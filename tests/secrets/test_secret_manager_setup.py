import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.cloud.secretmanager_v1.types import service

from tests.secret_manager.accounts import EMAIL
from tests.secret_manager.faults import DENIED, FAULTS, REFUSED
from tests.secret_manager.vault import PROJECT
from tests.secrets.secret_manager_desk import SecretManagerDesk, secret_manager_desk
from tradeassist_desktop.domain.secret_setup import SetupStep, StepResult
from tradeassist_desktop.secrets.secret_manager.setup_check import STEPS, check_setup

OK, HINT, FAILED, SKIPPED = StepResult.OK, StepResult.HINT, StepResult.FAILED, StepResult.SKIPPED


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SecretManagerDesk]:
    async with secret_manager_desk(tmp_path) as desk:
        yield desk


async def steps_of(desk: SecretManagerDesk, *, writes: bool = False) -> list[SetupStep]:
    steps = check_setup(
        desk.place,
        clock=desk.clock,
        rng=random.Random(7),
        project_where="in the field Project",
        writes=writes,
    )
    return [step async for step in steps]


def let_others_read(file: str) -> None:
    Path(file).chmod(0o644)


def kept(desk: SecretManagerDesk) -> list[str]:
    request = service.ListSecretsRequest(parent=f"projects/{PROJECT}")
    return [secret.name for secret in desk.server.vault.list_secrets(request).secrets]


async def test_a_good_setup_passes_each_step_and_nothing_is_written(desk) -> None:
    steps = await steps_of(desk)

    assert [(step.title, step.result) for step in steps] == [(title, OK) for title in STEPS]
    assert steps[1].words == f"{EMAIL}, from {desk.place.credentials}"
    assert not kept(desk)


async def test_where_it_is_asked_to_it_keeps_a_secret_reads_it_back_and_deletes_it(desk) -> None:
    steps = await steps_of(desk, writes=True)

    assert (steps[-1].result, steps[-1].words) == (OK, "done, and nothing is left of it")
    assert (desk.server.called("CreateSecret"), desk.server.called("DeleteSecret")) == (1, 1)
    assert not kept(desk)


@pytest.mark.parametrize(
    ("method", "title", "result", "words"),
    [
        pytest.param(
            "ListSecrets",
            "List secrets",
            HINT,
            f"not needed to read and keep them; permission secretmanager.secrets.list is missing on "
            f"projects/{PROJECT}: give {EMAIL} the role Secret Manager Viewer",
            id="list",
        ),
        pytest.param(
            "AccessSecretVersion",
            "Read secrets",
            FAILED,
            "permission secretmanager.versions.access is missing on projects/desk-project/secrets/",
            id="read",
        ),
        pytest.param(
            "AddSecretVersion",
            "Keep secrets",
            FAILED,
            "permission secretmanager.versions.add is missing on projects/desk-project/secrets/",
            id="keep",
        ),
    ],
)
async def test_a_missing_permission_shows_at_its_step_and_the_others_are_tried(
    desk, method: str, title: str, result: StepResult, words: str
) -> None:
    desk.server.fail(DENIED, method=method)

    steps = await steps_of(desk)

    assert {step.title: step.result for step in steps} == dict.fromkeys(STEPS, OK) | {title: result}
    assert next(step for step in steps if step.title == title).words.startswith(words)


@pytest.mark.parametrize(
    ("break_it", "failed", "words"),
    [
        pytest.param(
            lambda desk: desk.change(project=""),
            "Project",
            "enter the id of a Google Cloud project in the field Project",
            id="none",
        ),
        pytest.param(
            lambda desk: desk.change(credentials="/nowhere/key.json"),
            "Credentials",
            "the key file /nowhere/key.json is not there",
            id="no key",
        ),
        pytest.param(
            lambda desk: desk.server.stop(), "Connection", "nobody answers at localhost:", id="down"
        ),
        pytest.param(
            lambda desk: desk.server.fail(REFUSED), "Sign-in", "Google refused the credentials", id="key"
        ),
        pytest.param(
            lambda desk: desk.server.fail(FAULTS["api_disabled"]),
            "Sign-in",
            f"the Secret Manager API is not enabled in project {PROJECT}",
            id="API",
        ),
        pytest.param(
            lambda desk: desk.change(project="not-this-one"),
            "Sign-in",
            "there is no project not-this-one",
            id="project",
        ),
    ],
)
async def test_what_is_wrong_for_all_is_said_once_and_the_rest_is_skipped(
    desk, break_it, failed: str, words: str
) -> None:
    break_it(desk)

    steps = await steps_of(desk, writes=True)

    place = STEPS.index(failed)
    assert steps[place].words.startswith(words)
    assert [step.result for step in steps[place:]] == [FAILED] + [SKIPPED] * (len(STEPS) - place)


async def test_a_key_file_that_others_can_read_and_of_another_project_is_told_of(desk) -> None:
    let_others_read(desk.place.credentials)
    desk.change(project="not-this-one")

    credentials = (await steps_of(desk))[1]

    assert credentials.result is HINT
    assert "others on this computer can read that file" in credentials.words
    assert f"it belongs to project {PROJECT}" in credentials.words


async def test_a_check_leaves_the_desks_breaker_as_it_is(desk) -> None:
    desk.server.stop()

    for _ in range(4):
        await steps_of(desk)

    assert desk.breaker.totals.failures == 0
