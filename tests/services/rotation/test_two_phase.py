from pathlib import Path

import pytest

from tests.fakes import MemoryKeeper
from tests.services.rotation.desk import DAY_S, HOUR_S, OLD, Issuer, keyring_with, rotation_desk
from tradeassist_desktop.domain.audit import AuditAct, AuditResult
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.rotation import Rotation, RotationFailed, RotationStep
from tradeassist_desktop.domain.secret import SMTP, KeeperRefused, KeeperSilent
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.storage.faults import StorageFailed
from tradeassist_desktop.storage.rotations import RotationStore

WITH = {"rotate.smtp": "30d"}


def steps_of(desk) -> list[str]:
    return [step for _, step, _ in desk.steps]


async def test_a_secret_is_replaced_when_its_interval_is_over(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), keyring_with()
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}, given=WITH) as desk:
        await desk.after(29 * DAY_S)
        before = await desk.text_of()
        await desk.after(DAY_S + 60)

        assert (before, await desk.text_of()) == ("first-password", "password-2")
        assert steps_of(desk) == ["keep", "make", "verify", "switch", "retire"]
        assert desk.replaced == [SMTP]
        assert keyring.kept[SMTP] == {"user": "desk", "password": "password-2"}


async def test_the_old_one_works_for_a_grace_and_is_ended_then(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), keyring_with()
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}) as desk:
        await desk.service.rotate_now(SMTP)
        await desk.after(1.9 * HOUR_S)
        in_grace = set(issuer.valid)
        await desk.after(0.2 * HOUR_S)

    assert in_grace == {"first-password", "password-2"}
    assert issuer.valid == {"password-2"}
    assert set(keyring.kept) == {SMTP}, "copies are left"
    assert steps_of(desk)[-2:] == ["retire", "idle"]


async def test_nobody_reads_a_new_one_before_it_is_verified(tmp_path: Path) -> None:
    issuer, read = Issuer(), []
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}) as desk:
        verify = issuer.verify

        async def verify_and_look(secret) -> None:
            read.append(await desk.text_of())
            await verify(secret)

        issuer.verify = verify_and_look
        await desk.service.rotate_now(SMTP)

    assert read == ["first-password"]


async def test_one_that_does_not_work_is_forgotten_and_ended(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), keyring_with()
    issuer.failures["verify"] = [RotationFailed("the server refused it", retry=False)]
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}) as desk:
        outcome = await desk.service.rotate_now(SMTP)

        assert (outcome.is_done, outcome.words) == (False, "the server refused it")
        assert await desk.text_of() == "first-password"
        assert issuer.valid == {"first-password"}
        assert set(keyring.kept) == {SMTP}
        assert desk.standing().failure == "the server refused it"
        assert desk.standing().step is RotationStep.IDLE


async def test_row_50_a_server_that_quotes_the_new_secret_has_it_neither_stored_nor_told(
    tmp_path: Path,
) -> None:
    issuer = Issuer()
    issuer.failures["verify"] = [RotationFailed("535 password-2 is not known here", retry=False)]
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}) as desk:
        outcome = await desk.service.rotate_now(SMTP)
        told = [*map(str, desk.told.notices.values()), *map(str, desk.steps), *map(str, desk.trail.entries)]
        failure = desk.standing().failure

    assert outcome.words == failure == "535 ••• is not known here"
    assert [words for words in told if "password-2" in words] == []


async def test_where_it_cannot_be_told_whether_it_works_it_is_asked_again_and_made_once(
    tmp_path: Path,
) -> None:
    issuer = Issuer()
    issuer.failures["verify"] = [RotationFailed("no answer", retry=True)] * 2
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}) as desk:
        await desk.service.rotate_now(SMTP)
        old = await desk.text_of()
        await desk.after(90)
        await desk.after(150)

        assert (old, await desk.text_of()) == ("first-password", "password-2")
        assert issuer.calls == ["make", "verify", "verify", "verify"]


async def test_failures_are_tried_again_at_growing_intervals_and_told_after_three(tmp_path: Path) -> None:
    issuer = Issuer()
    issuer.failures["make"] = [RotationFailed("no answer", retry=True)] * 100
    tries = []
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}, given=WITH) as desk:
        await desk.after(30 * DAY_S - 60)
        for minutes in range(12):
            await desk.after(60)
            tries.append((minutes, issuer.calls.count("make"), len(desk.told.titles())))

        assert issuer.calls.count("make") in (3, 4)
        assert [count for _, count, _ in tries][:3] in ([1, 2, 2], [1, 1, 2])
        assert desk.told.titles() == ["Mail password: no new one after 3 tries"]
        assert await desk.text_of() == "first-password"

        issuer.failures.clear()
        await desk.after(HOUR_S)

        assert await desk.text_of() == "password-2"
        assert len(desk.told.settled) == 1


