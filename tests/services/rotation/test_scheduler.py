from pathlib import Path

import pytest

from tests.fakes import NS_PER_SECOND, ManualClock, MemoryKeeper
from tests.services.rotation.desk import DAY_S, HOUR_S, OLD, Issuer, Told, keyring_with, rotation_desk
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.rotation import CACHE_KEY, RotationFailed, RotationStep, WhoRotates
from tradeassist_desktop.domain.secret import SCHWAB_TOKEN, SLACK_WEBHOOK, SMTP, KeeperSilent

WITH = {"rotate.smtp": "30d"}


class KeyOfCopies:
    """A cache's key, which counts how often it was renewed."""

    def __init__(self, *, has_key: bool = True) -> None:
        self.has_key = has_key
        self.renewed = 0
        self.failures: list[Exception] = []

    async def rotate_key(self) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.renewed += 1


def wall(clock: ManualClock, days: float) -> None:
    clock.set_wall(clock.now_ns() + round(days * DAY_S * NS_PER_SECOND))


async def test_an_interval_is_counted_over_restarts(tmp_path: Path) -> None:
    issuer, keyring, clock = Issuer(), keyring_with(), ManualClock()
    for days in (20, 9):
        async with rotation_desk(
            tmp_path, keepers=[keyring], own={SMTP: issuer}, given=WITH, clock=clock
        ) as desk:
            await desk.after(days * DAY_S)
            assert issuer.calls == []
    async with rotation_desk(
        tmp_path, keepers=[keyring], own={SMTP: issuer}, given=WITH, clock=clock
    ) as desk:
        await desk.after(1.1 * DAY_S)

        assert await desk.text_of() == "password-2"
        assert issuer.calls == ["make", "verify"]


async def test_what_became_due_while_the_computer_slept_is_done_within_half_a_minute(tmp_path: Path) -> None:
    issuer = Issuer()
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}, given=WITH) as desk:
        wall(desk.clock, 31)  # the wall clock goes on, the clock of waits does not
        await desk.after(31)

        assert await desk.text_of() == "password-2"


async def test_a_clock_that_was_ahead_does_not_put_a_rotation_off_for_years(tmp_path: Path) -> None:
    issuer, clock = Issuer(), ManualClock()
    wall(clock, 3_650)
    async with rotation_desk(
        tmp_path, keepers=[keyring_with()], own={SMTP: issuer}, given=WITH, clock=clock
    ) as desk:
        wall(clock, -3_650)
        await desk.after(60)
        at_first = list(issuer.calls)
        await desk.after(30 * DAY_S)

        assert at_first == []
        assert await desk.text_of() == "password-2"


async def test_a_clock_set_back_holds_up_no_second_try(tmp_path: Path) -> None:
    issuer = Issuer()
    issuer.failures["make"] = [RotationFailed("no answer", retry=True)]
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}) as desk:
        await desk.service.rotate_now(SMTP)
        wall(desk.clock, -2)
        await desk.after(60)

        assert await desk.text_of() == "password-2"


async def test_a_policy_holds_as_soon_as_it_is_set(tmp_path: Path) -> None:
    issuer = Issuer()
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}) as desk:
        await desk.after(40 * DAY_S)
        before = await desk.text_of()
        await desk.settings.set("rotate.smtp", "30d")
        await desk.settle()

        assert (before, await desk.text_of()) == ("first-password", "password-2")


async def test_off_is_never(tmp_path: Path) -> None:
    issuer = Issuer()
    off = {"rotate.smtp": "off"}
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}, given=off) as desk:
        await desk.after(1_000 * DAY_S)

        assert (issuer.calls, desk.told.titles()) == ([], [])
        assert desk.standing().due_ns is None


async def test_a_secret_that_ends_sooner_than_its_policy_looks_ahead_is_not_replaced_without_end(
    tmp_path: Path,
) -> None:
    issuer, clock = Issuer(), ManualClock()
    issuer.ends = True
    make = issuer.make

    async def make_short(secret):
        made = await make(secret)
        return type(made)({**made, "expires_ns": str(clock.now_ns() + 60 * NS_PER_SECOND)})

    issuer.make = make_short
    given = {"rotate.smtp": "before 2h"}
    async with rotation_desk(
        tmp_path, keepers=[keyring_with()], own={SMTP: issuer}, given=given, clock=clock
    ) as desk:
        for _ in range(60):
            await desk.after(60)

    assert issuer.calls.count("make") == 7, "at once, and then every ten minutes"


async def test_what_a_kept_secret_s_keeper_cannot_tell_is_asked_again(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), keyring_with()
    keyring.failure = KeeperSilent("locked", keeper="keyring")
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}, given=WITH) as desk:
        await desk.after(60)
        absent = desk.standing().is_present
        keyring.failure = None
        for _ in range(12):
            await desk.after(30)

        assert (absent, desk.standing().is_present) == (False, True)


async def test_a_locked_keyring_is_not_asked_at_the_start_by_who_never_gave_a_secret(tmp_path: Path) -> None:
    keyring = MemoryKeeper()
    async with rotation_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.after(DAY_S)
        before = keyring.reads
        await desk.secrets.write(SMTP, OLD, who="channel setup")
        await desk.after(60)

        assert before == 0
        assert desk.standing().is_present
    async with rotation_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.settle()

        assert desk.standing().is_present


