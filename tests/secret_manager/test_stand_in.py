"""The stand-in, asked by the official client as its makers wrote it: what other tests rest on."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import google_crc32c
import pytest
from google.api_core import exceptions
from google.cloud.secretmanager_v1 import SecretManagerServiceAsyncClient
from google.cloud.secretmanager_v1.types import resources
from google.oauth2 import service_account

from tests.secret_manager.faults import EXHAUSTED, NO_CRC, UNAVAILABLE, WRONG_DATA
from tests.secret_manager.server import SecretManagerServer, key_file, secret_manager
from tests.secret_manager.trust import trusted_authority
from tests.secret_manager.vault import PROJECT

PARENT = f"projects/{PROJECT}"
SECRET = f"{PARENT}/secrets/tradeassist-slack-bot"
CALL = {"retry": None, "timeout": 5.0}


@pytest.fixture
def server() -> Iterator[SecretManagerServer]:
    with secret_manager(trusted_authority(), most_per_page=2) as server:
        yield server


@pytest.fixture
async def client(
    server: SecretManagerServer, tmp_path: Path
) -> AsyncIterator[SecretManagerServiceAsyncClient]:
    key = service_account.Credentials.from_service_account_file(str(key_file(server, tmp_path)))
    client = SecretManagerServiceAsyncClient(
        credentials=key, client_options={"api_endpoint": server.endpoint}
    )
    yield client
    await client.transport.close()


async def test_versions_are_found_by_number_alias_and_as_the_latest(server, client) -> None:
    server.vault.put("tradeassist-slack-bot", "first")
    server.vault.put("tradeassist-slack-bot", "second")
    secret = await client.get_secret(name=SECRET, **CALL)
    await client.update_secret(
        secret=resources.Secret(name=SECRET, etag=secret.etag, version_aliases={"good": 1}),
        update_mask={"paths": ["version_aliases"]},
        **CALL,
    )

    texts = [
        (await client.access_secret_version(name=f"{SECRET}/versions/{version}", **CALL)).payload.data
        for version in ("latest", "1", "good")
    ]

    assert texts == [b"second", b"first", b"first"]


async def test_the_latest_version_is_the_newest_whatever_its_state(server, client) -> None:
    server.vault.put("tradeassist-slack-bot", "first")
    server.vault.put("tradeassist-slack-bot", "second")
    await client.disable_secret_version(name=f"{SECRET}/versions/2", **CALL)

    with pytest.raises(exceptions.FailedPrecondition, match="versions/2] is in DISABLED state"):
        await client.access_secret_version(name=f"{SECRET}/versions/latest", **CALL)


async def test_an_old_etag_changes_nothing(server, client) -> None:
    server.vault.put("tradeassist-slack-bot", "first")
    name = f"{SECRET}/versions/1"
    old = await client.get_secret_version(name=name, **CALL)
    await client.disable_secret_version(name=name, **CALL)

    with pytest.raises(exceptions.FailedPrecondition):
        await client.destroy_secret_version(request={"name": name, "etag": old.etag}, **CALL)

    assert (await client.get_secret_version(name=name, **CALL)).state.name == "DISABLED"


async def test_versions_come_in_pages_newest_first(server, client) -> None:
    for text in ("first", "second", "third", "fourth", "fifth"):
        server.vault.put("tradeassist-slack-bot", text)

    versions = [version async for version in await client.list_secret_versions(parent=SECRET, **CALL)]

    assert [version.name[-1] for version in versions] == ["5", "4", "3", "2", "1"]
    assert server.called("ListSecretVersions") == 3


async def test_a_checksum_is_checked_on_the_way_in_and_goes_with_the_payload_out(server, client) -> None:
    server.vault.put("tradeassist-slack-bot", "first")
    wrong = resources.SecretPayload(data=b"second", data_crc32c=1)

    with pytest.raises(exceptions.InvalidArgument, match="data_crc32c"):
        await client.add_secret_version(parent=SECRET, payload=wrong, **CALL)
    found = await client.access_secret_version(name=f"{SECRET}/versions/latest", **CALL)

    assert found.payload.data_crc32c == google_crc32c.value(b"first")


async def test_spoiled_payloads_pass_the_client_unnoticed(server, client) -> None:
    server.vault.put("tradeassist-slack-bot", "first")
    server.fail(WRONG_DATA, times=1)
    server.fail(NO_CRC, times=1)

    spoiled, bare = [
        (await client.access_secret_version(name=f"{SECRET}/versions/1", **CALL)).payload for _ in range(2)
    ]

    assert google_crc32c.value(spoiled.data) != spoiled.data_crc32c
    assert "data_crc32c" not in bare


async def test_a_deleted_key_is_refused(server, client) -> None:
    server.accounts.forget()

    with pytest.raises(exceptions.Unauthenticated, match="invalid authentication credentials"):
        await client.get_secret(name=SECRET, **CALL)


async def test_the_wait_that_is_asked_for_reaches_the_client(server, client) -> None:
    server.fail(EXHAUSTED)

    with pytest.raises(exceptions.ResourceExhausted) as raised:
        await client.get_secret(name=SECRET, **CALL)

    assert [detail.retry_delay.seconds for detail in raised.value.details[1:]] == [30]


async def test_without_the_clients_own_retry_each_failure_is_seen(server, client) -> None:
    server.vault.put("tradeassist-slack-bot", "first")
    server.fail(UNAVAILABLE, times=1)

    with pytest.raises(exceptions.ServiceUnavailable):
        await client.access_secret_version(name=f"{SECRET}/versions/1", **CALL)

    assert server.called("AccessSecretVersion") == 1


async def test_row_36_a_rotation_schedule_that_is_due_is_told_of_and_changes_no_version(
    server, client
) -> None:
    server.vault.put("tradeassist-slack-bot", "first")
    secret = await client.get_secret(name=SECRET, **CALL)
    secret.topics = [resources.Topic(name=f"{PARENT}/topics/rotations")]
    secret.rotation = resources.Rotation(
        next_rotation_time=datetime.now(UTC) - timedelta(hours=1), rotation_period=timedelta(hours=2)
    )
    await client.update_secret(secret=secret, update_mask={"paths": ["rotation", "topics"]}, **CALL)

    found = await client.access_secret_version(name=f"{SECRET}/versions/latest", **CALL)

    assert (found.payload.data, found.name[-1]) == (b"first", "1")
    assert [name.rpartition("/")[2] for name in server.vault.published] == ["tradeassist-slack-bot"]
