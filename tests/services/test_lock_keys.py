"""PINs and one-time codes: given, changed, taken away, by who may."""

import json
from pathlib import Path

import pyotp
import pytest

from tests.services.lock_desk import PINS, LockDesk, locked_desk
from tradeassist_desktop.domain.access import Denied, Role
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.services.access.access import FREE, LOCKED, Seat
from tradeassist_desktop.services.access.app_lock import Door
from tradeassist_desktop.services.access.lock_book import WrongPin
from tradeassist_desktop.services.access.lock_place import LockSilent
from tradeassist_desktop.services.access.one_time_codes import CodeRefused, new_key

NS_PER_SECOND = 1_000_000_000


async def unlocked(folder: Path, role: Role) -> LockDesk:
    desk = await locked_desk(folder)
    await desk.lock.unlock(role, PINS[role])
    return desk


def code_now(desk: LockDesk, key: str, *, ahead_s: int = 0) -> str:
    return pyotp.TOTP(key).at(desk.clock.now_ns() // NS_PER_SECOND + ahead_s)


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        ("12345", "at least 6"),
        ("111111", "not one character"),
        ("123456", "not digits in their order"),
        ("987654", "not digits in their order"),
        ("890123", "not digits in their order"),
        ("x" * 129, "at most 128"),
    ],
)
async def test_a_pin_that_the_next_person_would_try_first_is_refused(
    tmp_path: Path, pin: str, reason: str
) -> None:
    desk = LockDesk(folder=tmp_path)

    with pytest.raises(BadInput, match=reason):
        await desk.keys.set_up({Role.ADMIN: pin})

    assert desk.lock.seat == FREE
    assert not desk.keyring.entries


async def test_two_roles_never_have_one_pin(tmp_path: Path) -> None:
    fresh = LockDesk(folder=tmp_path / "fresh")
    with pytest.raises(BadInput, match="one of its own"):
        await fresh.keys.set_up({Role.ADMIN: "821173", Role.TRADER: "821173"})

    desk = await unlocked(tmp_path, Role.ADMIN)
    with pytest.raises(BadInput, match="another role has it"):
        await desk.keys.set_pin(Role.VIEWER, PINS[Role.TRADER])


async def test_an_admin_gives_a_viewer_a_pin_and_takes_it_away(tmp_path: Path) -> None:
    desk = await unlocked(tmp_path, Role.ADMIN)

    await desk.keys.set_pin(Role.VIEWER, "look but do not touch")
    given = desk.lock.doors
    await desk.keys.set_pin(Role.VIEWER, None)

    assert given == (Door(Role.TRADER, False), Door(Role.ADMIN, False), Door(Role.VIEWER, False))
    assert desk.lock.doors == given[:2]


async def test_the_admin_s_pin_is_not_taken_away(tmp_path: Path) -> None:
    desk = await unlocked(tmp_path, Role.ADMIN)

    with pytest.raises(BadInput, match="take the lock away instead"):
        await desk.keys.set_pin(Role.ADMIN, None)


async def test_a_trader_changes_the_own_pin_with_the_present_one(tmp_path: Path) -> None:
    desk = await unlocked(tmp_path, Role.TRADER)

    with pytest.raises(WrongPin):
        await desk.keys.change_own_pin("wrong pin", "quite another")
    await desk.keys.change_own_pin(PINS[Role.TRADER], "quite another")
    desk.lock.lock()
    with pytest.raises(WrongPin):
        await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER])
    await desk.lock.unlock(Role.TRADER, "quite another")

    assert desk.lock.seat == Seat(Role.TRADER)


async def test_a_trader_changes_nobody_else_s_pin_and_not_the_lock(tmp_path: Path) -> None:
    desk = await unlocked(tmp_path, Role.TRADER)
    before = dict(desk.keyring.entries)

    for change in (
        desk.keys.set_pin(Role.ADMIN, "quite another"),
        desk.keys.drop_codes(Role.ADMIN),
        desk.keys.take_away(),
        desk.keys.set_up(PINS),
    ):
        with pytest.raises(Denied):
            await change
    with pytest.raises(Denied):
        await desk.settings.set("lock.enabled", False)
    assert desk.keyring.entries == before


