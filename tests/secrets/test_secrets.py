import subprocess
import sys
import textwrap
from pathlib import Path

from tests.fakes import ListTrail, MemoryKeeper, store_of
from tradeassist_desktop.domain.secret import SCHWAB_APP, SCHWAB_TOKEN
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.secrets.store import SecretStore

WHO = "a test"


async def test_the_first_keeper_that_has_a_usable_secret_answers() -> None:
    keyring = MemoryKeeper()
    keyring.kept[SCHWAB_TOKEN] = {"app_key": "old", "refresh_token": "stale"}
    environment = EnvironmentKeeper(environment={"SCHWAB_APP_KEY": "new", "SCHWAB_REFRESH_TOKEN": "fresh"})

    found = await store_of(keyring, environment).read(
        SCHWAB_TOKEN, who=WHO, is_usable=lambda token: token["app_key"] == "new"
    )

    assert found is not None
    assert (found.secret["refresh_token"], found.source) == ("fresh", "environment")


async def test_half_a_secret_in_the_environment_counts_as_none() -> None:
    found = await store_of(
        EnvironmentKeeper(environment={"SCHWAB_APP_KEY": "key", "SCHWAB_APP_SECRET": ""})
    ).read(SCHWAB_APP, who=WHO)

    assert found is None


async def test_what_is_written_goes_to_the_first_keeper_that_can_and_is_read_back() -> None:
    keyring = MemoryKeeper()
    secrets = store_of(EnvironmentKeeper(environment={}), keyring)

    kept = await secrets.write(SCHWAB_TOKEN, {"app_key": "key", "refresh_token": "token"}, who=WHO)

    assert kept.source == "keyring"
    assert keyring.kept[SCHWAB_TOKEN]["refresh_token"] == "token"


async def test_without_a_keeper_that_can_write_a_secret_lives_for_this_run() -> None:
    secrets = store_of(EnvironmentKeeper(environment={}))

    kept = await secrets.write(SCHWAB_TOKEN, {"app_key": "key", "refresh_token": "token"}, who=WHO)
    found = await secrets.read(SCHWAB_TOKEN, who=WHO)

    assert kept.source == "memory"
    assert found is not None and found.secret["refresh_token"] == "token"


async def test_what_another_program_wrote_is_found_when_asked_for_anew() -> None:
    keyring = MemoryKeeper()
    secrets = store_of(keyring)
    await secrets.write(SCHWAB_TOKEN, {"app_key": "key", "refresh_token": "old"}, who=WHO)
    keyring.kept[SCHWAB_TOKEN] = {"app_key": "key", "refresh_token": "new"}

    before, anew = (
        await secrets.read(SCHWAB_TOKEN, who=WHO),
        await secrets.read(SCHWAB_TOKEN, who=WHO, anew=True),
    )

    assert before is not None and before.secret["refresh_token"] == "old"
    assert anew is not None and anew.secret["refresh_token"] == "new"


async def test_a_secret_that_no_keeper_could_keep_is_not_lost_by_asking_anew() -> None:
    secrets = store_of(EnvironmentKeeper(environment={}))
    await secrets.write(SCHWAB_TOKEN, {"app_key": "key", "refresh_token": "token"}, who=WHO)

    found = await secrets.read(SCHWAB_TOKEN, who=WHO, anew=True)

    assert found is not None and found.secret["refresh_token"] == "token"


async def test_every_secret_that_passes_is_masked_in_logs_and_has_no_repr() -> None:
    seen: list[str] = []
    secrets = SecretStore(keepers=[MemoryKeeper()], mask=seen.extend, trail=ListTrail(), clock=SystemClock())

    await secrets.write(SCHWAB_APP, {"key": "app-key", "secret": "canary-of-the-app"}, who=WHO)
    found = await secrets.read(SCHWAB_APP, who=WHO)

    assert "canary-of-the-app" in seen
    assert "canary" not in repr(found)


def test_a_machine_without_a_keyring_has_nothing_and_never_a_plaintext_file(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import asyncio
        from tradeassist_desktop.runtime.clock import SystemClock
        from tradeassist_desktop.secrets.os_keyring import KeyringKeeper

        async def work():
            keeper = KeyringKeeper(service="tradeassist-test", clock=SystemClock())
            print(await keeper.write("schwab.token", {"refresh_token": "canary"}))
            print(await keeper.read("schwab.token"))

        asyncio.run(work())
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

    assert done.stdout.split() == ["None", "None"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
