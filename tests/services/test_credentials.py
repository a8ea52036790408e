"""The credentials as people see them, over real stores: what is known, what can be done, what comes of it."""

import asyncio
from pathlib import Path

import pytest

from tests.channels.hook_server import hook_server
from tests.fakes import MemoryKeeper
from tests.secrets.secret_manager_desk import secret_manager_desk
from tests.services.credentials_desk import credentials_desk
from tests.services.rotation.desk import OLD, Issuer, keyring_with
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.rotation import CACHE_KEY, RotationStanding, WhoRotates
from tradeassist_desktop.domain.secret import (
    SCHWAB_APP,
    SCHWAB_TOKEN,
    SLACK_BOT,
    SLACK_WEBHOOK,
    SMTP,
    WEBHOOK,
    KeeperRefused,
    KeeperSilent,
    Secret,
    VersionState,
)
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.services.credentials.credential import CREDENTIALS, Deed
from tradeassist_desktop.services.credentials.looking import since_ns

DAY_NS = 86_400 * 10**9


def use(at_ns: int, who: str, what: str = SMTP) -> AuditEntry:
    return AuditEntry(at_ns=at_ns, who=who, act=AuditAct.READ, what=what)


# --- looking


async def test_each_credential_has_a_row_before_anybody_has_answered(tmp_path: Path) -> None:
    async with credentials_desk(tmp_path, keepers=[MemoryKeeper()]) as desk:
        rows = desk.credentials.all()

        assert tuple(row.name for row in rows) == CREDENTIALS
        assert not any(row.is_seen for row in rows if row.name != CACHE_KEY)


async def test_a_row_tells_who_keeps_it_and_holds_no_text_of_it(tmp_path: Path) -> None:
    async with credentials_desk(tmp_path, keepers=[keyring_with()]) as desk:
        await desk.credentials.look()

        row = desk.one(SMTP)
        assert (row.is_seen, row.is_present, row.source, row.channel) == (True, True, "keyring", "email")
        assert OLD["password"] not in repr(row)
        assert not desk.one(SLACK_BOT).is_present


async def test_a_keyring_that_waits_for_a_person_holds_up_no_other_credential(tmp_path: Path) -> None:
    class Waiting(MemoryKeeper):
        async def read(self, name: str, *, version: str = "") -> object:  # type: ignore[override]
            if name == SMTP:
                await asyncio.Event().wait()
            return await super().read(name, version=version)

    keyring = Waiting()
    keyring.kept[WEBHOOK] = {"url": "https://example.com/a"}
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        looking = asyncio.create_task(desk.credentials.look())
        await desk.rotation.settle()

        assert (desk.one(SMTP).is_asking, desk.one(SMTP).is_seen) == (True, False)
        assert desk.one(WEBHOOK).is_present
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def test_a_copy_that_stands_in_for_a_silent_keeper_says_since_and_until_when(tmp_path: Path) -> None:
    keyring = keyring_with()
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.credentials.look(SMTP)
        asked_ns = desk.rotation.clock.now_ns()
        keyring.failure = KeeperSilent("the keyring does not answer", keeper="keyring")
        await desk.rotation.clock.advance(3_700)

        await desk.credentials.look(SMTP)

        row = desk.one(SMTP)
        assert (row.source, row.offline_since_ns) == ("keyring", desk.rotation.clock.now_ns())
        assert row.stands_until_ns == asked_ns + 24 * 3_600 * 10**9


async def test_a_keeper_that_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    keyring = MemoryKeeper()
    keyring.failure = KeeperRefused("permission secretmanager.versions.access is missing", keeper="keyring")
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.credentials.look(SMTP)

        assert desk.one(SMTP).failure == "permission secretmanager.versions.access is missing"


async def test_the_last_use_is_of_who_used_it_and_not_of_who_looked(tmp_path: Path) -> None:
    async with credentials_desk(tmp_path, keepers=[keyring_with()]) as desk:
        await desk.audit_store.append(
            [use(1_000, "smtp channel"), use(2_000, "credentials page"), use(3_000, "rotation")]
        )

        await desk.credentials.look(SMTP)

        assert (desk.one(SMTP).used_ns, desk.one(SMTP).used_by) == (1_000, "smtp channel")