async def test_a_keyring_that_waits_for_a_person_is_said_to_and_gone_on_with_once_it_is_unlocked(
    tmp_path: Path,
) -> None:
    issuer, keyring = Issuer(), MemoryKeeper()
    manager = MemoryKeeper("secret manager", is_prompt=True)
    manager.kept[SMTP] = {**OLD, "expires_ns": "1"}
    keyring.is_open.clear()
    given = {
        "rotate.smtp": "before 2h",
        "smtp.host": "smtp.example.com",
        "slack.channel": "#alerts",
        "secrets.gcp.project": "a-project",
    }
    async with rotation_desk(tmp_path, keepers=[manager, keyring], own={SMTP: issuer}, given=given) as desk:
        for _ in range(30):
            await desk.after(11)
        failure = desk.standing().failure
        keyring.is_open.set()
        for _ in range(30):
            await desk.after(11)

        assert failure == "the keyring does not answer: unlock it"
        assert await desk.text_of() == "password-2"


async def test_a_secret_is_known_once_a_channel_has_read_it(tmp_path: Path) -> None:
    keyring = MemoryKeeper()
    keyring.kept[SMTP] = dict(OLD)
    async with rotation_desk(tmp_path, keepers=[keyring]) as desk:
        before = desk.standing().is_present
        await desk.text_of()
        await desk.settle()

        assert (before, desk.standing().is_present) == (False, True)


async def test_where_a_channel_is_set_up_its_secret_is_looked_for_at_the_start(tmp_path: Path) -> None:
    keyring = MemoryKeeper()
    keyring.kept[SMTP] = dict(OLD)
    given = {"smtp.host": "smtp.example.com"}
    async with rotation_desk(tmp_path, keepers=[keyring], given=given) as desk:
        await desk.settle()

        assert desk.standing().is_present


async def test_what_another_desk_has_replaced_is_not_replaced_again(tmp_path: Path) -> None:
    issuer, keyring, clock = Issuer(), keyring_with(), ManualClock()
    keyring.kept[SMTP] = {**OLD, "expires_ns": str(clock.now_ns() + 3 * HOUR_S * NS_PER_SECOND)}
    given = {"rotate.smtp": "before 2h"}
    async with rotation_desk(
        tmp_path, keepers=[keyring], own={SMTP: issuer}, given=given, clock=clock
    ) as desk:
        await desk.after(0.8 * HOUR_S)
        later_ns = clock.now_ns() + 12 * HOUR_S * NS_PER_SECOND
        keyring.kept[SMTP] = {"user": "desk", "password": "of-the-other", "expires_ns": str(later_ns)}
        await desk.after(0.5 * HOUR_S)

        assert issuer.calls == []
        assert desk.standing().failure == ""


# --- the key of the copies


async def test_the_key_of_the_copies_is_renewed_every_ninety_days(tmp_path: Path) -> None:
    key = KeyOfCopies()
    async with rotation_desk(tmp_path, keepers=[MemoryKeeper()], key=key) as desk:
        await desk.after(89 * DAY_S)
        early = key.renewed
        await desk.after(2 * DAY_S)

        assert (early, key.renewed) == (0, 1)
        assert [step for name, step, _ in desk.steps if name == CACHE_KEY] == ["switch", "idle"]


async def test_a_key_that_cannot_be_renewed_is_tried_again(tmp_path: Path) -> None:
    key = KeyOfCopies()
    key.failures = [KeeperSilent("the keyring is locked", keeper="keyring")]
    async with rotation_desk(tmp_path, keepers=[MemoryKeeper()], key=key) as desk:
        outcome = await desk.service.rotate_now(CACHE_KEY)
        await desk.after(120)

        assert outcome.words == "the keyring is locked"
        assert key.renewed == 1


async def test_a_renewal_broken_off_is_done_by_the_next_run(tmp_path: Path) -> None:
    import asyncio

    key, clock = KeyOfCopies(), ManualClock()
    hangs = asyncio.Event()

    class Hanging(KeyOfCopies):
        async def rotate_key(self) -> None:
            hangs.set()
            await asyncio.Event().wait()

    async with rotation_desk(tmp_path, keepers=[MemoryKeeper()], key=Hanging(), clock=clock) as desk:
        asked = asyncio.create_task(desk.service.rotate_now(CACHE_KEY))
        await hangs.wait()
    await asyncio.gather(asked, return_exceptions=True)
    async with rotation_desk(tmp_path, keepers=[MemoryKeeper()], key=key, clock=clock) as desk:
        assert key.renewed == 1


async def test_without_copies_there_is_no_key_to_renew(tmp_path: Path) -> None:
    key = KeyOfCopies(has_key=False)
    async with rotation_desk(tmp_path, keepers=[MemoryKeeper()], key=key) as desk:
        await desk.after(400 * DAY_S)

        assert key.renewed == 0
        assert not desk.standing(CACHE_KEY).is_present


