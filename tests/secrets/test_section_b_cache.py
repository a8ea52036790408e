"""FAULTS.md section B, rows 43, 45, 46 and 49: copies of secrets on disk, and what may befall them."""

import asyncio
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.secrets.conftest import Shelf
from tradeassist_desktop.domain.secret import SLACK_BOT, SMTP, KeeperSilent
from tradeassist_desktop.secrets.cache_key import NO_KEYRING

OLD, NEW = {"token": "canary-old"}, {"token": "canary-new"}


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


async def copied(shelf: Shelf, **secrets: dict[str, str]) -> None:
    """Have copies made of what the manager keeps, and begin the program anew."""
    shelf.manager.kept.update(secrets)
    for name in secrets:
        await shelf.read(name)
    await shelf.restart()


def flipped(content: bytes) -> bytes:
    return bytes([*content[:-1], content[-1] ^ 1])


def with_another(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    """Return what puts one value of the header in the place of another of its length."""

    def changed(content: bytes) -> bytes:
        assert before in content and len(before) == len(after)
        return content.replace(before, after)

    return changed


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(flipped, id="a bit flipped in the tag"),
        pytest.param(lambda content: content[:150] + flipped(content[150:200]) + content[200:], id="header"),
        pytest.param(lambda content: content[:-40], id="cut off"),
        pytest.param(lambda content: content[:25], id="cut off in the header"),
        pytest.param(lambda content: b"", id="of no length"),
        pytest.param(lambda content: b"[" * 100_000, id="rubbish"),
        pytest.param(lambda content: content[:25] + b"[" * 100_000, id="rubbish behind a good start"),
        pytest.param(with_another(b'"version": ""', b'"version":"7"'), id="another version"),
        pytest.param(with_another(b'"is_ahead": false', b'"is_ahead": true '), id="said to be ahead"),
        pytest.param(with_another(b'"number": 1', b'"number": 9'), id="another number"),
    ],
)
async def test_row_43_a_damaged_copy_is_fetched_anew_and_shows_nothing(
    shelf: Shelf, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    await copied(shelf, **{SLACK_BOT: OLD})
    shelf.file(SLACK_BOT).write_bytes(damage(shelf.file(SLACK_BOT).read_bytes()))
    shelf.manager.reads = 0

    found = await shelf.read(SLACK_BOT)
    await shelf.restart()
    from_the_copy = await shelf.read(SLACK_BOT)

    assert found is not None and found.secret == OLD
    assert from_the_copy is not None and from_the_copy.secret == OLD
    assert shelf.manager.reads == 1
    assert "canary" not in caplog.text


async def test_row_43_two_copies_swapped_are_both_fetched_anew(shelf: Shelf) -> None:
    await copied(shelf, **{SLACK_BOT: OLD, SMTP: {"user": "desk", "password": "word"}})
    first, second = shelf.file(SLACK_BOT), shelf.file(SMTP)
    contents = first.read_bytes(), second.read_bytes()
    first.write_bytes(contents[1])
    second.write_bytes(contents[0])
    shelf.manager.reads = 0

    found = [await shelf.read(SLACK_BOT), await shelf.read(SMTP)]

    assert [each is not None and dict(each.secret) for each in found] == [
        OLD,
        {"user": "desk", "password": "word"},
    ]
    assert shelf.manager.reads == 2


async def test_row_43_an_older_copy_put_back_does_not_answer(shelf: Shelf, tmp_path: Path) -> None:
    await copied(shelf, **{SLACK_BOT: OLD})
    shutil.copy(shelf.file(SLACK_BOT), tmp_path / "older")
    await shelf.write(SLACK_BOT, NEW)
    await shelf.restart()
    shutil.copy(tmp_path / "older", shelf.file(SLACK_BOT))
    shelf.manager.failure = KeeperSilent("no answer", keeper="secret manager")

    with pytest.raises(KeeperSilent):
        await shelf.read(SLACK_BOT)


async def test_row_43_the_copy_of_a_secret_that_was_taken_out_does_not_answer_when_put_back(
    shelf: Shelf, tmp_path: Path
) -> None:
    await copied(shelf, **{SLACK_BOT: OLD})
    shutil.copy(shelf.file(SLACK_BOT), tmp_path / "older")
    await shelf.store.delete(SLACK_BOT, who="a test")
    await shelf.restart()
    shutil.copy(tmp_path / "older", shelf.file(SLACK_BOT))

    assert await shelf.read(SLACK_BOT) is None


async def test_a_copy_holds_no_text_of_the_secret(shelf: Shelf) -> None:
    await copied(shelf, **{SLACK_BOT: OLD})

    assert b"canary" not in shelf.file(SLACK_BOT).read_bytes()
    assert "canary" not in repr(shelf.keys.texts)


async def test_only_remote_secrets_are_copied(shelf: Shelf) -> None:
    shelf.keyring.kept[SMTP] = {"user": "desk", "password": "word"}
    shelf.variables["SLACK_BOT_TOKEN"] = "token"
    shelf.order = ("keyring", "environment")

    await shelf.read(SMTP)
    await shelf.read(SLACK_BOT)
    await shelf.restart()

    assert not shelf.folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="has no such modes")
