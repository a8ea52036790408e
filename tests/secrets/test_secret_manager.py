import asyncio
import json
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud.secretmanager_v1.types import resources, service

from tests.secret_manager.faults import FAULTS
from tests.secret_manager.server import secret_manager
from tests.secret_manager.trust import trusted_authority
from tests.secret_manager.vault import PROJECT, PROJECT_NUMBER
from tests.secrets.secret_manager_desk import TOKEN, SecretManagerDesk, secret_manager_desk
from tests.tcp_proxy import tcp_proxy
from tradeassist_desktop.domain.secret import (
    SLACK_BOT,
    SMTP,
    KeeperConflict,
    KeeperCorrupt,
    KeeperRefused,
    KeeperSilent,
    Secret,
    VersionState,
)
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

OTHER = Secret({"token": "xoxb-the-next-words-of-the-bot"})
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SecretManagerDesk]:
    async with secret_manager_desk(tmp_path, most_per_page=2) as desk:
        yield desk


# --- what is kept


async def test_the_first_write_makes_the_secret_and_later_ones_add_versions(desk) -> None:
    first = await desk.keeper.write(SLACK_BOT, TOKEN)
    second = await desk.keeper.write(SLACK_BOT, OTHER)

    kept = await desk.keeper.read(SLACK_BOT)

    assert (first.version, second.version) == ("1", "2")
    assert (kept.secret, kept.version.version, kept.source) == (OTHER, "2", "secret manager")
    assert desk.server.called("CreateSecret") == 1


async def test_an_older_version_is_read_by_its_number(desk) -> None:
    await desk.keeper.write(SLACK_BOT, TOKEN)
    await desk.keeper.write(SLACK_BOT, OTHER)

    kept = await desk.keeper.read(SLACK_BOT, version="1")

    assert kept.secret == TOKEN


async def test_what_was_never_kept_is_nobodys(desk) -> None:
    assert await desk.keeper.read(SLACK_BOT) is None
    assert await desk.keeper.versions(SLACK_BOT) == ()
    assert await desk.keeper.delete(SLACK_BOT) is False


async def test_each_version_is_listed_newest_first_over_several_pages(desk) -> None:
    for _ in range(5):
        await desk.keeper.write(SLACK_BOT, TOKEN)

    versions = await desk.keeper.versions(SLACK_BOT)

    assert [version.version for version in versions] == ["5", "4", "3", "2", "1"]
    assert all(version.state is VersionState.ENABLED and version.etag for version in versions)
    assert versions[0].created_ns > versions[4].created_ns > 1_600_000_000 * 10**9


async def test_the_newest_enabled_version_is_read_where_the_latest_is_disabled(desk) -> None:
    await desk.keeper.write(SLACK_BOT, TOKEN)
    latest = await desk.keeper.write(SLACK_BOT, OTHER)
    await desk.keeper.set_state(SLACK_BOT, latest, VersionState.DISABLED)

    kept = await desk.keeper.read(SLACK_BOT)

    assert (kept.secret, kept.version.version) == (TOKEN, "1")


async def test_without_an_enabled_version_there_is_nothing_to_read(desk) -> None:
    only = await desk.keeper.write(SLACK_BOT, TOKEN)
    await desk.keeper.set_state(SLACK_BOT, only, VersionState.DISABLED)

    assert await desk.keeper.read(SLACK_BOT) is None
    with pytest.raises(KeeperRefused, match="version 1 of tradeassist-slack-bot is disabled or destroyed"):
        await desk.keeper.read(SLACK_BOT, version="1")


async def test_a_version_is_disabled_enabled_and_destroyed_for_good(desk) -> None:
    version = await desk.keeper.write(SLACK_BOT, TOKEN)

    states = []
    for state in (VersionState.DISABLED, VersionState.ENABLED, VersionState.DESTROYED):
        version = await desk.keeper.set_state(SLACK_BOT, version, state)
        states.append(version.state)

    assert states == [VersionState.DISABLED, VersionState.ENABLED, VersionState.DESTROYED]
    with pytest.raises(KeeperConflict, match="is destroyed"):
        await desk.keeper.set_state(SLACK_BOT, version, VersionState.ENABLED)