async def test_a_token_that_runs_out_says_when(tmp_path: Path) -> None:
    keyring = keyring_with(SLACK_BOT, {"token": "xoxe.xoxb-1", "expires_ns": "7000"})
    keyring.kept[SCHWAB_TOKEN] = {"app_key": "k", "refresh_token": "r", "authorized_ns": "0"}
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.credentials.look()

        assert desk.one(SLACK_BOT).expires_ns == 7_000
        assert desk.one(SCHWAB_TOKEN).expires_ns == 7 * DAY_NS


async def test_what_only_a_person_can_replace_says_what_to_do(tmp_path: Path) -> None:
    async with credentials_desk(tmp_path, keepers=[keyring_with()]) as desk:
        await desk.credentials.look()

        assert "Make a new password where your mail is" in desk.one(SMTP).barred[Deed.ROTATE]
        assert desk.one(SLACK_BOT).barred[Deed.REMOVE] == "There is none."
        assert "Rotate renews it" in desk.one(CACHE_KEY).barred[Deed.CHANGE]
        assert "Schwab is not the data feed" in desk.one(SCHWAB_APP).barred[Deed.CHANGE]


async def test_how_old_a_variable_is_nobody_knows() -> None:
    seen_here = RotationStanding(name=SMTP, who=WhoRotates.PERSON, policy="90d", since_ns=7 * DAY_NS)
    variables = EnvironmentKeeper(environment={"SMTP_USER": "desk", "SMTP_PASSWORD": "typed"})

    in_variables, in_keyring = await variables.read(SMTP), await keyring_with().read(SMTP)

    assert since_ns(in_variables, seen_here) is None
    assert since_ns(in_keyring, seen_here) == 7 * DAY_NS


async def test_a_rotation_shows_in_the_row(tmp_path: Path) -> None:
    async with credentials_desk(
        tmp_path, keepers=[keyring_with()], own={SMTP: Issuer()}, given={"rotate.smtp": "every 30d"}
    ) as desk:
        await desk.rotation.service.rotate_now(SMTP)
        await desk.credentials.look(SMTP)

        row, now_ns = desk.one(SMTP), desk.rotation.clock.now_ns()
        assert (row.rotated_ns, row.due_ns, row.policy) == (now_ns, now_ns + 30 * DAY_NS, "30d")
        assert Deed.ROTATE not in row.barred


# --- testing


async def test_a_channels_secret_is_tested_by_a_message_through_its_channel(tmp_path: Path) -> None:
    async with hook_server() as server:
        keyring = keyring_with(WEBHOOK, {"url": f"http://127.0.0.1:{server.port}/hook"})
        own = {"webhook.allow_private": f"http://127.0.0.1:{server.port}"}
        async with credentials_desk(tmp_path, keepers=[keyring], given=own) as desk:
            await desk.credentials.look()

            checked = await desk.credentials.test(WEBHOOK)

            assert checked.is_good, checked.words
            assert len(server.received) == 1
            assert desk.one(WEBHOOK).checked == checked
            tests = [entry for entry in desk.entries if entry.act is AuditAct.TEST]
            assert [(entry.what, entry.result) for entry in tests] == [(WEBHOOK, AuditResult.OK)]


async def test_a_test_that_fails_says_why_and_is_written_down(tmp_path: Path) -> None:
    async with hook_server() as server:
        port = server.port  # where nobody listens any more
    keyring = keyring_with(WEBHOOK, {"url": f"http://127.0.0.1:{port}/hook"})
    own = {"webhook.allow_private": f"http://127.0.0.1:{port}"}
    async with credentials_desk(tmp_path, keepers=[keyring], given=own) as desk:
        await desk.credentials.look()

        checked = await desk.credentials.test(WEBHOOK)

        assert checked.has_failed
        assert checked.words.startswith("Webhook: ")
        assert [entry.result for entry in desk.entries if entry.act is AuditAct.TEST] == [AuditResult.FAILED]


