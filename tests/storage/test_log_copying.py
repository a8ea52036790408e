from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

import pytest

from tradeassist_desktop.storage.connections import BULK, READING, open_file
from tradeassist_desktop.storage.log_copying import copy_log

PAGE_BYTES = 4_096


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.db"
    with closing(open_file(path, BULK)) as writer:
        writer.execute("CREATE TABLE pages (content BLOB)")
    return path


def write_pages(writer: Connection, count: int) -> None:
    writer.execute("BEGIN IMMEDIATE")
    writer.executemany("INSERT INTO pages VALUES (zeroblob(?))", [(PAGE_BYTES - 100,)] * count)
    writer.execute("COMMIT")


def pages_in_log(driver: Connection) -> int:
    _, pages, _ = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(pages)


def test_no_commit_copies_the_log(file: Path) -> None:
    with closing(open_file(file, BULK)) as writer:
        write_pages(writer, 2_000)

        in_file = file.stat().st_size

        assert in_file < 100 * PAGE_BYTES


def test_what_was_written_is_copied_into_the_file(file: Path) -> None:
    with closing(open_file(file, BULK)) as writer, closing(open_file(file, BULK)) as copier:
        write_pages(writer, 2_000)

        copy_log(copier)

        assert file.stat().st_size > 2_000 * PAGE_BYTES


def test_a_long_log_is_begun_anew(file: Path) -> None:
    with closing(open_file(file, BULK)) as writer, closing(open_file(file, BULK)) as copier:
        write_pages(writer, 5_000)
        copy_log(copier)

        write_pages(writer, 1)

        assert pages_in_log(writer) < 100


def test_a_reader_of_an_older_state_is_left_to_read_it(file: Path) -> None:
    with closing(open_file(file, BULK)) as writer, closing(open_file(file, READING)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM pages").fetchone()
        write_pages(writer, 5_000)

        with closing(open_file(file, BULK)) as copier:
            copy_log(copier)

        assert reader.execute("SELECT count(*) FROM pages").fetchone() == before
        write_pages(writer, 1)