async def test_a_keeper_that_refuses_is_found_out_before_anything_is_made(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), keyring_with()
    keyring.write_failure = KeeperRefused("versions.add is missing", keeper="keyring")
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}) as desk:
        outcome = await desk.service.rotate_now(SMTP)

    assert not outcome.is_done
    assert issuer.calls == []


async def test_a_secret_of_the_environment_is_not_replaced_where_nothing_could_keep_the_new_one(
    tmp_path: Path,
) -> None:
    issuer = Issuer()
    environment = EnvironmentKeeper(environment={"SMTP_USER": "desk", "SMTP_PASSWORD": "first-password"})
    async with rotation_desk(tmp_path, keepers=[environment], own={SMTP: issuer}) as desk:
        outcome = await desk.service.rotate_now(SMTP)

    assert outcome.words == (
        "it comes from the environment, and no place on this computer could keep a new one"
    )
    assert issuer.calls == []


async def test_a_new_one_that_cannot_be_kept_stays_in_memory_is_told_loudly_and_kept_later(
    tmp_path: Path,
) -> None:
    issuer, keyring = Issuer(), keyring_with()
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}) as desk:
        make = issuer.make

        async def make_and_break(secret):
            made = await make(secret)
            keyring.write_failure = KeeperRefused("the disk is full", keeper="keyring")
            return made

        issuer.make = make_and_break
        await desk.service.rotate_now(SMTP)
        during = await desk.text_of()
        titles = desk.told.titles()
        keyring.write_failure = None
        await desk.after(60)

        assert (during, await desk.text_of()) == ("first-password", "password-2")
        assert titles == ["Mail password: a new one came and cannot be kept"]
        assert issuer.calls == ["make", "verify"]


async def test_a_text_that_a_person_gives_meanwhile_stays(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), keyring_with()
    issuer.failures["verify"] = [RotationFailed("no answer", retry=True)]
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}) as desk:
        await desk.service.rotate_now(SMTP)
        await desk.secrets.write(SMTP, {"user": "desk", "password": "by-hand"}, who="channel setup")
        await desk.after(120)

        assert await desk.text_of() == "by-hand"
        assert issuer.valid == {"first-password"}, "the one that was made is ended"
        assert set(keyring.kept) == {SMTP}
        assert desk.standing().step is RotationStep.IDLE


async def test_a_text_that_a_person_gives_ends_a_rotation_that_cannot_go_on(tmp_path: Path) -> None:
    issuer = Issuer()
    issuer.failures["verify"] = [RotationFailed("no answer", retry=True)] * 100
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}) as desk:
        await desk.service.rotate_now(SMTP)
        await desk.secrets.write(SMTP, {"user": "desk", "password": "by-hand"}, who="channel setup")
        await desk.after(120)

        assert issuer.calls.count("verify") == 1
        assert await desk.text_of() == "by-hand"
        assert desk.standing().step is RotationStep.IDLE


async def test_an_old_one_that_is_put_back_by_hand_is_not_ended(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), keyring_with()
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}) as desk:
        await desk.service.rotate_now(SMTP)
        await desk.secrets.write(SMTP, OLD, who="channel setup")
        await desk.after(3 * HOUR_S)

        assert await desk.text_of() == "first-password"
        assert "first-password" in issuer.valid
        assert set(keyring.kept) == {SMTP}


async def test_one_in_use_is_not_ended_where_its_copies_were_lost(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), keyring_with()
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}) as desk:
        put = keyring.write

        async def put_and_lose(name, secret):
            version = await put(name, secret)
            if name == SMTP:
                del keyring.kept[f"{SMTP}.previous"]
                keyring.write = put
                raise KeeperSilent("no answer", keeper="keyring")
            return version

        keyring.write = put_and_lose
        await desk.service.rotate_now(SMTP)
        await desk.after(120)

        assert await desk.text_of() == "password-2"
        assert "password-2" in issuer.valid


async def test_one_that_cannot_be_ended_does_not_keep_a_rotation_from_its_end(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), keyring_with()
    issuer.failures["verify"] = [RotationFailed("the server refused it", retry=False)]
    issuer.failures["retire"] = [ZeroDivisionError()]
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: issuer}) as desk:
        outcome = await desk.service.rotate_now(SMTP)
        await desk.after(120)

        assert outcome.words == "the server refused it"
        assert desk.standing().step is RotationStep.IDLE
        assert await desk.text_of() == "first-password"
        assert set(keyring.kept) == {SMTP}


async def test_of_a_secret_that_is_taken_out_no_copy_is_left(tmp_path: Path) -> None:
    keyring = keyring_with()
    async with rotation_desk(tmp_path, keepers=[keyring], own={SMTP: Issuer()}) as desk:
        await desk.service.rotate_now(SMTP)
        await desk.settle()
        before = set(keyring.kept)
        await desk.secrets.delete(SMTP, who="channel setup")
        await desk.after(31)

        assert before == {SMTP, f"{SMTP}.previous"}
        assert keyring.kept == {}