async def test_a_channel_that_is_not_set_up_has_failed_no_test(tmp_path: Path) -> None:
    async with credentials_desk(tmp_path, keepers=[keyring_with()]) as desk:
        await desk.credentials.look()

        checked = await desk.credentials.test(SMTP)

        assert not checked.is_good
        assert not checked.has_failed
        assert checked.words == ("Cannot be tested yet: E-mail is not set up: Server, From, To must be given")
        assert [entry.result for entry in desk.entries if entry.act is AuditAct.TEST] == [AuditResult.ABSENT]


async def test_without_schwab_its_app_is_tested_by_reading_it_anew(tmp_path: Path) -> None:
    keyring = keyring_with(SCHWAB_APP, {"key": "k", "secret": "s"})
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.credentials.look()

        checked = await desk.credentials.test(SCHWAB_APP)

        assert checked.is_good
        assert checked.words.startswith("Read anew from the keyring.")


async def test_an_address_that_slack_does_not_go_by_now_is_read_and_not_called_tried(tmp_path: Path) -> None:
    keyring = keyring_with(SLACK_BOT, {"token": "xoxb-1"})
    keyring.kept[SLACK_WEBHOOK] = {"url": "https://hooks.slack.com/services/T/B/x"}
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.credentials.look()

        checked = await desk.credentials.test(SLACK_WEBHOOK)

        assert "nothing was sent with it" in checked.words


async def test_a_test_counts_for_nothing_once_the_secret_is_another(tmp_path: Path) -> None:
    async with credentials_desk(tmp_path, keepers=[keyring_with()]) as desk:
        await desk.credentials.look()
        await desk.credentials.test(SMTP)

        desk.credentials.doubt(SMTP)

        assert desk.one(SMTP).checked is None


# --- removing


async def test_what_was_removed_can_be_put_back(tmp_path: Path) -> None:
    keyring = keyring_with()
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.credentials.look()

        removed = await desk.credentials.remove(SMTP)
        was_gone = SMTP not in keyring.kept and not desk.one(SMTP).is_present
        await desk.credentials.restore(removed)

        assert was_gone
        assert removed.words == "Mail password removed"
        assert OLD["password"] not in repr(removed)
        assert keyring.kept[SMTP] == OLD
        assert desk.one(SMTP).is_present
        assert desk.changed == [SMTP, SMTP]


async def test_undo_writes_over_nothing_that_was_given_meanwhile(tmp_path: Path) -> None:
    keyring = keyring_with()
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.credentials.look()
        removed = await desk.credentials.remove(SMTP)
        await desk.rotation.secrets.write(SMTP, {"user": "desk", "password": "newer"}, who="channel form")

        with pytest.raises(TradeAssistError, match="another was given meanwhile"):
            await desk.credentials.restore(removed)

        assert keyring.kept[SMTP]["password"] == "newer"


async def test_what_the_environment_gives_cannot_be_removed_and_says_which_variables(tmp_path: Path) -> None:
    environment = EnvironmentKeeper(environment={"SMTP_USER": "desk", "SMTP_PASSWORD": "typed"})
    async with credentials_desk(tmp_path, keepers=[environment]) as desk:
        await desk.credentials.look()

        with pytest.raises(TradeAssistError, match="take SMTP_USER and SMTP_PASSWORD out there"):
            await desk.credentials.remove(SMTP)


async def test_a_removal_tells_who_gives_another_in_its_place(tmp_path: Path) -> None:
    environment = EnvironmentKeeper(environment={"SMTP_USER": "desk", "SMTP_PASSWORD": "typed"})
    async with credentials_desk(tmp_path, keepers=[keyring_with(), environment]) as desk:
        await desk.credentials.look()

        removed = await desk.credentials.remove(SMTP)
        await desk.credentials.restore(removed)

        assert removed.words == "Mail password removed from the keyring; the environment still gives one"
        assert desk.one(SMTP).source == "keyring"