# --- reminders


async def test_a_person_is_reminded_once_a_day_also_over_restarts(tmp_path: Path) -> None:
    keyring, clock, told = keyring_with(), ManualClock(), Told()
    counts = []
    for days in (179.5, 1, 0.25, 1, 1):
        async with rotation_desk(tmp_path, keepers=[keyring], clock=clock, told=told) as desk:
            await desk.after(days * DAY_S)
            counts.append(len(told.notices))

    assert counts == [0, 1, 1, 2, 3]
    title, text, priority = next(iter(told.notices.values()))
    assert title == "Mail password: time for a new one"
    assert text.startswith("It is 180 days old or more. Make a new password where your mail is")
    assert priority is Priority.LOW


async def test_a_reminder_rests_for_as_long_as_it_was_put_off(tmp_path: Path) -> None:
    async with rotation_desk(tmp_path, keepers=[keyring_with()]) as desk:
        await desk.after(180.5 * DAY_S)
        before = len(desk.told.notices)
        shows = [desk.standing().is_reminded_of(desk.clock.now_ns())]
        await desk.service.snooze(SMTP, days=7)
        await desk.after(6 * DAY_S)
        during = len(desk.told.notices)
        shows.append(desk.standing().is_reminded_of(desk.clock.now_ns()))
        await desk.after(2 * DAY_S)
        shows.append(desk.standing().is_reminded_of(desk.clock.now_ns()))

        assert shows == [True, False, True]
        assert (before, during, len(desk.told.notices)) == (1, 1, 2)
        assert len(desk.told.settled) == 1


async def test_a_new_password_ends_the_reminders_and_begins_the_count_anew(tmp_path: Path) -> None:
    async with rotation_desk(tmp_path, keepers=[keyring_with()]) as desk:
        await desk.after(180.5 * DAY_S)
        await desk.secrets.write(SMTP, {**OLD, "password": "by-hand"}, who="channel setup")
        await desk.after(179 * DAY_S)
        before = len(desk.told.notices)
        await desk.after(1.5 * DAY_S)

        assert (before, len(desk.told.notices)) == (1, 2)
        assert len(desk.told.settled) == 1


async def test_nobody_is_reminded_of_what_is_not_there(tmp_path: Path) -> None:
    async with rotation_desk(tmp_path, keepers=[MemoryKeeper()]) as desk:
        await desk.after(1_000 * DAY_S)

        assert desk.told.titles() == []
        with pytest.raises(TradeAssistError, match="nothing is due"):
            await desk.service.snooze(SMTP, days=1)


# --- standings


async def test_each_secret_says_who_replaces_it_and_when(tmp_path: Path) -> None:
    keyring = keyring_with()
    keyring.kept[SLACK_WEBHOOK] = {"url": "https://hooks.slack.com/services/x"}
    keyring.kept[SCHWAB_TOKEN] = {"app_key": "k", "refresh_token": "r", "authorized_ns": str(10**18)}
    clock = ManualClock()
    begun_ns = clock.now_ns()
    async with rotation_desk(
        tmp_path, keepers=[keyring], own={SMTP: Issuer()}, clock=clock, key=KeyOfCopies()
    ) as desk:
        smtp, hook = desk.standing(), desk.standing(SLACK_WEBHOOK)
        token, key = desk.standing(SCHWAB_TOKEN), desk.standing(CACHE_KEY)

    assert (smtp.who, smtp.policy, smtp.can_rotate_now) == (WhoRotates.PROGRAM, "180d", True)
    assert smtp.due_ns == begun_ns + 180 * DAY_S * NS_PER_SECOND
    assert (hook.who, hook.can_rotate_now) == (WhoRotates.PERSON, False)
    assert hook.hint.startswith("Add a new webhook in your Slack app")
    assert (token.who, token.policy) == (WhoRotates.SIGN_IN, "seven days, by signing in")
    assert token.due_ns == 10**18 + 7 * DAY_S * NS_PER_SECOND
    assert (key.who, key.policy) == (WhoRotates.PROGRAM, "90d")


async def test_a_failure_is_shown_with_its_reason_and_the_next_try(tmp_path: Path) -> None:
    issuer = Issuer()
    issuer.failures["make"] = [RotationFailed("no answer", retry=True)]
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}, runs=False) as desk:
        await desk.service.rotate_now(SMTP)
        failed = desk.standing()
        await desk.service.rotate_now(SMTP)
        mended = desk.standing()

    assert (failed.step, failed.failure, failed.failures) == (RotationStep.MAKE, "no answer", 1)
    assert failed.retry_ns is not None
    assert (mended.step, mended.failure, mended.retry_ns) == (RotationStep.RETIRE, "", None)
    assert mended.rotated_ns is not None


async def test_a_rotator_that_breaks_in_a_way_nobody_foresaw_is_a_failure_like_any(tmp_path: Path) -> None:
    issuer = Issuer()
    issuer.failures["make"] = [ZeroDivisionError("first-password")]
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}) as desk:
        outcome = await desk.service.rotate_now(SMTP)

    assert outcome.words == "it broke: ZeroDivisionError"
