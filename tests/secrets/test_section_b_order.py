"""FAULTS.md section B, rows 28, 29, 31 and 41: who answers, in what order, and when one does not."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import store_of
from tests.secrets.conftest import WHO, Shelf
from tradeassist_desktop.domain.secret import (
    NOBODY,
    SCHWAB_APP,
    SLACK_BOT,
    SMTP,
    WEBHOOK,
    KeeperConflict,
    KeeperRefused,
    KeeperSilent,
    KeptSecret,
)
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.services.settings import Settings

MANAGER = "secret manager"


def silent(words: str = "Secret Manager does not answer", retry_after_s: float | None = None) -> KeeperSilent:
    return KeeperSilent(words, keeper=MANAGER, retry_after_s=retry_after_s)


def refused() -> KeeperRefused:
    return KeeperRefused("permission secretmanager.versions.access is missing", keeper=MANAGER)


def token_of(kept: KeptSecret | None) -> tuple[str, str] | None:
    return None if kept is None else (kept.secret["token"], kept.source)


async def test_row_41_each_source_removed_in_turn_the_next_one_in_order_answers(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "of the manager"}
    shelf.keyring.kept[SLACK_BOT] = {"token": "of the keyring"}
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"
    answers = []

    answers.append(token_of(await shelf.read(SLACK_BOT)))
    answers.append(token_of(await shelf.read(SLACK_BOT)))  # from memory
    del shelf.manager.kept[SLACK_BOT]
    await shelf.restart()
    answers.append(token_of(await shelf.read(SLACK_BOT)))  # the unexpired copy on disk
    await shelf.clock.advance(3_601)
    answers.append(token_of(await shelf.read(SLACK_BOT)))
    del shelf.keyring.kept[SLACK_BOT]
    await shelf.restart()
    answers.append(token_of(await shelf.read(SLACK_BOT)))
    shelf.variables["SLACK_BOT_TOKEN"] = ""
    await shelf.restart()
    answers.append(token_of(await shelf.read(SLACK_BOT)))

    assert answers == [
        ("of the manager", MANAGER),
        ("of the manager", MANAGER),
        ("of the manager", MANAGER),
        ("of the keyring", "keyring"),
        ("of the environment", "environment"),
        None,
    ]
    assert [source for _, source, _ in shelf.told()] == [
        MANAGER, "memory", "cache", "keyring", "environment", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param((MANAGER, "keyring", "environment"), MANAGER, id="as it comes"),
        pytest.param(("environment", MANAGER, "keyring"), "environment", id="the environment first"),
        pytest.param(("keyring", "environment"), "keyring", id="without the manager"),
        pytest.param((), None, id="nobody"),
    ],
)
async def test_row_41_the_order_is_a_setting(
    shelf: Shelf, order: tuple[str, ...], expected: str | None
) -> None:
    for keeper in (shelf.manager, shelf.keyring):
        keeper.kept[SLACK_BOT] = {"token": keeper.name}
    shelf.variables["SLACK_BOT_TOKEN"] = "environment"
    shelf.order = order

    found = await shelf.read(SLACK_BOT)

    assert (found and found.source) == expected


async def test_row_41_a_copy_of_one_that_is_no_longer_asked_does_not_answer(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "of the manager"}
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"
    await shelf.read(SLACK_BOT)
    await shelf.restart()
    shelf.order = ("keyring", "environment")

    found = await shelf.read(SLACK_BOT)

    assert token_of(found) == ("of the environment", "environment")


async def test_an_order_that_changes_holds_at_the_next_read(shelf: Shelf) -> None:
    shelf.keyring.kept[SLACK_BOT] = {"token": "of the keyring"}
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"
    await shelf.read(SLACK_BOT)
    shelf.order = ("environment", "keyring")

    shelf.store.forget()
    found = await shelf.read(SLACK_BOT)

    assert token_of(found) == ("of the environment", "environment")


async def test_row_28_hanging_keepers_are_passed_over_within_five_seconds_in_all(shelf: Shelf) -> None:
    shelf.order = (MANAGER, "environment")
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"
    shelf.manager.is_open.clear()
    asking = asyncio.create_task(shelf.read(SLACK_BOT))

    await shelf.clock.advance(5)

    assert asking.done()
    assert token_of(await asking) == ("of the environment", "environment")


async def test_row_28_one_that_hangs_is_waited_for_by_the_first_who_asks_only(shelf: Shelf) -> None:
    shelf.order = (MANAGER, "environment")
    shelf.variables |= {"SLACK_BOT_TOKEN": "token", "WEBHOOK_URL": "https://hook.example/x"}
    shelf.manager.is_open.clear()
    asking = asyncio.create_task(shelf.read(SLACK_BOT))
    await shelf.clock.advance(3)
    await asking

    found = await shelf.read(WEBHOOK)  # at once: the clock stands still

    assert found is not None and found.source == "environment"
    assert shelf.manager.reads == 1


async def test_row_28_a_copy_answers_for_one_that_hangs_and_says_since_when(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "of the manager"}
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"
    await shelf.read(SLACK_BOT)
    await shelf.restart()
    await shelf.clock.advance(3_601)
    shelf.manager.is_open.clear()
    shelf.order = (MANAGER, "environment")

    asking = asyncio.create_task(shelf.read(SLACK_BOT))
    await shelf.clock.advance(3)
    while not asking.done():  # its file is read in a thread
        await asyncio.sleep(0.001)
        await shelf.clock.advance(0.1)
    found = await asking

    assert found is not None
    assert token_of(found) == ("of the manager", MANAGER)
    assert found.offline_since_ns is not None
    assert shelf.clock.now_ns() - found.offline_since_ns < 10 * 10**9


@pytest.mark.parametrize(("hours", "expected"), [(23.9, MANAGER), (24.1, "environment")])
async def test_a_copy_answers_until_the_grace_is_over(shelf: Shelf, hours: float, expected: str) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "of the manager"}
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"
    await shelf.read(SLACK_BOT)
    await shelf.restart()
    shelf.manager.failure = silent()

    await shelf.clock.advance(hours * 3_600)
    found = await shelf.read(SLACK_BOT)

    assert found is not None and found.source == expected


async def test_a_copy_in_memory_answers_for_a_keyring_that_was_locked_meanwhile(shelf: Shelf) -> None:
    shelf.keyring.kept[SMTP] = {"user": "desk", "password": "word"}
    await shelf.read(SMTP)
    await shelf.clock.advance(3_601)
    shelf.keyring.is_open.clear()

    found = await shelf.read(SMTP, at_once=True)

    assert found is not None and found.secret["password"] == "word"


async def test_row_31_one_that_asks_for_patience_is_left_alone_that_long(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "of the manager"}
    await shelf.read(SLACK_BOT)
    await shelf.clock.advance(3_601)
    shelf.manager.failure = silent("too many requests", retry_after_s=30)

    answers = []
    for _ in range(3):
        answers.append(await shelf.read(SLACK_BOT))
        await shelf.clock.advance(9)
    asked_meanwhile = shelf.manager.reads
    await shelf.clock.advance(5)
    shelf.manager.failure = None
    after = await shelf.read(SLACK_BOT)

    assert [token_of(each) for each in answers] == [("of the manager", MANAGER)] * 3
    assert all(each is not None and each.offline_since_ns is not None for each in answers)
    assert asked_meanwhile == 2
    assert after is not None and after.offline_since_ns is None


async def test_row_29_what_is_refused_outlives_its_time_nowhere(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "of the manager"}
    await shelf.read(SLACK_BOT)
    shelf.manager.failure = refused()

    within_its_time = await shelf.read(SLACK_BOT)
    await shelf.clock.advance(3_601)
    with pytest.raises(KeeperRefused, match=r"secretmanager\.versions\.access is missing"):
        await shelf.read(SLACK_BOT)
    shelf.manager.failure = silent()
    await shelf.clock.advance(10)
    with pytest.raises(KeeperSilent):
        await shelf.read(SLACK_BOT)
    await shelf.restart()
    with pytest.raises(KeeperSilent):
        await shelf.read(SLACK_BOT)

    assert token_of(within_its_time) == ("of the manager", MANAGER)
    assert not shelf.file(SLACK_BOT).exists()


async def test_row_29_a_refusal_is_not_asked_for_twice_by_itself_and_is_told(shelf: Shelf) -> None:
    shelf.manager.failure = refused()
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"

    found = await shelf.read(SLACK_BOT)

    assert token_of(found) == ("of the environment", "environment")
    assert shelf.manager.reads == 1
    assert shelf.told() == [("read", MANAGER, "refused"), ("read", "environment", "ok")]


async def test_what_a_keeper_has_no_longer_does_not_come_back_when_it_falls_silent(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "of the manager"}
    await shelf.read(SLACK_BOT)
    del shelf.manager.kept[SLACK_BOT]
    await shelf.clock.advance(3_601)
    gone = await shelf.read(SLACK_BOT)
    await shelf.restart()
    shelf.manager.failure = silent()

    assert gone is None
    assert await shelf.read(SLACK_BOT) is None


async def test_one_that_breaks_does_not_keep_the_next_from_being_asked(shelf: Shelf) -> None:
    shelf.manager.failure = RuntimeError("canary-in-a-message")  # type: ignore[assignment]
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"

    found = await shelf.read(SLACK_BOT)

    assert token_of(found) == ("of the environment", "environment")
    assert "canary" not in repr(shelf.trail.entries)


async def test_fifty_who_ask_at_once_are_one_question_and_each_is_told_of(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "of the manager"}
    shelf.manager.is_open.clear()
    asking = [asyncio.create_task(shelf.store.read(SLACK_BOT, who=f"asker {n}")) for n in range(50)]
    while not shelf.manager.reads:
        await asyncio.sleep(0.001)

    asking[0].cancel()  # the one whose question it is
    asking[7].cancel()
    await asyncio.sleep(0)
    shelf.manager.is_open.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)

    assert shelf.manager.reads == 1
    assert sum(isinstance(answer, asyncio.CancelledError) for answer in answers) == 2
    assert [token_of(each) for each in answers if isinstance(each, KeptSecret)] == [
        ("of the manager", MANAGER)
    ] * 48
    assert len({entry.who for entry in shelf.trail.entries}) == 48


async def test_row_52_each_who_asked_in_vain_is_told_of_also_while_nobody_is_asked(shelf: Shelf) -> None:
    shelf.manager.failure = silent()
    asking = [shelf.store.read(SLACK_BOT, who=f"asker {n}") for n in range(3)]
    await asyncio.gather(*asking, return_exceptions=True)

    with pytest.raises(KeeperSilent):  # a moment later the manager is left alone
        await shelf.store.read(SLACK_BOT, who="a late one")

    told = [(entry.who, str(entry.act), str(entry.result)) for entry in shelf.trail.entries]
    assert told == [(who, "read", "failed") for who in ("asker 0", "asker 1", "asker 2", "a late one")]


async def test_a_secret_is_asked_for_again_after_an_hour(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "old"}
    await shelf.read(SLACK_BOT)
    shelf.manager.kept[SLACK_BOT] = {"token": "new"}

    await shelf.clock.advance(3_599)
    before = await shelf.read(SLACK_BOT)
    await shelf.clock.advance(2)
    after = await shelf.read(SLACK_BOT)

    assert (token_of(before), token_of(after)) == (("old", MANAGER), ("new", MANAGER))


async def test_an_hour_passes_too_while_the_computer_sleeps(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "old"}
    await shelf.read(SLACK_BOT)
    shelf.manager.kept[SLACK_BOT] = {"token": "new"}

    shelf.clock.set_wall(shelf.clock.now_ns() + 8 * 3_600 * 10**9)

    assert token_of(await shelf.read(SLACK_BOT)) == ("new", MANAGER)


async def test_a_copy_of_the_last_start_lives_no_longer_than_its_hour(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "old"}
    await shelf.read(SLACK_BOT)
    await shelf.restart()
    shelf.manager.kept[SLACK_BOT] = {"token": "new"}
    await shelf.clock.advance(3_000)
    from_the_copy = await shelf.read(SLACK_BOT)

    await shelf.clock.advance(601)

    assert token_of(from_the_copy) == ("old", MANAGER)
    assert token_of(await shelf.read(SLACK_BOT)) == ("new", MANAGER)


# --- writing


async def test_what_is_written_goes_to_the_first_that_can_keep_it(shelf: Shelf) -> None:
    shelf.manager.can_write = False
    shelf.manager.kept.clear()

    kept = await shelf.write(SMTP, {"user": "desk", "password": "word"})

    assert (kept.source, shelf.keyring.kept[SMTP]) == ("keyring", {"user": "desk", "password": "word"})
    assert shelf.told() == [("write", "keyring", "ok")]


async def test_what_is_refused_where_it_is_kept_is_not_hidden_elsewhere(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "old"}
    shelf.manager.write_failure = refused()

    with pytest.raises(KeeperRefused):
        await shelf.write(SLACK_BOT, {"token": "new"})

    assert shelf.keyring.kept == {}
    assert token_of(await shelf.read(SLACK_BOT)) == ("old", MANAGER)


async def test_what_is_refused_where_it_is_not_kept_goes_to_the_next(shelf: Shelf) -> None:
    shelf.manager.write_failure = refused()

    kept = await shelf.write(SLACK_BOT, {"token": "new"})

    assert kept.source == "keyring"


async def test_what_a_silent_keeper_missed_answers_before_it_and_is_given_to_it_later(
    shelf: Shelf, until: Any
) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "used up"}
    shelf.manager.failure = shelf.manager.write_failure = silent()
    kept = await shelf.write(SLACK_BOT, {"token": "renewed"})
    await shelf.restart()

    shelf.manager.failure = None
    ahead = await shelf.read(SLACK_BOT)
    shelf.manager.write_failure = None
    await shelf.clock.advance(61)
    await shelf.read(SLACK_BOT)
    await until(lambda: shelf.manager.kept[SLACK_BOT] == {"token": "renewed"})
    await until(lambda: SLACK_BOT not in shelf.keyring.kept)
    await shelf.restart()
    afterwards = await shelf.read(SLACK_BOT)

    assert (kept.source, token_of(ahead)) == ("keyring", ("renewed", "keyring"))
    assert token_of(afterwards) == ("renewed", MANAGER)


async def test_without_any_keeper_a_secret_lives_for_this_run(shelf: Shelf) -> None:
    shelf.order = ("environment",)

    kept = await shelf.write(SLACK_BOT, {"token": "new"})
    await shelf.clock.advance(100_000)

    assert kept.source == NOBODY
    assert token_of(await shelf.read(SLACK_BOT, anew=True)) == ("new", NOBODY)


@pytest.mark.parametrize("turns", [0, 3, 10, 30, 100])
async def test_what_is_taken_out_is_gone_from_every_keeper_memory_and_disk(shelf: Shelf, turns: int) -> None:
    shelf.manager.kept[SLACK_BOT] = shelf.keyring.kept[SLACK_BOT] = {"token": "old"}
    await shelf.read(SLACK_BOT)
    for _ in range(turns):  # its copy is not begun, is being written, or is there
        await asyncio.sleep(0)

    is_gone = await shelf.store.delete(SLACK_BOT, who=WHO)

    assert is_gone and not shelf.manager.kept and not shelf.keyring.kept
    assert not shelf.file(SLACK_BOT).exists()
    assert await shelf.read(SLACK_BOT) is None


async def test_no_text_of_a_secret_is_in_the_audit_log_and_all_are_masked(shelf: Shelf) -> None:
    await shelf.write(SLACK_BOT, {"token": "canary-written"})
    shelf.variables["SMTP_USER"], shelf.variables["SMTP_PASSWORD"] = "canary-user", "canary-word"
    await shelf.read(SLACK_BOT)
    await shelf.read(SMTP)
    await shelf.store.delete(SLACK_BOT, who=WHO)

    assert "canary" not in repr(shelf.trail.entries)
    assert {"canary-written", "canary-user", "canary-word"} <= set(shelf.seen)


async def test_copies_of_another_project_do_not_answer(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "of one project"}
    await shelf.read(SLACK_BOT)
    await shelf.restart()
    await shelf.read(SLACK_BOT)

    shelf.project = "another project"
    shelf.store.forget(MANAGER)
    shelf.manager.failure = silent()

    with pytest.raises(KeeperSilent):
        await shelf.read(SLACK_BOT)


async def test_a_keeper_that_is_another_now_is_asked_though_it_was_silent(shelf: Shelf) -> None:
    shelf.manager.failure = silent(retry_after_s=60)
    with pytest.raises(KeeperSilent):
        await shelf.read(SLACK_BOT)

    shelf.manager.failure, shelf.manager.kept[SLACK_BOT] = None, {"token": "of the manager"}
    shelf.store.forget(MANAGER)

    assert token_of(await shelf.read(SLACK_BOT)) == ("of the manager", MANAGER)


async def test_without_a_project_the_keyring_is_not_asked_for_a_key_of_copies(shelf: Shelf) -> None:
    shelf.project = ""
    shelf.keys.is_open.clear()  # to be asked would be to wait
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"

    found = await shelf.read(SLACK_BOT)

    assert token_of(found) == ("of the environment", "environment")


async def test_what_a_keeper_had_not_is_known_to_be_absent_while_it_is_silent(shelf: Shelf) -> None:
    before = await shelf.read(SMTP)
    await shelf.restart()
    shelf.manager.failure = silent()

    from_the_copy = await shelf.read(SMTP)
    await shelf.clock.advance(23 * 3_600)
    from_memory = await shelf.read(SMTP)
    await shelf.clock.advance(3_601)
    with pytest.raises(KeeperSilent):
        await shelf.read(SMTP)

    assert (before, from_the_copy, from_memory) == (None, None, None)


async def test_what_a_person_saves_is_given_to_a_keyring_that_was_locked_a_moment_ago(shelf: Shelf) -> None:
    shelf.keyring.failure = KeeperSilent("the keyring is locked", keeper="keyring", retry_after_s=120)
    with pytest.raises(KeeperSilent):
        await shelf.read(SMTP)
    shelf.keyring.failure, shelf.manager.can_write = None, False

    kept = await shelf.write(SMTP, {"user": "desk", "password": "word"})

    assert kept.source == "keyring"


async def test_every_keeper_says_what_it_has_when_a_secret_is_sought(shelf: Shelf) -> None:
    shelf.manager.failure = silent()
    shelf.variables["SLACK_BOT_TOKEN"] = "canary"

    sightings = await shelf.store.seek(SLACK_BOT, who=WHO)

    assert [(each.keeper, each.fields, each.failure) for each in sightings] == [
        (MANAGER, (), "Secret Manager does not answer"),
        ("keyring", (), ""),
        ("environment", ("token",), ""),
    ]
    assert "canary" not in repr(sightings)
    assert shelf.told() == [
        ("test", MANAGER, "failed"),
        ("test", "keyring", "absent"),
        ("test", "environment", "ok"),
    ]


@pytest.mark.parametrize("text", ["given", ""], ids=["set", "empty"])
async def test_row_41_each_variable_is_honoured_and_an_empty_one_counts_as_absent(
    tmp_path: Path, text: str
) -> None:
    names = ("GCP_PROJECT_ID", "GOOGLE_APPLICATION_CREDENTIALS", "SLACK_CHANNEL", "SOUND_ALERTS_ENABLED")
    values = ("desk-project", "/keys/desk.json", "#alerts", "no")
    variables = {name: value if text else "" for name, value in zip(names, values, strict=True)}
    variables |= dict.fromkeys(("SLACK_BOT_TOKEN", "SCHWAB_APP_KEY", "SCHWAB_APP_SECRET"), text)

    settings = Settings(file=tmp_path / "settings.json", environment=variables)
    store = store_of(EnvironmentKeeper(environment=variables))
    secrets = [await store.read(name, who=WHO) for name in (SLACK_BOT, SCHWAB_APP)]

    keys = ("secrets.gcp.project", "secrets.gcp.credentials", "slack.channel", "sound.enabled")
    expected = ["desk-project", "/keys/desk.json", "#alerts", False] if text else ["", "", "", True]
    assert [settings.get(key) for key in keys] == expected
    assert [each is not None and dict(each.secret) for each in secrets] == (
        [{"token": "given"}, {"key": "given", "secret": "given"}] if text else [False, False]
    )


async def test_what_answers_in_the_place_of_one_that_failed_gives_way_a_minute_later(shelf: Shelf) -> None:
    shelf.keyring.kept[SLACK_BOT] = {"token": "of long ago"}
    shelf.manager.failure = refused()
    second_best = await shelf.read(SLACK_BOT)
    shelf.manager.failure, shelf.manager.kept[SLACK_BOT] = None, {"token": "of today"}

    await shelf.clock.advance(61)

    assert token_of(second_best) == ("of long ago", "keyring")
    assert token_of(await shelf.read(SLACK_BOT)) == ("of today", MANAGER)


async def test_what_was_kept_elsewhere_while_a_keeper_was_silent_is_taken_out_once_it_has_a_newer_one(
    shelf: Shelf, until: Any
) -> None:
    shelf.manager.write_failure = silent()
    await shelf.write(SLACK_BOT, {"token": "meanwhile"})
    shelf.manager.write_failure = None

    await shelf.write(SLACK_BOT, {"token": "newer"})

    await until(lambda: SLACK_BOT not in shelf.keyring.kept)
    assert shelf.manager.kept[SLACK_BOT] == {"token": "newer"}


async def test_what_was_taken_at_once_gives_way_to_the_keyring_a_minute_later(shelf: Shelf) -> None:
    shelf.keyring.kept[SLACK_BOT] = {"token": "of the keyring"}
    shelf.variables["SLACK_BOT_TOKEN"] = "of the environment"
    at_once = await shelf.read(SLACK_BOT, at_once=True)

    await shelf.clock.advance(61)

    assert token_of(at_once) == ("of the environment", "environment")
    assert token_of(await shelf.read(SLACK_BOT)) == ("of the keyring", "keyring")


async def test_what_nobody_could_keep_is_there_for_the_next_desk_of_this_run_until_it_is_kept() -> None:
    own: dict[str, KeptSecret] = {}
    await store_of(own=own).write(SLACK_BOT, {"token": "canary"}, who=WHO)

    next_desk = store_of(own=own)
    found = await next_desk.read(SLACK_BOT, who=WHO)
    await next_desk.delete(SLACK_BOT, who=WHO)

    assert token_of(found) == ("canary", NOBODY)
    assert (own, await store_of(own=own).read(SLACK_BOT, who=WHO)) == ({}, None)


async def test_what_was_typed_where_nobody_could_keep_it_is_not_lost_to_an_older_one_of_the_environment(
    shelf: Shelf,
) -> None:
    shelf.order = ("environment",)
    shelf.variables["SLACK_BOT_TOKEN"] = "old"
    await shelf.write(SLACK_BOT, {"token": "typed"})

    found = await shelf.read(SLACK_BOT, anew=True)

    assert token_of(found) == ("typed", NOBODY)


@pytest.mark.parametrize(
    ("kept_s", "texts", "expected"),
    [
        pytest.param(60.0, {"token": "later"}, ("later", "keyring", ""), id="kept later: it answers"),
        pytest.param(-60.0, {"token": "old"}, ("typed", NOBODY, "keyring"), id="kept before: it is told of"),
        pytest.param(None, {"token": "old"}, ("typed", NOBODY, "keyring"), id="nobody knows when"),
        pytest.param(None, {"token": "typed"}, ("typed", "keyring", ""), id="the same: it is kept by now"),
    ],
)
async def test_row_41_of_what_nobody_could_keep_and_a_keyring_that_came_later_the_later_one_answers(
    shelf: Shelf, kept_s: float | None, texts: dict[str, str], expected: tuple[str, str, str]
) -> None:
    shelf.manager.can_write = shelf.keyring.can_write = False
    await shelf.write(SLACK_BOT, {"token": "typed"})
    if kept_s is not None:
        shelf.keyring.created_ns = shelf.clock.now_ns() + round(kept_s * 1e9)
    shelf.keyring.kept[SLACK_BOT] = texts
    lately = await shelf.read(SLACK_BOT)

    await shelf.clock.advance(3_601)

    found = await shelf.read(SLACK_BOT)
    assert token_of(lately) == ("typed", NOBODY)
    assert found is not None
    assert (*token_of(found), found.hides) == expected


async def test_row_41_while_a_keyring_is_silent_what_nobody_could_keep_answers_and_gives_way_after(
    shelf: Shelf,
) -> None:
    shelf.manager.can_write, shelf.keyring.write_failure = False, KeeperSilent("locked", keeper="keyring")
    await shelf.write(SLACK_BOT, {"token": "typed"})
    shelf.keyring.failure = KeeperSilent("locked", keeper="keyring")
    locked = await shelf.read(SLACK_BOT, anew=True)
    shelf.keyring.failure, shelf.keyring.created_ns = None, shelf.clock.now_ns() + 1
    shelf.keyring.kept[SLACK_BOT] = {"token": "later"}

    await shelf.clock.advance(61)

    assert token_of(locked) == ("typed", NOBODY)
    assert token_of(await shelf.read(SLACK_BOT)) == ("later", "keyring")


async def test_after_a_write_that_was_broken_off_its_keeper_is_asked_what_it_has(shelf: Shelf) -> None:
    shelf.manager.kept[SLACK_BOT] = {"token": "old"}
    await shelf.read(SLACK_BOT)
    shelf.manager.write_failure = KeeperConflict("another changed it", keeper=MANAGER)
    shelf.manager.kept[SLACK_BOT] = {"token": "of another"}

    with pytest.raises(KeeperConflict):
        await shelf.write(SLACK_BOT, {"token": "new"})

    assert token_of(await shelf.read(SLACK_BOT)) == ("of another", MANAGER)