async def test_a_keyring_that_lets_nothing_be_removed_says_so_and_keeps_it(tmp_path: Path) -> None:
    keyring = keyring_with()
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.credentials.look()
        keyring.write_failure = KeeperRefused("the keyring is read-only", keeper="keyring")

        with pytest.raises(TradeAssistError, match="Mail password: the keyring is read-only"):
            await desk.credentials.remove(SMTP)

        assert desk.one(SMTP).is_present


async def test_what_one_keeper_keeps_to_itself_leaves_an_undo_for_what_another_gave_up(
    tmp_path: Path,
) -> None:
    keyring, cloud = keyring_with(), MemoryKeeper("secret manager")
    async with credentials_desk(tmp_path, keepers=[keyring, cloud]) as desk:
        await desk.credentials.look()
        silence = KeeperSilent("Secret Manager does not answer", keeper="secret manager")
        cloud.write_failure = cloud.failure = silence

        removed = await desk.credentials.remove(SMTP)
        cloud.write_failure = cloud.failure = None
        await desk.rotation.clock.advance(10)
        await desk.credentials.restore(removed)

        assert removed.words == ("Mail password removed, but not everywhere: Secret Manager does not answer")
        assert keyring.kept[SMTP] == OLD


# --- keeping


async def test_what_is_in_memory_only_is_kept_once_a_person_opens_the_keyring_and_says_so(
    tmp_path: Path,
) -> None:
    keyring = MemoryKeeper()
    keyring.write_failure = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.rotation.secrets.write(SMTP, OLD, who="channel form")
        await desk.credentials.look()
        with pytest.raises(TradeAssistError) as locked:
            await desk.credentials.keep(SMTP)
        keyring.write_failure = None

        words = await desk.credentials.keep(SMTP)

        assert str(locked.value) == (
            "Mail password is still in memory only: the keyring is locked: unlock it."
        )
        assert (words, desk.one(SMTP).source) == ("It is in the keyring now.", "keyring")
        assert desk.one(SMTP).barred[Deed.KEEP] == "The keyring keeps it."


async def test_to_keep_it_now_says_that_another_was_put_there_later_and_is_used(tmp_path: Path) -> None:
    keyring = MemoryKeeper()
    keyring.write_failure = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")
    async with credentials_desk(tmp_path, keepers=[keyring]) as desk:
        await desk.rotation.secrets.write(SMTP, OLD, who="channel form")
        await desk.credentials.look()
        keyring.kept[SMTP] = {"user": "desk", "password": "of a command"}
        keyring.created_ns, keyring.write_failure = desk.rotation.clock.now_ns() + 1, None

        words = await desk.credentials.keep(SMTP)

        assert words == ("Another was put into the keyring later: that one is used, and yours is forgotten.")
        assert keyring.kept[SMTP]["password"] == "of a command"
        assert desk.changed == [SMTP]


# --- versions


async def test_versions_are_disabled_enabled_and_destroyed_at_their_keeper(tmp_path: Path) -> None:
    async with (
        secret_manager_desk(tmp_path) as place,
        credentials_desk(tmp_path, keepers=[place.keeper]) as desk,
    ):
        for word in ("first", "second"):
            await desk.rotation.secrets.write(SLACK_BOT, Secret({"token": word}), who="test")
        await desk.credentials.look(SLACK_BOT)
        shown = desk.one(SLACK_BOT).version
        source, (second, first) = await desk.credentials.versions(SLACK_BOT)

        await desk.credentials.set_version(SLACK_BOT, second, VersionState.DISABLED, source=source)
        await desk.credentials.set_version(SLACK_BOT, first, VersionState.DESTROYED, source=source)

        _, after = await desk.credentials.versions(SLACK_BOT)
        assert (shown, source) == ("2", "secret manager")
        assert [each.state for each in after] == [VersionState.DISABLED, VersionState.DESTROYED]
        assert not desk.one(SLACK_BOT).is_present


async def test_a_keyring_has_no_versions_to_choose_from(tmp_path: Path) -> None:
    async with credentials_desk(tmp_path, keepers=[keyring_with()]) as desk:
        assert await desk.credentials.versions(SMTP) == ("keyring", ())