async def test_another_place_that_still_has_the_old_one_is_named(tmp_path: Path) -> None:
    issuer, keyring = Issuer(), MemoryKeeper()
    manager = MemoryKeeper("secret manager", is_prompt=True)
    manager.kept[SMTP] = dict(OLD)
    manager.can_write = False
    async with rotation_desk(tmp_path, keepers=[manager, keyring], own={SMTP: issuer}) as desk:
        outcome = await desk.service.rotate_now(SMTP)

        assert not outcome.is_done
        assert outcome.words.startswith(
            "the new one was kept (keyring), but the secret manager is asked first"
        )
        assert "first-password" in issuer.valid


async def test_while_its_keeper_cannot_be_asked_nothing_is_made(tmp_path: Path) -> None:
    issuer, manager = Issuer(), MemoryKeeper("secret manager", is_prompt=True, is_remote=True)
    manager.kept[SMTP] = dict(OLD)
    async with rotation_desk(tmp_path, keepers=[manager], own={SMTP: issuer}) as desk:
        await desk.text_of()
        manager.failure = KeeperSilent("no answer", keeper="secret manager")
        outcome = await desk.service.rotate_now(SMTP)

    assert (outcome.is_done, outcome.words) == (False, "the secret manager cannot be asked")
    assert issuer.calls == []


async def test_a_keeper_that_has_not_answered_yet_is_said_to_be_silent(tmp_path: Path) -> None:
    manager = keyring_with()
    manager.failure = KeeperSilent("Secret Manager did not answer", keeper="secret manager")
    async with rotation_desk(tmp_path, keepers=[manager], own={SMTP: Issuer()}, runs=False) as desk:
        with pytest.raises(TradeAssistError, match="Mail password: Secret Manager did not answer"):
            await desk.service.rotate_now(SMTP)


async def test_a_step_that_cannot_be_written_down_is_not_done(tmp_path: Path) -> None:
    issuer = Issuer()

    class FullDisk(RotationStore):
        is_full = True

        async def keep(self, rotation: Rotation) -> None:
            if rotation.step is RotationStep.MAKE and self.is_full:
                raise StorageFailed("The disk is full.")
            await super().keep(rotation)

    async with rotation_desk(
        tmp_path,
        keepers=[keyring_with()],
        own={SMTP: issuer},
        kept=lambda database: FullDisk(database=database),
    ) as desk:
        outcome = await desk.service.rotate_now(SMTP)
        made = issuer.calls.count("make")
        FullDisk.is_full = False
        await desk.after(120)

        assert (outcome.words, made) == ("The disk is full.", 0)
        assert await desk.text_of() == "password-2"


async def test_two_who_ask_at_once_share_one_rotation(tmp_path: Path) -> None:
    import asyncio

    issuer = Issuer()
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}) as desk:
        outcomes = await asyncio.gather(*(desk.service.rotate_now(SMTP) for _ in range(2)))

    assert [outcome.is_done for outcome in outcomes] == [True, True]
    assert issuer.calls.count("make") == 1


async def test_row_52_each_step_and_each_failure_is_in_the_audit_log_without_a_text(tmp_path: Path) -> None:
    issuer = Issuer()
    issuer.failures["make"] = [RotationFailed("no answer", retry=True)]
    async with rotation_desk(tmp_path, keepers=[keyring_with()], own={SMTP: issuer}) as desk:
        await desk.service.rotate_now(SMTP)
        await desk.after(90)
        await desk.after(3 * HOUR_S)

    told = [
        (entry.detail, entry.result)
        for entry in desk.trail.entries
        if entry.act is AuditAct.ROTATE and entry.what == SMTP
    ]
    assert told == [
        ("keep", AuditResult.OK),
        ("make", AuditResult.OK),
        ("make: no answer", AuditResult.FAILED),
        ("verify", AuditResult.OK),
        ("switch", AuditResult.OK),
        ("retire", AuditResult.OK),
        ("done", AuditResult.OK),
    ]
    assert all(entry.who in ("rotation", "a reader") for entry in desk.trail.entries)
    written = repr(desk.trail.entries)
    assert not [text for text in ("first-password", "password-2") if text in written]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("slack.webhook", "there is nothing to replace, none has been given", id="absent"),
        pytest.param("smtp", "Make a new password where your mail is", id="only a person can"),
        pytest.param("schwab.token", "Sign in anew with one click", id="by signing in"),
        pytest.param("cache.key", "no copies on this computer", id="no copies"),
        pytest.param("ssh.key", "no such secret", id="unknown"),
    ],
)
async def test_what_cannot_be_replaced_here_says_what_to_do(tmp_path: Path, name: str, words: str) -> None:
    async with rotation_desk(tmp_path, keepers=[keyring_with()], runs=False) as desk:
        with pytest.raises(TradeAssistError, match=words):
            await desk.service.rotate_now(name)