async def test_a_version_that_another_changed_meanwhile_is_left_alone(desk) -> None:
    seen = await desk.keeper.write(SLACK_BOT, TOKEN)
    await desk.keeper.set_state(SLACK_BOT, seen, VersionState.DISABLED)
    await desk.keeper.set_state(SLACK_BOT, (await desk.keeper.versions(SLACK_BOT))[0], VersionState.ENABLED)

    with pytest.raises(KeeperConflict, match="was changed meanwhile"):
        await desk.keeper.set_state(SLACK_BOT, seen, VersionState.DESTROYED)

    assert (await desk.keeper.versions(SLACK_BOT))[0].state is VersionState.ENABLED


async def test_a_deleted_secret_is_gone_with_all_its_versions(desk) -> None:
    await desk.keeper.write(SLACK_BOT, TOKEN)
    await desk.keeper.write(SMTP, Secret({"user": "desk", "password": "of-the-desk"}))

    assert await desk.keeper.delete(SLACK_BOT) is True

    assert await desk.keeper.read(SLACK_BOT) is None
    assert (await desk.keeper.read(SMTP)).secret["user"] == "desk"


async def test_what_is_known_of_a_secret_is_typed_with_its_schedule(desk) -> None:
    await desk.keeper.write(SLACK_BOT, TOKEN)
    due = datetime(2031, 1, 1, tzinfo=UTC)
    scheduled = resources.Secret(
        name=f"projects/{PROJECT}/secrets/tradeassist-slack-bot",
        topics=[resources.Topic(name=f"projects/{PROJECT}/topics/rotations")],
        rotation=resources.Rotation(next_rotation_time=due, rotation_period=timedelta(days=30)),
    )
    desk.server.vault.update_secret(
        service.UpdateSecretRequest(secret=scheduled, update_mask={"paths": ["topics", "rotation"]})
    )

    known = await desk.keeper.metadata(SLACK_BOT)

    assert known.labels == {"app": "tradeassist"}
    assert known.next_rotation_ns == int(due.timestamp()) * 10**9
    assert (known.rotation_period_s, known.expires_ns) == (30 * 86_400.0, None)
    assert known.created_ns > 1_600_000_000 * 10**9
    assert await desk.keeper.metadata(SMTP) is None


async def test_labels_are_changed_unless_another_changed_the_secret_meanwhile(desk) -> None:
    await desk.keeper.write(SLACK_BOT, TOKEN)
    seen = await desk.keeper.metadata(SLACK_BOT)

    changed = await desk.keeper.relabel(SLACK_BOT, {**seen.labels, "desk": "night"}, etag=seen.etag)

    assert changed.labels == {"app": "tradeassist", "desk": "night"}
    with pytest.raises(KeeperConflict, match="was changed meanwhile"):
        await desk.keeper.relabel(SLACK_BOT, {}, etag=seen.etag)


async def test_a_write_that_was_taken_and_not_answered_is_no_success(desk) -> None:
    await desk.keeper.write(SLACK_BOT, TOKEN)
    desk.server.fail(FAULTS["lost"], method="AddSecretVersion", times=1)

    with pytest.raises(KeeperSilent, match=r"whether slack\.bot was kept is not known"):
        await desk.keeper.write(SLACK_BOT, OTHER)

    assert [version.version for version in await desk.keeper.versions(SLACK_BOT)] == ["2", "1"]


async def test_a_write_that_cannot_be_read_back_whole_is_no_success(desk) -> None:
    desk.server.fail(FAULTS["corrupt"], method="AccessSecretVersion")

    with pytest.raises(KeeperCorrupt):
        await desk.keeper.write(SLACK_BOT, TOKEN)


