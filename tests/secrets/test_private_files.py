"""Small files for this user alone: whole or not at all, also for who is killed while writing."""

import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.secrets.file_keyring import FileKeyring
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.private_files import PrivateFolder, Unsafe

ROOT = Path(__file__).parents[2]
WRITER = """
    import asyncio, sys
    from pathlib import Path
    from tests.secrets.file_keyring import FileKeyring
    from tradeassist_desktop.domain.secret import KeptSecret, Secret, SecretVersion
    from tradeassist_desktop.runtime.clock import SystemClock
    from tradeassist_desktop.secrets.cache import SecretCache

    async def work():
        folder, clock = Path(sys.argv[1]), SystemClock()
        cache = SecretCache(
            folder=folder / "copies", keyring=FileKeyring(folder / "keyring"), clock=clock, scope=lambda: "p"
        )
        number = int(sys.argv[2])
        while True:
            number += 1
            secret = Secret({"token": str(number) * 50})
            version = SecretVersion(version=str(number))
            cache.put(
                KeptSecret(name="slack.bot", secret=secret, source="secret manager", version=version),
                asked_ns=clock.now_ns(),
            )
            await cache.settled()
            print(number, flush=True)

    asyncio.run(work())
"""


def write_until_killed(folder: Path, confirmed: int, *, copies: int) -> int:
    """Have copies written one after another by a program killed after so many; return the last it told."""
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(folder), str(confirmed)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    for _ in range(copies):
        writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    told = writer.stdout.read().split()
    writer.wait()
    writer.stdout.close()
    return max([confirmed + copies, *map(int, told)])


async def test_row_43_a_program_killed_while_it_writes_leaves_the_copy_before_or_the_one_after(
    tmp_path: Path,
) -> None:
    confirmed = 0
    for copies in (3, 7, 12, 5, 20):
        confirmed = write_until_killed(tmp_path, confirmed, copies=copies)

        cache = SecretCache(
            folder=tmp_path / "copies",
            keyring=FileKeyring(tmp_path / "keyring"),
            clock=SystemClock(),
            scope=lambda: "p",
        )
        found = await cache.read("slack.bot")
        await cache.close()

        assert found is not None
        assert int(found.kept.version.version) in (confirmed, confirmed + 1)
        assert found.kept.secret["token"] == found.kept.version.version * 50


def test_what_a_killed_program_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    folder = PrivateFolder(tmp_path / "private")
    folder.write("one", b"whole")
    (tmp_path / "private" / "two.0011.part").write_bytes(b"ha")

    assert folder.names() == ("one",)
    assert [path.name for path in (tmp_path / "private").iterdir()] == ["one"]


def test_a_file_is_replaced_and_removed(tmp_path: Path) -> None:
    folder = PrivateFolder(tmp_path / "private")
    assert (folder.read("one"), folder.names()) == (None, ())

    folder.write("one", b"before")
    folder.write("one", b"after")
    found = folder.read("one")
    folder.remove("one")
    folder.remove("one")

    assert (found, folder.read("one")) == (b"after", None)


def test_what_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    folder = PrivateFolder(tmp_path / "private")
    folder.write("one", b"")
    (tmp_path / "private" / "one").write_bytes(bytes(10**6))

    with pytest.raises(Unsafe, match="too large"):
        folder.read("one")


@pytest.mark.skipif(os.name != "posix", reason="has no umask")
@pytest.mark.parametrize("umask", [0, 0o777])
def test_row_45_whatever_the_umask_a_file_is_for_its_owner_alone(tmp_path: Path, umask: int) -> None:
    folder = PrivateFolder(tmp_path / "private")
    before = os.umask(umask)
    try:
        folder.write("one", b"text")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "private" / "one").stat().st_mode) == 0o600
    assert folder.read("one") == b"text"


@pytest.mark.skipif(os.name != "posix", reason="has no links")
def test_row_45_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "private").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Unsafe, match="link"):
        PrivateFolder(tmp_path / "private").write("one", b"text")


@pytest.mark.skipif(sys.platform != "linux", reason="has no folder that is ours and stays as it is")
def test_row_45_a_folder_that_cannot_be_closed_to_others_is_refused_and_not_said_to_be_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = PrivateFolder(Path("/proc/self/task"))

    for use in (folder.names, lambda: folder.read("copy"), lambda: folder.write("copy", b"canary")):
        with pytest.raises(PermissionError):
            use()

    assert "closed to them" not in caplog.text