async def test_nobody_changes_a_pin_at_a_locked_desk(tmp_path: Path) -> None:
    desk = await locked_desk(tmp_path)

    with pytest.raises(Denied):
        await desk.keys.change_own_pin(PINS[Role.TRADER], "quite another")


async def test_an_admin_takes_the_lock_away(tmp_path: Path) -> None:
    desk = await unlocked(tmp_path, Role.ADMIN)

    await desk.keys.take_away()

    assert desk.lock.seat == FREE
    assert desk.again().lock.seat == FREE
    assert not desk.keyring.entries


async def test_a_lock_that_the_keyring_does_not_let_go_of_stays(tmp_path: Path) -> None:
    desk = await unlocked(tmp_path, Role.ADMIN)
    desk.keyring.is_silent = True

    with pytest.raises(LockSilent):
        await desk.keys.take_away()

    assert desk.again().lock.seat == LOCKED


class TestOneTimeCodes:
    async def with_codes(self, folder: Path) -> tuple[LockDesk, str, tuple[str, ...]]:
        desk = await unlocked(folder, Role.TRADER)
        key = new_key()
        recovery = await desk.keys.use_codes(key, code_now(desk, key))
        desk.lock.lock()
        await desk.clock.advance(60)
        return desk, key, recovery

    async def unlock(self, desk: LockDesk, code: str) -> None:
        await desk.lock.unlock(Role.TRADER, PINS[Role.TRADER], code)

    async def test_a_role_that_has_them_needs_pin_and_code(self, tmp_path: Path) -> None:
        desk, key, _ = await self.with_codes(tmp_path)

        with pytest.raises(CodeRefused):
            await self.unlock(desk, "")
        with pytest.raises(WrongPin):
            await desk.lock.unlock(Role.TRADER, "wrong pin", code_now(desk, key))
        await self.unlock(desk, code_now(desk, key))

        assert desk.lock.seat == Seat(Role.TRADER)
        assert desk.lock.doors[0] == Door(Role.TRADER, has_codes=True)

    @pytest.mark.parametrize("ahead_s", [-30, 0, 30])
    async def test_a_clock_may_be_off_by_one_step(self, tmp_path: Path, ahead_s: int) -> None:
        desk, key, _ = await self.with_codes(tmp_path)

        await self.unlock(desk, code_now(desk, key, ahead_s=ahead_s))

        assert desk.lock.seat == Seat(Role.TRADER)

    @pytest.mark.parametrize(
        ("ahead_s", "words"), [(-90, "about 1 m 30 s old"), (300, "about 5 m early")], ids=["old", "early"]
    )
    async def test_a_clock_that_is_off_by_more_is_told(
        self, tmp_path: Path, ahead_s: int, words: str
    ) -> None:
        desk, key, _ = await self.with_codes(tmp_path)
        await desk.clock.advance(600)

        with pytest.raises(CodeRefused, match=words):
            await self.unlock(desk, code_now(desk, key, ahead_s=ahead_s))

        assert desk.lock.seat == LOCKED

    async def test_a_code_is_good_once_also_over_a_restart(self, tmp_path: Path) -> None:
        desk, key, _ = await self.with_codes(tmp_path)
        code = code_now(desk, key)
        await self.unlock(desk, code)

        again = desk.again()

        with pytest.raises(CodeRefused, match="used already"):
            await self.unlock(again, code)

    async def test_one_older_than_a_code_that_was_taken_is_refused(self, tmp_path: Path) -> None:
        desk, key, _ = await self.with_codes(tmp_path)
        older = code_now(desk, key, ahead_s=-30)
        await self.unlock(desk, code_now(desk, key))
        desk.lock.lock()

        with pytest.raises(CodeRefused, match="used already"):
            await self.unlock(desk, older)

    async def test_the_code_that_set_them_up_opens_nothing(self, tmp_path: Path) -> None:
        desk = await unlocked(tmp_path, Role.TRADER)
        key = new_key()
        code = code_now(desk, key)
        await desk.keys.use_codes(key, code)
        desk.lock.lock()

        with pytest.raises(CodeRefused, match="used already"):
            await self.unlock(desk, code)

    async def test_wrong_codes_count_as_wrong_tries(self, tmp_path: Path) -> None:
        desk, _, _ = await self.with_codes(tmp_path)

        for _ in range(3):
            with pytest.raises(CodeRefused):
                await self.unlock(desk, "000 000x")

        assert [each.detail for each in desk.trail.entries][-1] == "wrong code, 3 in a row"

    async def test_a_recovery_code_is_good_once(self, tmp_path: Path) -> None:
        desk, _, recovery = await self.with_codes(tmp_path)

        await self.unlock(desk, recovery[3].lower())
        desk.lock.lock()
        with pytest.raises(CodeRefused):
            await self.unlock(desk, recovery[3])
        await self.unlock(desk, recovery[4].replace("-", " "))

        assert desk.lock.seat == Seat(Role.TRADER)
        assert len(set(recovery)) == 8

    async def test_a_code_is_good_once_also_where_the_keyring_takes_nothing(self, tmp_path: Path) -> None:
        desk, key, recovery = await self.with_codes(tmp_path)
        desk.keyring.is_read_only = True
        codes = code_now(desk, key), recovery[3]

        for code in codes:
            await self.unlock(desk, code)
            desk.lock.lock()

        for code in codes:
            with pytest.raises(CodeRefused):
                await self.unlock(desk, code)
        await self.unlock(desk, recovery[4])
        assert desk.lock.seat == Seat(Role.TRADER)

    async def test_a_code_of_another_authenticator_sets_nothing_up(self, tmp_path: Path) -> None:
        desk = await unlocked(tmp_path, Role.TRADER)

        with pytest.raises(CodeRefused):
            await desk.keys.use_codes(new_key(), code_now(desk, new_key()))

        assert desk.lock.doors[0] == Door(Role.TRADER, has_codes=False)

    async def test_an_admin_takes_a_lost_authenticator_away(self, tmp_path: Path) -> None:
        desk, _, _ = await self.with_codes(tmp_path)
        await desk.lock.unlock(Role.ADMIN, PINS[Role.ADMIN])

        await desk.keys.drop_codes(Role.TRADER)
        desk.lock.lock()
        await self.unlock(desk, "")

        assert desk.lock.seat == Seat(Role.TRADER)

    async def test_another_pin_leaves_them(self, tmp_path: Path) -> None:
        desk, _, _ = await self.with_codes(tmp_path)
        await desk.lock.unlock(Role.ADMIN, PINS[Role.ADMIN])

        await desk.keys.set_pin(Role.TRADER, "quite another")

        assert desk.lock.doors[0] == Door(Role.TRADER, has_codes=True)

    async def test_three_roles_with_codes_fit_into_an_entry_of_windows_keyring(self, tmp_path: Path) -> None:
        desk = await unlocked(tmp_path, Role.ADMIN)
        pins = {**PINS, Role.VIEWER: "look but do not touch"}
        await desk.keys.set_pin(Role.VIEWER, pins[Role.VIEWER])
        for role in (Role.ADMIN, Role.TRADER):
            await desk.lock.unlock(role, pins[role])
            key = new_key()
            await desk.keys.use_codes(key, code_now(desk, key))

        entry = json.dumps(desk.keyring.entries["app.lock"])

        assert len(entry) < 1_280

    async def test_nothing_that_opens_the_lock_shows_itself(self, tmp_path: Path) -> None:
        desk, key, recovery = await self.with_codes(tmp_path)

        shown = " ".join([repr(desk.trail.entries), (tmp_path / "settings.json").read_text()])

        assert not any(secret in shown for secret in (key, *recovery, *PINS.values()))
        assert not any(
            secret in text
            for text in desk.keyring.entries["app.lock"].values()
            for secret in (*recovery, *PINS.values())
        )