async def test_more_than_a_version_can_hold_is_refused_before_it_is_sent(desk) -> None:
    with pytest.raises(KeeperRefused, match="65,536 bytes at the most, and smtp has 70,016"):
        await desk.keeper.write(SMTP, Secret({"password": "x" * 70_000}))

    assert not desk.server.calls


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("xoxb-typed-by-hand", id="no JSON"),
        pytest.param('["xoxb-typed-by-hand"]', id="a list"),
        pytest.param('{"token": 7}', id="a number"),
        pytest.param("{}", id="nothing in it"),
        pytest.param("[" * 50_000, id="nested without end"),
    ],
)
async def test_a_payload_that_is_not_ours_is_refused_without_being_shown(desk, text: str) -> None:
    desk.server.vault.put("tradeassist-slack-bot", text)

    with pytest.raises(KeeperCorrupt) as raised:
        await desk.keeper.read(SLACK_BOT)

    assert "version 1 of tradeassist-slack-bot is no JSON object of texts" in str(raised.value)
    assert "typed-by-hand" not in str(raised.value)
    assert raised.value.__cause__ is None and raised.value.__context__ is None


# --- where it is kept


async def test_regional_secrets_are_kept_in_their_region(tmp_path: Path) -> None:
    async with secret_manager_desk(tmp_path, location="europe-west3") as desk:
        await desk.keeper.write(SLACK_BOT, TOKEN)
        kept = await desk.keeper.read(SLACK_BOT)

    assert kept.secret == TOKEN
    assert f"projects/{PROJECT}/locations/europe-west3" in {resource for _, resource in desk.server.calls}


async def test_a_location_that_the_endpoint_does_not_serve_is_said_in_words(desk) -> None:
    desk.change(location="europe-west3")

    with pytest.raises(KeeperRefused, match=r"secrets\.gcp\.location may be wrong"):
        await desk.keeper.read(SLACK_BOT)


async def test_a_project_that_is_not_there_is_said_in_words(desk) -> None:
    desk.change(project="no-such-project")

    with pytest.raises(
        KeeperRefused, match=r"there is no project no-such-project, or desk@.* may not use it"
    ):
        await desk.keeper.read(SLACK_BOT)


async def test_a_change_of_the_settings_holds_from_the_next_call_on(desk, tmp_path: Path) -> None:
    desk.server.vault.put("tradeassist-slack-bot", json.dumps(dict(TOKEN)))
    await desk.keeper.read(SLACK_BOT)
    with secret_manager(trusted_authority()) as other:
        other.vault.put("night-desk-slack-bot", json.dumps(dict(OTHER)))
        other.accounts.write_key_file(tmp_path / "other.json")

        desk.change(endpoint=other.endpoint, credentials=str(tmp_path / "other.json"), prefix="night-desk-")
        kept = await desk.keeper.read(SLACK_BOT)

    assert kept.secret == OTHER


async def test_a_corrected_endpoint_is_asked_at_once_though_the_wrong_one_was_left_alone(desk) -> None:
    desk.server.vault.put("tradeassist-slack-bot", json.dumps(dict(TOKEN)))
    right = desk.place.endpoint
    desk.change(endpoint="localhost:1")
    for _ in range(4):
        with pytest.raises(KeeperSilent):
            await desk.keeper.read(SLACK_BOT)

    desk.change(endpoint=right)
    kept = await desk.keeper.read(SLACK_BOT)

    assert kept.secret == TOKEN


@pytest.mark.parametrize(
    ("place", "host"),
    [
        pytest.param(SecretManagerPlace(), "secretmanager.googleapis.com:443", id="global"),
        pytest.param(
            SecretManagerPlace(location="europe-west3"),
            "secretmanager.europe-west3.rep.googleapis.com:443",
            id="regional",
        ),
        pytest.param(
            SecretManagerPlace(location="europe-west3", endpoint="localhost:7"), "localhost:7", id="set"
        ),
    ],
)
def test_a_location_is_asked_at_its_own_endpoint(place: SecretManagerPlace, host: str) -> None:
    assert place.host == host


@pytest.mark.parametrize(
    ("name", "secret_id"),
    [
        ("slack.bot", "tradeassist-slack-bot"),
        ("webhook.two-b", "tradeassist-webhook-two_2db"),
        ("webhook.two_b", "tradeassist-webhook-two_5fb"),
        ("webhook.größe", "tradeassist-webhook-gr_c3_b6_c3_9fe"),
    ],
)
def test_each_name_has_a_legal_id_of_its_own(name: str, secret_id: str) -> None:
    assert SecretManagerPlace(project="p").secret_id(name) == secret_id


