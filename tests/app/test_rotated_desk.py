"""A whole desk, and a secret that an installed rotator replaces in it."""

from pathlib import Path

import pytest

from tests.app.demo import demo_desk
from tests.rotator_package import WORKING, install_rotator
from tradeassist_desktop.domain.events import ChannelSetUp, RotationStepped
from tradeassist_desktop.domain.rotation import WhoRotates


async def test_a_channel_is_told_that_its_secret_was_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    install_rotator(tmp_path, module="desk_rotator", methods=WORKING)
    told: list[object] = []
    async with demo_desk(tmp_path / "data") as desk:
        desk.bus.subscribe(ChannelSetUp, told.append)
        desk.bus.subscribe(RotationStepped, told.append)
        await desk.settings.set("rotate.smtp", "30d with desk_rotator")
        await desk.channel_setup.save("email", {"smtp/user": "desk", "smtp/password": "first-password"})
        told.clear()
        outcome = await desk.rotation.rotate_now("smtp")
        standing = next(each for each in desk.rotation.standings() if each.name == "smtp")

    assert outcome.is_done, outcome.words
    assert told[-1] == ChannelSetUp(channel="email")
    assert [each.step.value for each in told[:-1] if isinstance(each, RotationStepped)] == [
        "keep", "make", "verify", "switch", "retire",
    ]  # fmt: skip
    assert (standing.who, standing.policy) == (WhoRotates.PROGRAM, "30d with desk_rotator")
