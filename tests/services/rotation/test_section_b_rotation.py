"""Row 36 of the faults: Secret Manager's own schedule changes nothing, the program's does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.cloud.secretmanager_v1.types import resources, service
from google.protobuf import duration_pb2, field_mask_pb2, timestamp_pb2

from tests.secret_manager.faults import DENIED
from tests.secrets.secret_manager_desk import SecretManagerDesk, secret_manager_desk
from tests.services.rotation.desk import DAY_S, HOUR_S, OLD, Issuer, LeapingClock, RotationDesk, rotation_desk
from tradeassist_desktop.domain.secret import SMTP, Secret, VersionState

PLACE = {"secrets.gcp.project": "tradeassist-desk"}
GIVEN = {**PLACE, "rotate.smtp": "30d"}
TOPIC = "projects/tradeassist-desk/topics/rotation"


def schedule(manager: SecretManagerDesk, *, due: datetime) -> None:
    """Set a rotation schedule on the secret, as the console does."""
    next_time = timestamp_pb2.Timestamp()
    next_time.FromDatetime(due)
    period = duration_pb2.Duration()
    period.FromTimedelta(timedelta(days=30))
    secret = manager.server.vault.get_secret(service.GetSecretRequest(name=manager.place.secret(SMTP)))
    changed = resources.Secret(
        name=secret.name,
        etag=secret.etag,
        topics=[resources.Topic(name=TOPIC)],
        rotation=resources.Rotation(next_rotation_time=next_time, rotation_period=period),
    )
    mask = field_mask_pb2.FieldMask(paths=["topics", "rotation"])
    manager.server.vault.update_secret(service.UpdateSecretRequest(secret=changed, update_mask=mask))


async def states(manager: SecretManagerDesk) -> list[VersionState]:
    """Return the states of the secret's versions, newest first."""
    return [version.state for version in await manager.keeper.versions(SMTP)]


async def replaced(desk: RotationDesk, *, after_s: float) -> None:
    await desk.after(after_s)
    await desk.wait_for(SMTP)


async def test_row_36_a_schedule_of_secret_manager_changes_nothing_and_the_program_s_own_does(
    tmp_path: Path,
) -> None:
    issuer = Issuer()
    async with secret_manager_desk(tmp_path, clock=LeapingClock()) as manager:
        await manager.keeper.write(SMTP, Secret(OLD))
        schedule(manager, due=datetime.now(UTC) - timedelta(days=1))
        manager.server.vault.publish_what_is_due()
        published = len(manager.server.vault.published)
        by_itself = await states(manager)

        async with rotation_desk(
            tmp_path, keepers=[manager.keeper], own={SMTP: issuer}, given=GIVEN, clock=manager.clock
        ) as desk:
            await desk.wait_until(lambda: desk.standing().due_ns is not None)
            due_in_s = (desk.standing().due_ns - manager.clock.now_ns()) / 1e9
            await replaced(desk, after_s=max(0.0, due_in_s) + 60)

            assert await desk.text_of() == "password-2"
            by_the_program = await states(manager)

    assert (published, by_itself) == (1, [VersionState.ENABLED])
    assert by_the_program == [VersionState.ENABLED, VersionState.ENABLED]


async def test_the_old_version_is_disabled_after_a_grace_and_destroyed_a_week_later(tmp_path: Path) -> None:
    issuer, seen = Issuer(), []
    async with secret_manager_desk(tmp_path, clock=LeapingClock()) as manager:
        await manager.keeper.write(SMTP, Secret(OLD))
        given = {**PLACE, "rotate.smtp": "off"}
        async with rotation_desk(
            tmp_path, keepers=[manager.keeper], own={SMTP: issuer}, given=given, clock=manager.clock
        ) as desk:
            await desk.service.rotate_now(SMTP)
            for wait_s, step in ((3 * HOUR_S, "destroy"), (8 * DAY_S, "idle")):
                await desk.after(wait_s)
                await desk.wait_until(lambda step=step: desk.steps[-1][1] == step)
                seen.append(await states(manager))

    assert seen == [
        [VersionState.ENABLED, VersionState.DISABLED],
        [VersionState.ENABLED, VersionState.DESTROYED],
    ]
    assert issuer.valid == {"password-2"}


@pytest.mark.parametrize(
    ("method", "is_done"),
    [
        pytest.param("CreateSecret", False, id="may make no secret"),
        pytest.param("DeleteSecret", True, id="may delete none"),
        pytest.param("DisableSecretVersion", True, id="may disable no version"),
    ],
)
async def test_what_secret_manager_forbids_never_leaves_the_desk_without_a_secret(
    tmp_path: Path, method: str, is_done: bool
) -> None:
    issuer = Issuer()
    async with secret_manager_desk(tmp_path, clock=LeapingClock()) as manager:
        await manager.keeper.write(SMTP, Secret(OLD))
        manager.server.fail(DENIED, method=method)
        given = {**PLACE, "rotate.smtp": "off"}
        async with rotation_desk(
            tmp_path, keepers=[manager.keeper], own={SMTP: issuer}, given=given, clock=manager.clock
        ) as desk:
            outcome = await desk.service.rotate_now(SMTP)
            if is_done:
                await desk.after(3 * HOUR_S)
                await desk.wait_until(lambda: desk.steps[-1][1] in ("destroy", "idle"))

            assert outcome.is_done is is_done
            assert await desk.text_of() in issuer.valid