def test_a_name_too_long_for_an_id_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 255 characters"):
        SecretManagerPlace(project="p").secret_id("x" * 300)


async def test_without_a_project_nothing_is_kept_and_google_is_not_brought_in(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import asyncio, random, sys
        from tradeassist_desktop.domain.secret import SLACK_BOT, Secret
        from tradeassist_desktop.runtime.breakers.manager import Breakers
        from tradeassist_desktop.runtime.clock import SystemClock
        from tradeassist_desktop.secrets.secret_manager.failures import NAME, SECRET_MANAGER_BREAKER
        from tradeassist_desktop.secrets.secret_manager.keeper import SecretManagerKeeper
        from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

        async def main():
            breaker = Breakers(clock=SystemClock(), rng=random.Random()).get(NAME, SECRET_MANAGER_BREAKER)
            keeper = SecretManagerKeeper(place=SecretManagerPlace, breaker=breaker, clock=SystemClock())
            print(await keeper.read(SLACK_BOT), await keeper.write(SLACK_BOT, Secret({"token": "t"})))
            print([name for name in sys.modules if name.split(".")[0] in ("grpc", "google")])
            await keeper.close()

        asyncio.run(main())
    """)

    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert done.stdout.splitlines() == ["None None", "[]"], done.stderr


# --- signing in


async def test_all_who_ask_first_share_one_sign_in_and_one_line(desk) -> None:
    desk.server.vault.put("tradeassist-slack-bot", json.dumps(dict(TOKEN)))
    async with tcp_proxy(desk.server.port) as proxy:
        desk.change(endpoint=f"localhost:{proxy.port}")

        found = await asyncio.gather(*(desk.keeper.read(SLACK_BOT) for _ in range(20)))

        assert [kept.version.version for kept in found] == ["1"] * 20
        assert proxy.connects == 1


def _key(**changes: Any) -> str:
    key = {
        "type": "service_account",
        "client_email": "desk@p.iam.gserviceaccount.com",
        "private_key": "-----BEGIN PRIVATE KEY-----\ncanary-of-the-key\n-----END PRIVATE KEY-----\n",
        "private_key_id": "1",
        "token_uri": "https://127.0.0.1:1/token",
    }
    return json.dumps({name: text for name, text in (key | changes).items() if text is not None})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "is not there", id="no file"),
        pytest.param("canary-of-the-key", "is no JSON: download the key anew", id="no JSON"),
        pytest.param("[]", "is no service account's key file, but JSON without a type", id="a list"),
        pytest.param(
            _key(type="external_account"),
            "is no service account's key file, but of type 'external_account'",
            id="of another kind",
        ),
        pytest.param(_key(client_email=None), "lacks client_email: download the key anew", id="half of it"),
        pytest.param(_key(), "has a private key that cannot be read", id="a damaged key"),
    ],
)
async def test_what_is_wrong_with_a_key_file_is_said_and_nothing_of_it_shown(
    desk, tmp_path: Path, content: str | None, words: str
) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    desk.change(credentials=str(file))

    with pytest.raises(KeeperRefused) as raised:
        await desk.keeper.read(SLACK_BOT)

    assert words in str(raised.value)
    assert str(file) in str(raised.value)
    assert "canary" not in str(raised.value)
    assert raised.value.__cause__ is None and raised.value.__context__ is None
    assert not desk.server.calls


async def test_a_corrected_key_file_holds_from_the_next_call_on(desk, tmp_path: Path) -> None:
    desk.server.vault.put("tradeassist-slack-bot", json.dumps(dict(TOKEN)))
    file = tmp_path / "key.json"
    desk.change(credentials=str(file))
    with pytest.raises(KeeperRefused):
        await desk.keeper.read(SLACK_BOT)

    desk.server.accounts.write_key_file(file)
    kept = await desk.keeper.read(SLACK_BOT)

    assert kept.secret == TOKEN


async def test_answers_name_the_project_by_its_number_and_are_understood(desk) -> None:
    added = await desk.keeper.write(SLACK_BOT, TOKEN)

    kept = await desk.keeper.read(SLACK_BOT, version=added.version)

    assert PROJECT_NUMBER != PROJECT
    assert kept.version.version == added.version
