"""The operating system's keyring as it is: open, locked with nobody there to unlock it, and none at all."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gnome_keyring import gnome_keyring, lock

ROOT = Path(__file__).parents[2]
PRELUDE = """
import asyncio, json, sys, time
from pathlib import Path
from tests.fakes import ManualClock, MemoryKeeper, store_of
from tradeassist_desktop.domain.secret import KeeperSilent, Secret
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.secrets.os_keyring import KeyringKeeper

folder = Path(sys.argv[1])
keyring = KeyringKeeper(service="tradeassist-test", clock=SystemClock())
manager = MemoryKeeper("secret manager", is_prompt=True, is_remote=True)
environment = EnvironmentKeeper(environment={"SLACK_BOT_TOKEN": "of the environment"})

def begin(clock):
    copies = SecretCache(folder=folder, keyring=keyring, clock=clock, scope=lambda: "a project")
    return copies, store_of(manager, keyring, environment, copies=copies)

# On a clock that stands still a keyring may take its time: copies wait for it.
copies, store = begin(ManualClock(now_ns=time.time_ns()))

def tell(**values):
    print(json.dumps(values), flush=True)

async def found(name, store=store, **how):
    kept = await store.read(name, who="a test", **how)
    return None if kept is None else [dict(kept.secret), kept.source]
"""


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[dict[str, str]]:
    with gnome_keyring(tmp_path) as environment:
        yield environment


@pytest.fixture
def no_keyring(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "DISPLAY": ""}


def run(body: str, folder: Path, environment: dict[str, str]) -> Any:
    """Run the body of a coroutine in a process of its own; return what it tells."""
    script = (
        f"{PRELUDE}\nasync def work():\n{textwrap.indent(textwrap.dedent(body), '    ')}\nasyncio.run(work())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder / "copies")],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


KEEP_A_COPY = """
    manager.kept["slack.bot"] = {"token": "canary-of-the-manager"}
    await store.read("slack.bot", who="a test")
    await store.close()
"""
READ_THE_COPY = """
    manager.failure = KeeperSilent("no answer", keeper="secret manager")
    tell(found=await found("slack.bot"), trouble=copies.trouble)
    await store.close()
"""


def test_an_open_keyring_keeps_gives_back_and_forgets(tmp_path: Path, keyring: dict[str, str]) -> None:
    told = run(
        """
        version = await keyring.write("smtp", Secret({"user": "desk", "password": "ünïcode"}))
        kept = await keyring.read("smtp")
        gone = [await keyring.delete("smtp"), await keyring.delete("smtp"), await keyring.read("smtp")]
        since = [kept.version == version, version.created_ns > 1_700_000_000_000_000_000]
        tell(version=version.version, since=since, kept=[dict(kept.secret), kept.source], gone=gone)
        """,
        tmp_path,
        keyring,
    )

    assert told == {
        "version": "",
        "since": [True, True],
        "kept": [{"user": "desk", "password": "ünïcode"}, "keyring"],
        "gone": [True, False, None],
    }


def test_a_copy_outlives_the_program_and_its_key_is_in_the_keyring_alone(
    tmp_path: Path, keyring: dict[str, str]
) -> None:
    run(KEEP_A_COPY + "\n    tell()", tmp_path, keyring)

    told = run(READ_THE_COPY, tmp_path, keyring)

    assert told["found"] == [{"token": "canary-of-the-manager"}, "secret manager"]
    (copy,) = (tmp_path / "copies").iterdir()
    assert b"canary" not in copy.read_bytes()


def test_row_49_a_real_keyring_entry_deleted_makes_the_copy_unreadable(
    tmp_path: Path, keyring: dict[str, str]
) -> None:
    run(KEEP_A_COPY + "\n    tell(gone=await keyring.delete('cache.key'))", tmp_path, keyring)

    told = run(READ_THE_COPY, tmp_path, keyring)

    assert told["found"] == [{"token": "of the environment"}, "environment"]


def test_row_46_a_machine_without_a_keyring_says_so_and_keeps_nothing_on_disk(
    tmp_path: Path, no_keyring: dict[str, str]
) -> None:
    told = run(KEEP_A_COPY + "\n    tell(trouble=copies.trouble)", tmp_path, no_keyring)

    assert "there is no keyring" in told["trouble"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
    assert not (tmp_path / "copies").exists()


def test_a_locked_keyring_that_nobody_unlocks_ends_in_words_and_the_environment_answers(
    tmp_path: Path, keyring: dict[str, str]
) -> None:
    run(KEEP_A_COPY + "\n    tell()", tmp_path, keyring)
    lock(keyring)

    told = run(
        """
        copies, store = begin(SystemClock())
        began = time.monotonic()
        at_once = await found("slack.bot", store, at_once=True)
        seconds = time.monotonic() - began
        try:
            words = repr(await asyncio.wait_for(keyring.read("slack.bot"), 30))
        except KeeperSilent as silence:
            words = str(silence)
        tell(at_once=at_once, seconds=seconds, words=words)
        await store.close()
        """,
        tmp_path,
        keyring,
    )

    assert told["at_once"] == [{"token": "of the environment"}, "environment"]
    assert told["seconds"] < 2
    assert told["words"] == "the keyring is locked: unlock it"


TYPE_WHILE_LOCKED = """
    import os, subprocess
    from tests.fakes import ListTrail
    from tests.gnome_keyring import unlock
    clock, trail = ManualClock(now_ns=time.time_ns()), ListTrail()
    store = store_of(keyring, clock=clock, trail=trail)
    kept = await store.write("slack.bot", {"token": "typed"}, who="a test")
    typed = [kept.source, kept.waits_for]
    await clock.advance(15)
"""
OPEN_AND_LOOK = """
    unlock(dict(os.environ))
    while (await store.read("slack.bot", who="a test")).source == "memory":
        await clock.advance(15)
        await asyncio.sleep(0.05)
    kept = await store.read("slack.bot", who="a test")
    told = [[str(each.act), each.source, str(each.result)] for each in trail.entries]
    there = dict((await keyring.read("slack.bot")).secret)
    tell(typed=typed, kept=dict(kept.secret), there=there, told=told)
    await store.close()
"""


@pytest.fixture
def locked_keyring(tmp_path: Path, keyring: dict[str, str]) -> dict[str, str]:
    run("    await keyring.write('smtp', Secret({'user': 'x'}))\n    tell()", tmp_path, keyring)
    lock(keyring)
    return keyring


def test_what_was_entered_while_the_keyring_was_locked_is_in_it_once_it_is_open(
    tmp_path: Path, locked_keyring: dict[str, str]
) -> None:
    told = run(TYPE_WHILE_LOCKED + OPEN_AND_LOOK, tmp_path, locked_keyring)

    assert told["typed"] == ["memory", "keyring"]
    assert told["kept"] == told["there"] == {"token": "typed"}
    assert ["write", "keyring", "ok"] in told["told"]


def test_what_another_program_put_into_the_keyring_meanwhile_answers_before_what_was_entered(
    tmp_path: Path, locked_keyring: dict[str, str]
) -> None:
    script = (
        "import keyring; keyring.set_password('tradeassist-test', 'slack.bot', '{\"token\": \"another\"}')"
    )
    another = f"""
    unlock(dict(os.environ))
    subprocess.run([sys.executable, "-c", {script!r}], check=True)
    """

    told = run(TYPE_WHILE_LOCKED + another + OPEN_AND_LOOK, tmp_path, locked_keyring)

    assert told["kept"] == told["there"] == {"token": "another"}
    assert ["write", "keyring", "ok"] not in told["told"]