async def test_row_45_nobody_else_may_read_files_or_folder_from_the_first_moment_on(
    shelf: Shelf, no_umask: None
) -> None:
    modes: list[tuple[str, int]] = []
    shelf.keys.before_write = lambda name, text: modes.extend(
        (path.name, stat.S_IMODE(path.stat().st_mode)) for path in shelf.folder.parent.rglob("*")
    )

    await copied(shelf, **{SLACK_BOT: OLD})

    assert set(modes) == {("copies", 0o700), (f"{SLACK_BOT}.sealed", 0o600)}


@pytest.mark.skipif(os.name != "posix", reason="has no such modes")
async def test_row_45_a_folder_and_a_file_open_to_others_are_closed_to_them_with_a_warning(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    await copied(shelf, **{SLACK_BOT: OLD})
    shelf.folder.chmod(0o755)
    shelf.file(SLACK_BOT).chmod(0o644)

    await shelf.read(SLACK_BOT)

    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(shelf.file(SLACK_BOT).stat().st_mode) == 0o600
    assert caplog.text.count("open to others") == 2


@pytest.mark.skipif(os.name != "posix", reason="has no such links")
async def test_row_45_a_link_in_a_copys_place_is_neither_read_nor_written_through(
    shelf: Shelf, tmp_path: Path
) -> None:
    await copied(shelf, **{SLACK_BOT: OLD})
    elsewhere = tmp_path / "elsewhere"
    shelf.file(SLACK_BOT).rename(elsewhere)
    shelf.file(SLACK_BOT).symlink_to(elsewhere)
    content = elsewhere.read_bytes()
    shelf.manager.kept[SLACK_BOT] = NEW

    found = await shelf.read(SLACK_BOT)
    await shelf.restart()

    assert found is not None and found.secret == NEW
    assert elsewhere.read_bytes() == content
    assert not shelf.file(SLACK_BOT).is_symlink()


@pytest.mark.skipif(os.name != "posix", reason="has no such links")
async def test_row_45_a_folder_that_is_a_link_is_not_used(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shelf.folder.symlink_to(tmp_path / "elsewhere")
    shelf.manager.kept[SLACK_BOT] = OLD

    found = await shelf.read(SLACK_BOT)
    await shelf.restart()

    assert found is not None
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="has no such pipes")
async def test_row_45_a_pipe_in_a_copys_place_makes_nobody_wait(shelf: Shelf) -> None:
    await copied(shelf, **{SLACK_BOT: OLD})
    shelf.file(SLACK_BOT).unlink()
    os.mkfifo(shelf.file(SLACK_BOT))

    found = await shelf.read(SLACK_BOT)

    assert found is not None and found.source == "secret manager"


async def test_row_46_without_a_keyring_nothing_is_kept_on_disk_and_it_is_said(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.keys.is_there = False

    await copied(shelf, **{SLACK_BOT: OLD})
    found = await shelf.read(SLACK_BOT)
    await shelf.store.close()

    assert found is not None and found.source == "secret manager"
    assert not shelf.folder.exists()
    assert shelf.cache.trouble == NO_KEYRING
    assert [record.message for record in caplog.records].count(
        "copies of secrets not kept"
    ) == 2  # a start each


async def test_row_49_with_its_key_deleted_a_copy_is_fetched_anew_under_a_new_key(shelf: Shelf) -> None:
    await copied(shelf, **{SLACK_BOT: OLD})
    (text,) = shelf.keys.texts.values()
    shelf.keys.texts.clear()
    shelf.manager.reads = 0

    found = await shelf.read(SLACK_BOT)
    await shelf.restart()
    from_the_copy = await shelf.read(SLACK_BOT)

    assert found is not None and from_the_copy is not None
    assert shelf.manager.reads == 1
    assert shelf.keys.texts and text not in shelf.keys.texts.values()


@pytest.mark.parametrize(
    "text", ["", "{", '{"keys": {}}', '{"current": "a", "keys": {"a": "c2hvcnQ="}}', "[]"]
)
async def test_row_49_a_key_that_is_none_is_replaced(shelf: Shelf, text: str) -> None:
    await copied(shelf, **{SLACK_BOT: OLD})
    shelf.keys.texts = dict.fromkeys(shelf.keys.texts, text)

    found = await shelf.read(SLACK_BOT)
    await shelf.restart()
    shelf.manager.failure = KeeperSilent("no answer", keeper="secret manager")
    from_the_copy = await shelf.read(SLACK_BOT)

    assert found is not None
    assert from_the_copy is not None and from_the_copy.secret == OLD


async def test_a_keyring_that_waits_for_its_password_holds_nobody_up(shelf: Shelf) -> None:
    await copied(shelf, **{SLACK_BOT: OLD, SMTP: {"user": "desk", "password": "word"}})
    shelf.keys.is_open.clear()

    first = asyncio.create_task(shelf.read(SLACK_BOT))
    await shelf.clock.advance(1)
    second = await shelf.read(SMTP)  # at once: the clock stands still

    assert second is not None and second.source == "secret manager"
    assert (await first) is not None
