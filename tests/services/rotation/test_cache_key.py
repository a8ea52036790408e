"""The key of the copies of Secret Manager's secrets, renewed by the scheduler."""

import json
from pathlib import Path

from tests.fakes import DictKeyring, MemoryKeeper
from tests.services.rotation.desk import DAY_S, OLD, LeapingClock, rotation_desk
from tradeassist_desktop.domain.rotation import CACHE_KEY
from tradeassist_desktop.domain.secret import SMTP
from tradeassist_desktop.secrets.cache import SecretCache

GIVEN = {"secrets.gcp.project": "a-project"}


def key_ids(keyring: DictKeyring) -> set[str]:
    (text,) = keyring.texts.values()
    return set(json.loads(text)["keys"])


async def test_it_is_renewed_every_ninety_days(tmp_path: Path) -> None:
    keyring, clock = DictKeyring(), LeapingClock()
    manager = MemoryKeeper("secret manager", is_prompt=True, is_remote=True)
    manager.kept[SMTP] = dict(OLD)

    cache = SecretCache(folder=tmp_path / "copies", keyring=keyring, clock=clock, scope=lambda: "a project")
    async with rotation_desk(tmp_path, keepers=[manager], copies=cache, clock=clock, given=GIVEN) as desk:
        await desk.after(60)  # the key is made with the first copy
        await desk.wait_until(lambda: desk.standing(CACHE_KEY).due_ns is not None)
        before = key_ids(keyring)
        await desk.after(89 * DAY_S)
        early = key_ids(keyring)
        await desk.after(2 * DAY_S)
        await desk.wait_for(CACHE_KEY)
    after = key_ids(keyring)

    assert early == before
    assert len(after) == 1 and not after & before


async def test_without_a_keyring_there_is_no_key_and_nothing_is_due(tmp_path: Path) -> None:
    keyring, clock = DictKeyring(), LeapingClock()
    keyring.is_there = False
    manager = MemoryKeeper("secret manager", is_prompt=True, is_remote=True)
    manager.kept[SMTP] = dict(OLD)
    cache = SecretCache(folder=tmp_path / "copies", keyring=keyring, clock=clock, scope=lambda: "a project")
    async with rotation_desk(tmp_path, keepers=[manager], copies=cache, clock=clock, given=GIVEN) as desk:
        await desk.after(400 * DAY_S)

        assert not desk.standing(CACHE_KEY).is_present
        assert [title for title in desk.told.titles() if "copies" in title] == []
