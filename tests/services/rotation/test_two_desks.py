"""Two desks with one Secret Manager: neither loses what the other was given in place of the old one."""

import asyncio
from pathlib import Path

from tests.services.rotation.desk import HOUR_S, Issuer, rotation_desk
from tests.services.rotation.kept_in_files import FileKeeper
from tradeassist_desktop.domain.rotation import RotationFailed
from tradeassist_desktop.domain.secret import SMTP, Secret, SecretVersion, VersionState

MINUTE_S = 60


class OneTimeIssuer(Issuer):
    """Gives a new secret for each old one once only, as Slack does."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()
        self.may_verify = asyncio.Event()
        self.may_verify.set()

    async def make(self, secret: Secret) -> Secret:
        if secret["password"] in self.used:
            raise RotationFailed("it was used before", retry=False)
        self.used.add(secret["password"])
        return await super().make(secret)

    async def verify(self, secret: Secret) -> None:
        await self.may_verify.wait()
        await super().verify(secret)


async def test_a_desk_that_begins_while_another_is_at_it_leaves_it_alone(tmp_path: Path) -> None:
    issuer, keeper = OneTimeIssuer(), FileKeeper(tmp_path)
    issuer.may_verify.clear()
    async with (
        rotation_desk(tmp_path / "one", keepers=[keeper], own={SMTP: issuer}, runs=False) as one,
        rotation_desk(tmp_path / "two", keepers=[keeper], own={SMTP: issuer}, runs=False) as two,
    ):
        rotating = asyncio.create_task(one.service.rotate_now(SMTP))
        await one.wait_until(lambda: bool(issuer.used))
        await two.clock.advance(1)
        second = await two.service.rotate_now(SMTP)
        issuer.may_verify.set()
        first = await rotating

        assert (first.is_done, second.is_done) == (True, False)
        assert "another desk" in second.words
        assert await one.text_of() == "password-2"


async def test_an_old_version_that_somebody_has_put_back_is_not_disabled(tmp_path: Path) -> None:
    keeper = FileKeeper(tmp_path)
    async with rotation_desk(tmp_path / "one", keepers=[keeper], own={SMTP: OneTimeIssuer()}) as desk:
        await desk.service.rotate_now(SMTP)
        await keeper.set_state(SMTP, SecretVersion(version="2"), VersionState.DISABLED)

        await desk.after(3 * HOUR_S)

        assert keeper.states(SMTP) == ["enabled", "disabled"]


async def test_what_a_desk_was_given_before_it_was_killed_outlives_another_desk_s_try(tmp_path: Path) -> None:
    issuer, keeper = OneTimeIssuer(), FileKeeper(tmp_path)
    issuer.failures["verify"] = [RotationFailed("no answer", retry=True)]
    one = {"keepers": [keeper], "own": {SMTP: issuer}, "runs": False}
    async with rotation_desk(tmp_path / "one", **one) as desk:
        await desk.service.rotate_now(SMTP)
    async with rotation_desk(tmp_path / "two", **one) as desk:
        await desk.clock.advance(20 * MINUTE_S)
        of_the_other = await desk.service.rotate_now(SMTP)

    async with rotation_desk(tmp_path / "one", **one) as desk:
        outcome = await desk.service.rotate_now(SMTP)

        assert (of_the_other.is_done, outcome.is_done) == (False, True)
        assert await desk.text_of() == "password-2"
