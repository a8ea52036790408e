import subprocess
import sys
import textwrap
from pathlib import Path

from tests.fakes import MemoryKeeper
from tradeassist_desktop.domain.secret import SCHWAB_APP, SCHWAB_TOKEN
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.secrets.store import SecretStore


def store(*keepers) -> SecretStore:
    return SecretStore(keepers=keepers, mask=lambda texts: None)


async def test_the_first_keeper_that_has_a_usable_secret_answers() -> None:
    keyring = MemoryKeeper()
    keyring.kept[SCHWAB_TOKEN] = {"app_key": "old", "refresh_token": "stale"}
    environment = EnvironmentKeeper(environment={"SCHWAB_APP_KEY": "new", "SCHWAB_REFRESH_TOKEN": "fresh"})

    found = await store(keyring, environment).read(
        SCHWAB_TOKEN, is_usable=lambda token: token["app_key"] == "new"
    )

    assert found is not None
    assert (found.fields["refresh_token"], found.source) == ("fresh", "environment")


async def test_half_a_secret_in_the_environment_counts_as_none() -> None:
    found = await store(
        EnvironmentKeeper(environment={"SCHWAB_APP_KEY": "key", "SCHWAB_APP_SECRET": ""})
    ).read(SCHWAB_APP)

    assert found is None


async def test_what_is_written_goes_to_the_first_keeper_that_can_and_is_read_back() -> None:
    keyring = MemoryKeeper()
    secrets = store(EnvironmentKeeper(environment={}), keyring)

    where = await secrets.write(SCHWAB_TOKEN, {"app_key": "key", "refresh_token": "token"})

    assert where == "keyring"
    assert keyring.kept[SCHWAB_TOKEN]["refresh_token"] == "token"


async def test_without_a_keeper_that_can_write_a_secret_lives_for_this_run() -> None:
    secrets = store(EnvironmentKeeper(environment={}))

    where = await secrets.write(SCHWAB_TOKEN, {"app_key": "key", "refresh_token": "token"})
    found = await secrets.read(SCHWAB_TOKEN)

    assert where == "memory"
    assert found is not None and found.fields["refresh_token"] == "token"


async def test_what_another_program_wrote_is_found_when_asked_for_anew() -> None:
    keyring = MemoryKeeper()
    secrets = store(keyring)
    await secrets.write(SCHWAB_TOKEN, {"app_key": "key", "refresh_token": "old"})
    keyring.kept[SCHWAB_TOKEN] = {"app_key": "key", "refresh_token": "new"}

    before, anew = await secrets.read(SCHWAB_TOKEN), await secrets.read(SCHWAB_TOKEN, anew=True)

    assert before is not None and before.fields["refresh_token"] == "old"
    assert anew is not None and anew.fields["refresh_token"] == "new"


async def test_a_secret_that_no_keeper_could_keep_is_not_lost_by_asking_anew() -> None:
    secrets = store(EnvironmentKeeper(environment={}))
    await secrets.write(SCHWAB_TOKEN, {"app_key": "key", "refresh_token": "token"})

    found = await secrets.read(SCHWAB_TOKEN, anew=True)

    assert found is not None and found.fields["refresh_token"] == "token"


async def test_every_secret_that_passes_is_masked_in_logs_and_has_no_repr() -> None:
    seen: list[str] = []
    secrets = SecretStore(keepers=[MemoryKeeper()], mask=seen.extend)

    await secrets.write(SCHWAB_APP, {"key": "app-key", "secret": "canary-of-the-app"})
    found = await secrets.read(SCHWAB_APP)

    assert "canary-of-the-app" in seen
    assert "canary" not in repr(found)


def test_a_machine_without_a_keyring_has_nothing_and_never_a_plaintext_file(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        from tradeassist_desktop.secrets.os_keyring import KeyringKeeper
        keeper = KeyringKeeper(service="tradeassist-test")
        print(keeper.write("schwab.token", {"refresh_token": "canary"}), keeper.read("schwab.token"))
    """)
    environment = {
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
    }
    root = Path(__file__).parents[2]

    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        cwd=root,
        timeout=60,
        check=True,
    )

    assert done.stdout.split() == ["False", "None"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
