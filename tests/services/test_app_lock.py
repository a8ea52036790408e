"""The lock as people meet it: started, tried, waited for, left alone."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.services.lock_desk import PINS, LockDesk, MemoryKeyring, locked_desk
from tradeassist_desktop.domain.access import Act, Denied, Role
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.services.access.access import FREE, LOCKED, Seat
from tradeassist_desktop.services.access.lock_book import TooSoon, WrongPin
from tradeassist_desktop.services.access.lock_place import LockGone, LockSilent, NoLockPlace
from tradeassist_desktop.services.settings import Settings


async def test_without_a_lock_everybody_may_do_everything_and_no_keyring_is_asked(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    keyring.is_silent = True
    desk = LockDesk(folder=tmp_path, keyring=keyring)

    await desk.lock.load()

    assert desk.lock.seat == FREE
    assert desk.lock.trouble == ""
    for act in Act:
        desk.access.require(act)


async def test_who_sets_a_lock_up_is_admin_and_the_next_start_is_locked(tmp_path: Path) -> None:
    desk = LockDesk(folder=tmp_path)

    await desk.keys.set_up(PINS)
    again = desk.again()

    assert desk.lock.seat == Seat(Role.ADMIN)
    assert again.lock.seat == LOCKED


async def test_a_locked_desk_refuses_and_writes_down_who_was_refused_what(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)

    with pytest.raises(Denied, match="The desk is locked"):
        desk.access.require(Act.EDIT_RULES)

    entry = desk.trail.entries[-1]
    assert (entry.who, entry.act, entry.what) == ("locked desk", "denied", "add, change and remove rules")
    assert entry.result == "refused"


async def test_a_pin_opens_the_desk_for_its_role_alone(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)

    await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])

    desk.access.require(Act.EDIT_RULES)
    with pytest.raises(Denied, match="only an admin may"):
        desk.access.require(Act.CREDENTIALS)


async def test_another_role_s_pin_is_wrong(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)

    with pytest.raises(WrongPin):
        await desk.lock.unlock(Role.ADMIN, PINS[Role.TRADER])

    assert desk.lock.seat == LOCKED


async def test_a_role_without_a_pin_opens_nothing(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)

    with pytest.raises(WrongPin):
        await desk.lock.unlock(Role.VIEWER, "")


async def test_who_was_at_the_desk_last_is_known_over_a_restart_too(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)
    set_up_by = desk.lock.latest
    await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])
    desk.lock.lock()

    after = desk.again()
    await after.lock.load()

    assert (set_up_by, desk.lock.latest, after.lock.latest) == (Role.ADMIN, Role.TRADER, Role.TRADER)


@pytest.mark.parametrize("latest", [None, "pilot"], ids=["of an older version", "of another one"])
async def test_an_entry_that_does_not_say_who_was_there_last_opens_all_the_same(
    tmp_path: Path, latest: str | None
) -> None:
    desk = await locked_desk(tmp_path)
    entry = next(iter(desk.keyring.entries.values()))
    del entry["latest"]
    if latest is not None:
        entry["latest"] = latest

    await desk.lock.load()

    assert (desk.lock.latest, desk.lock.trouble) == (None, "")
    await desk.lock.unlock(Role.ADMIN, PINS[Role.ADMIN])


async def test_every_change_of_the_door_is_written_down_without_a_pin(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)
    desk.trail.entries.clear()

    with pytest.raises(WrongPin):
        await desk.lock.unlock(Role.TRADER, "wrong pin")
    await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])
    desk.lock.lock()

    assert desk.trail.lines == ["unlock failed trader", "unlock ok trader", "lock ok trader"]
    assert not any(
        secret in str(entry) for entry in desk.trail.entries for secret in ("wrong pin", *PINS.values())
    )


class TestWrongTries:
    async def wrong(self, desk: LockDesk, times: int) -> None:
        for _ in range(times):
            with pytest.raises(WrongPin):
                await desk.lock.unlock(Role.TRADER, "wrong pin")

    async def test_the_third_has_the_next_wait_and_a_right_pin_waits_too(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)

        await self.wrong(desk, 3)
        with pytest.raises(TooSoon, match="wait 5 s"):
            await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])
        await desk.clock.advance(5)
        await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])

        assert desk.lock.seat == Seat(Role.TRADER)

    async def test_each_further_one_doubles_the_wait_up_to_a_quarter_of_an_hour(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)
        waits = []

        await self.wrong(desk, 3)
        for _ in range(10):
            with pytest.raises(TooSoon) as too_soon:
                await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])
            waits.append(too_soon.value.wait_s)
            await desk.clock.advance(too_soon.value.wait_s)
            await self.wrong(desk, 1)

        assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]

    async def test_a_restart_is_no_way_around_the_wait(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)
        await self.wrong(desk, 3)

        again = desk.again()

        with pytest.raises(TooSoon):
            await again.lock.unlock(Role.TRADER, PINS[Role.TRADER])

    async def test_a_silent_keyring_is_no_way_around_it_either(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)
        await self.wrong(desk, 2)
        kept = dict(desk.keyring.entries["app.lock"])
        await self.wrong(desk, 1)
        desk.keyring.entries["app.lock"] = kept  # as if the third had not been taken

        with pytest.raises(WrongPin):  # the keyring answers: what it has counts
            await desk.lock.unlock(Role.TRADER, "wrong pin")
        with pytest.raises(TooSoon):
            await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])

    async def test_a_right_pin_begins_the_count_anew(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)

        await self.wrong(desk, 2)
        await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])
        desk.lock.lock()
        await self.wrong(desk, 2)
        await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])

        assert desk.lock.seat == Seat(Role.TRADER)

    async def test_a_clock_set_back_keeps_nobody_out_for_longer(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)
        await self.wrong(desk, 3)

        desk.clock.set_wall(desk.clock.now_ns() - 86_400 * 1_000_000_000)

        with pytest.raises(TooSoon, match="wait 5 s"):
            await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])

    async def test_two_at_once_are_tried_one_after_the_other(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)

        tries = [desk.lock.unlock(Role.TRADER, f"wrong {number}") for number in range(5)]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)

        assert [type(each) for each in outcomes] == [WrongPin] * 3 + [TooSoon] * 2


class TestAKeyringThatHasLostIt:
    async def test_a_deleted_entry_leaves_a_locked_desk_to_viewers(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)
        desk.keyring.entries.clear()

        again = desk.again()
        await again.lock.load()

        assert again.lock.seat == LOCKED
        assert "tradeassist lock reset" in again.lock.trouble
        with pytest.raises(LockGone):
            await again.lock.unlock(Role.ADMIN, PINS[Role.ADMIN])
        with pytest.raises(Denied):
            again.access.require(Act.EDIT_RULES)

    @pytest.mark.parametrize(
        "texts",
        [
            {},
            {"format": "2"},
            {"format": "1", "tries": "0 0"},
            {"format": "1", "admin": "4 AAAA AAAA"},
            {"format": "1", "admin": "4 AAAA", "tries": "0 0"},
            {"format": "1", "admin": "60 AAAA AAAA", "tries": "0 0"},
            {"format": "1", "admin": "4 AAAA ?", "tries": "0 0"},
            {"format": "1", "admin": "4 AAAA AAAA", "admin.codes": "KEY", "tries": "0 0"},
            {"format": "1", "admin": "4 AAAA AAAA", "tries": "none"},
        ],
        ids=[
            "empty",
            "another format",
            "no admin",
            "no tries",
            "half a PIN",
            "a cost that would never end",
            "no base64",
            "half of the codes",
            "no numbers",
        ],
    )
    async def test_an_entry_that_is_none_of_ours_opens_nothing(
        self, tmp_path: Path, texts: dict[str, str]
    ) -> None:
        desk = await locked_desk(tmp_path)
        desk.keyring.entries["app.lock"] = texts

        again = desk.again()
        await again.lock.load()

        assert again.lock.seat == LOCKED
        with pytest.raises(LockGone):
            await again.lock.unlock(Role.ADMIN, PINS[Role.ADMIN])

    async def test_one_that_is_silent_leaves_it_locked_until_it_answers(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)
        desk.keyring.is_silent = True
        again = desk.again()
        await again.lock.load()

        with pytest.raises(LockSilent):
            await again.lock.unlock(Role.ADMIN, PINS[Role.ADMIN])
        desk.keyring.is_silent = False
        await again.lock.unlock(Role.ADMIN, PINS[Role.ADMIN])

        assert again.lock.seat == Seat(Role.ADMIN)

    async def test_the_reset_key_opens_it_and_a_wrong_one_is_written_down(self, tmp_path: Path) -> None:
        before = LockDesk(folder=tmp_path)
        reset_key = await before.keys.set_up(PINS)
        before.keyring.entries.clear()
        desk = before.again()

        with pytest.raises(WrongPin, match="not the reset key"):
            await desk.keys.reset("AAAA-AAAA")
        assert desk.lock.seat == LOCKED
        await desk.keys.reset(reset_key.lower())

        assert desk.lock.seat == FREE
        assert desk.again().lock.seat == FREE
        assert desk.trail.lines[-2:] == ["delete refused locked desk", "delete ok admin"]

    async def test_nothing_is_the_reset_key_of_a_lock_that_has_lost_its_check(self, tmp_path: Path) -> None:
        desk = await locked_desk(tmp_path)
        file = tmp_path / "settings.json"
        document = json.loads(file.read_text())
        del document["lock.reset_check"]
        file.write_text(json.dumps(document))

        with pytest.raises(WrongPin):
            await desk.again().keys.reset("")


async def test_a_setting_that_was_edited_opens_nothing(tmp_path: Path) -> None:
    await locked_desk(tmp_path)
    file = tmp_path / "settings.json"
    document = json.loads(file.read_text())
    document["lock.enabled"] = False
    file.write_text(json.dumps(document))

    assert LockDesk(folder=tmp_path).lock.seat == LOCKED


async def test_without_a_keyring_no_lock_is_set_up_and_nothing_is_written(tmp_path: Path) -> None:
    desk = LockDesk(folder=tmp_path, keyring=MemoryKeyring(is_there=False))

    with pytest.raises(NoLockPlace, match="no lock was set up"):
        await desk.keys.set_up(PINS)

    assert desk.lock.seat == FREE
    assert not (tmp_path / "settings.json").exists()


async def test_settings_keep_nothing_that_opens_the_lock(tmp_path: Path) -> None:
    desk = LockDesk(folder=tmp_path)
    reset_key = await desk.keys.set_up(PINS)

    text = (tmp_path / "settings.json").read_text()

    assert not any(secret in text for secret in (reset_key, reset_key.replace("-", ""), *PINS.values()))


@pytest.mark.parametrize("key", ["lock.enabled=no", "lock.idle_minutes=0", "lock.covers_window=no"])
def test_the_command_line_is_no_way_around_the_lock(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadInput, match="not taken from the command line"):
        Settings(file=tmp_path / "settings.json", overrides=(key,))


async def test_a_desk_that_nobody_touches_locks_itself(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)
    await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])
    watching = asyncio.create_task(desk.lock.run())

    await desk.clock.advance(9 * 60)
    desk.lock.touch()
    await desk.clock.advance(9 * 60)
    still_open = desk.lock.seat
    await desk.clock.advance(61)
    watching.cancel()

    assert still_open == Seat(Role.TRADER)
    assert desk.lock.seat == LOCKED
    assert desk.trail.entries[-1].detail == "nobody was there"


async def test_a_computer_that_slept_is_locked_as_it_wakes(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)
    await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])
    watching = asyncio.create_task(desk.lock.run())
    await desk.clock.advance(1)

    desk.clock.set_wall(desk.clock.now_ns() + 3_600 * 1_000_000_000)  # the monotonic clock stood still
    await desk.clock.advance(1)
    watching.cancel()

    assert desk.lock.seat == LOCKED


async def test_a_desk_that_is_not_to_lock_itself_does_not(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)
    await desk.lock.unlock(Role.ADMIN, PINS[Role.ADMIN])
    await desk.settings.set("lock.idle_minutes", 0)
    watching = asyncio.create_task(desk.lock.run())

    await desk.clock.advance(3_600)
    watching.cancel()

    assert desk.lock.seat == Seat(Role.ADMIN)


async def test_a_desk_that_starts_open_starts_as_a_trader_s(tmp_path: Path) -> None:
    desk = LockDesk(folder=tmp_path)
    await desk.keys.set_up(PINS)
    await desk.settings.set("lock.at_start", False)

    again = desk.again()
    at_first = again.lock.seat
    await again.lock.load()

    assert at_first == LOCKED  # until the keyring has answered
    assert again.lock.seat == Seat(Role.TRADER)


async def test_one_that_starts_open_stays_locked_after_wrong_tries_or_without_its_entry(
    tmp_path: Path,
) -> None:
    desk = LockDesk(folder=tmp_path)
    await desk.keys.set_up(PINS)
    await desk.settings.set("lock.at_start", False)
    desk.lock.lock()
    with pytest.raises(WrongPin):
        await desk.lock.unlock(Role.TRADER, "wrong pin")

    tried = desk.again()
    await tried.lock.load()
    desk.keyring.entries.clear()
    bare = desk.again()
    await bare.lock.load()

    assert tried.lock.seat == LOCKED
    assert bare.lock.seat == LOCKED


async def test_listeners_hear_of_each_change_once(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)
    heard: list[Seat] = []
    end = desk.access.listen(lambda: heard.append(desk.access.seat))

    await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])
    desk.lock.lock()
    desk.lock.lock()
    end()
    await desk.lock.unlock(Role.ADMIN, PINS[Role.ADMIN])

    assert heard == [Seat(Role.TRADER), LOCKED]
