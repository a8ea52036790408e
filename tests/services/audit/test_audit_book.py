"""Row E52: the audit log is read page by page, proved, and written to files; that is in it too."""

import asyncio
import csv
import io
import json
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.empty_database import empty_database
from tests.fakes import MemoryKeeper
from tests.storage.audit_rows import tampering
from tradeassist_desktop.domain.access import OPEN
from tradeassist_desktop.domain.audit import (
    AuditAct,
    AuditEntry,
    AuditFault,
    AuditPick,
    AuditResult,
    RecordedEntry,
)
from tradeassist_desktop.domain.errors import TradeAssistError, UsageError
from tradeassist_desktop.domain.secret import KeeperSilent
from tradeassist_desktop.exports.csv_cells import text_of
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.audit.anchoring import ANCHOR_NAME, Anchoring
from tradeassist_desktop.services.audit.book import PAGE_ROWS, AuditBook
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database

READ, WRITE, ROTATE = AuditAct.READ, AuditAct.WRITE, AuditAct.ROTATE
FIRST_NS = 1_700_000_000_123_000_000


def entry(number: int, act: AuditAct = WRITE, what: str = "smtp", **rest: object) -> AuditEntry:
    made = AuditEntry(at_ns=FIRST_NS + number, who="desk", act=act, what=what, version=str(number))
    return replace(made, **rest)  # type: ignore[arg-type]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(path=empty_database(tmp_path / "desk.db"))
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def store(database: Database) -> AuditStore:
    return AuditStore(transactions=database)


@pytest.fixture
def keyring() -> MemoryKeeper:
    return MemoryKeeper("keyring")


@pytest.fixture
def book(store: AuditStore, keyring: MemoryKeeper) -> AuditBook:
    clock = SystemClock()
    log = AuditLog(clock=clock, mask=SecretMask())
    log.open(store)
    anchoring = Anchoring(store=store, trail=log, keeper=keyring, clock=clock, tell=lambda broken: None)
    return AuditBook(
        access=OPEN,
        who=lambda: "trader",
        store=store,
        trail=log,
        anchoring=anchoring,
        clock=clock,
    )


def nothing(at: int, of: int) -> None:
    pass


def numbers(rows: list[RecordedEntry]) -> list[int]:
    return [row.number for row in rows]


async def newest(store: AuditStore) -> AuditEntry:
    (row,) = await store.page(AuditPick(), limit=1)
    return row.entry


async def test_e52_pages_go_from_the_newest_to_the_oldest(store: AuditStore, book: AuditBook) -> None:
    await store.append([entry(number) for number in range(1, 451)])
    pages, below = [], None

    while page := await book.older(AuditPick(), below=below):
        pages.append(page)
        below = page[-1].number

    assert [len(page) for page in pages] == [PAGE_ROWS, PAGE_ROWS, 50]
    assert [row.number for page in pages for row in page] == list(range(450, 0, -1))


async def test_e52_what_has_come_since_is_a_page_too(store: AuditStore, book: AuditBook) -> None:
    await store.append([entry(number) for number in range(1, 6)])

    assert numbers(await book.newer(AuditPick(), above=3)) == [5, 4]


@pytest.mark.parametrize(
    ("pick", "found"),
    [
        pytest.param(AuditPick(), [6, 5, 4, 3, 2, 1], id="all"),
        pytest.param(AuditPick(what="slack.bot"), [3, 2], id="a secret"),
        pytest.param(AuditPick(who="rotation"), [3], id="who"),
        pytest.param(AuditPick(acts=frozenset({READ, ROTATE})), [3, 2, 1], id="acts"),
        pytest.param(AuditPick(results=frozenset({AuditResult.FAILED})), [4], id="a result"),
        pytest.param(AuditPick(since_ns=FIRST_NS + 2, until_ns=FIRST_NS + 4), [3, 2], id="a time"),
        pytest.param(AuditPick(text="DISK"), [4], id="a text, in any case"),
        pytest.param(AuditPick(text="100%"), [5], id="a text with a sign that means something elsewhere"),
        pytest.param(AuditPick(text="_"), [6], id="another"),
        pytest.param(AuditPick(text="nowhere"), [], id="nothing"),
        pytest.param(
            AuditPick(
                text="DISK",
                or_whats=frozenset({"slack.bot"}),
                or_acts=frozenset({READ}),
                or_results=frozenset({AuditResult.REFUSED}),
            ),
            [4, 3, 2, 1],
            id="a text, or what has a title with it",
        ),
    ],
)
async def test_e52_entries_are_picked(
    store: AuditStore, book: AuditBook, pick: AuditPick, found: list[int]
) -> None:
    await store.append(
        [
            entry(1, READ),
            entry(2, READ, "slack.bot"),
            entry(3, ROTATE, "slack.bot", who="rotation"),
            entry(4, result=AuditResult.FAILED, detail="The disk is full."),
            entry(5, detail="100%"),
            entry(6, detail="a_b"),
        ]
    )

    assert numbers(await book.older(pick)) == found
    assert await book.count(pick) == len(found)


async def test_e52_a_rare_entry_is_found_far_down(store: AuditStore, book: AuditBook) -> None:
    await store.append([entry(1, detail="the needle")])
    await store.append([entry(number) for number in range(2, 25_001)])

    assert numbers(await book.older(AuditPick(text="needle"))) == [1]


async def test_e52_the_last_use_and_rotation_of_secrets_are_one_question(
    store: AuditStore, book: AuditBook
) -> None:
    await store.append(
        [
            entry(1, READ, "smtp"),
            entry(2, READ, "smtp"),
            entry(3, READ, "smtp", result=AuditResult.FAILED),
            entry(4, ROTATE, "slack.bot"),
            entry(5, WRITE, "webhook.main"),
        ]
    )

    found = await book.last(["smtp", "slack.bot", "schwab.app"], [READ, ROTATE])

    assert {key: each.version for key, each in found.items()} == {
        ("smtp", READ): "2",
        ("slack.bot", ROTATE): "4",
    }


async def test_e52_who_only_looks_at_a_secret_does_not_use_it(store: AuditStore, book: AuditBook) -> None:
    await store.append(
        [
            entry(1, READ, "smtp", who="smtp channel"),
            entry(2, READ, "smtp", who="credentials page"),
            entry(3, READ, "smtp", who="rotation"),
        ]
    )

    found = await book.last(["smtp"], [READ], except_who=["credentials page", "rotation"])

    assert found["smtp", READ].version == "1"


async def test_e52_rows_that_others_have_spoilt_are_shown_all_the_same(
    tmp_path: Path, store: AuditStore, book: AuditBook
) -> None:
    await store.append([entry(1), entry(2)])
    spoil = "detail = char(27) || '[2J', "
    spoil += "act = 'juggle', result = 7, who = CAST(x'ff' AS TEXT), at_ns = 'noon', count = x'00'"
    with tampering(tmp_path / "desk.db") as driver:
        driver.execute(f"UPDATE audit SET {spoil} WHERE number = 1")

    _, spoilt = await book.older(AuditPick())

    assert spoilt.entry.detail == r"\x1b[2J"
    assert (spoilt.entry.act, spoilt.entry.result, spoilt.entry.who) == (
        AuditAct.UNKNOWN,
        AuditResult.UNKNOWN,
        "\ufffd",
    )


async def test_e52_to_verify_is_an_entry(store: AuditStore, book: AuditBook) -> None:
    await store.append([entry(1)])

    verified = await book.verify(when=str, on_progress=nothing)
    await book.older(AuditPick())
    await book.verify(when=str, on_progress=nothing)  # writes what was recorded

    told = await newest(store)
    assert (told.who, told.act, told.result, told.detail) == (
        "trader",
        AuditAct.VERIFY,
        AuditResult.OK,
        verified.words,
    )


async def test_e52_a_silent_keyring_is_said_and_keeps_nobody_from_verifying(
    store: AuditStore, book: AuditBook, keyring: MemoryKeeper
) -> None:
    await store.append([entry(1)])
    keyring.failure = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")

    verified = await book.verify(when=str, on_progress=nothing)

    assert verified.verdict.broken is None
    assert verified.words.endswith("cannot be told: the keyring is locked: unlock it.")


async def test_e52_a_csv_file_has_the_picked_entries_oldest_first(
    tmp_path: Path, store: AuditStore, book: AuditBook
) -> None:
    await store.append([entry(1), entry(2, READ), entry(3, detail="=1+1", source="-2", count=3)])
    file = tmp_path / "audit.csv"

    count = await book.export(AuditPick(acts=frozenset({WRITE})), file, on_progress=nothing)

    text = file.read_bytes().decode()
    header, first, second = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert count == 2
    assert ",".join(header) == "number,time_utc,who,act,what,version,source,result,detail,count"
    assert ",".join(first) == "1,2023-11-14T22:13:20.123Z,desk,write,smtp,1,,ok,,1"
    assert ",".join(second) == "3,2023-11-14T22:13:20.123Z,desk,write,smtp,3,'-2,ok,'=1+1,3"
    assert text_of(second[8]) == "=1+1"


async def test_e52_a_json_file_has_an_entry_a_line(
    tmp_path: Path, store: AuditStore, book: AuditBook
) -> None:
    await store.append([entry(1, detail="=1+1 ü"), entry(2)])
    file = tmp_path / "audit.jsonl"

    await book.export(AuditPick(), file, on_progress=nothing)

    first, _ = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    assert first == {
        "number": 1,
        "time_utc": "2023-11-14T22:13:20.123Z",
        "at_ns": FIRST_NS + 1,
        "who": "desk",
        "act": "write",
        "what": "smtp",
        "version": "1",
        "source": "",
        "result": "ok",
        "detail": "=1+1 ü",
        "count": 1,
    }


async def test_e52_an_export_is_an_entry(tmp_path: Path, store: AuditStore, book: AuditBook) -> None:
    await store.append([entry(1)])

    await book.export(AuditPick(), tmp_path / "one.csv", on_progress=nothing)
    await book.export(AuditPick(), tmp_path / "two.csv", on_progress=nothing)

    told = await newest(store)
    assert (told.who, told.act, told.result) == ("trader", AuditAct.EXPORT, AuditResult.OK)
    assert told.detail == f"1 entries to {tmp_path / 'one.csv'}"


async def test_e52_an_exported_file_is_its_users_alone(tmp_path: Path, book: AuditBook) -> None:
    file = tmp_path / "audit.csv"

    await book.export(AuditPick(), file, on_progress=nothing)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_e52_an_export_that_is_cancelled_leaves_the_file_of_before(
    tmp_path: Path, store: AuditStore, book: AuditBook
) -> None:
    await store.append([entry(number) for number in range(1, 5_001)])
    file = tmp_path / "audit.csv"
    file.write_text("before")
    told: list[tuple[int, int]] = []
    exporting = asyncio.create_task(
        book.export(AuditPick(), file, on_progress=lambda at, of: told.append((at, of)))
    )
    while not told:
        await asyncio.sleep(0)

    exporting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await exporting

    assert told[0] == (500, 5_000)
    assert file.read_text() == "before"
    assert not [name for name in os.listdir(tmp_path) if "part" in name]  # noqa: PTH208 - of an async test


async def test_e52_an_export_that_fails_says_why_and_is_an_entry(
    tmp_path: Path, store: AuditStore, book: AuditBook
) -> None:
    with pytest.raises(TradeAssistError, match=r"audit\.csv cannot be written: No such file or directory"):
        await book.export(AuditPick(), tmp_path / "none" / "audit.csv", on_progress=nothing)
    await book.export(AuditPick(), tmp_path / "audit.csv", on_progress=nothing)

    assert (await newest(store)).result is AuditResult.FAILED


async def test_e52_a_name_that_says_no_format_is_refused(tmp_path: Path, book: AuditBook) -> None:
    with pytest.raises(TradeAssistError, match=r"must end in \.csv or \.jsonl"):
        await book.export(AuditPick(), tmp_path / "audit.txt", on_progress=nothing)


async def test_e52_a_log_that_was_changed_can_be_accepted_and_goes_on(
    tmp_path: Path, store: AuditStore, book: AuditBook, keyring: MemoryKeeper
) -> None:
    await store.append([entry(number) for number in range(1, 1_501)])
    end = await store.end()
    keyring.kept[ANCHOR_NAME] = {"number": str(end.number), "chain": end.chain}
    with tampering(tmp_path / "desk.db") as driver:
        driver.execute("DELETE FROM audit WHERE number = 7 OR number > 1400")

    await book.accept("restored from a copy")
    await store.append([entry(1)])

    verified = await book.verify(when=lambda at_ns: "today", on_progress=nothing)
    assert verified.verdict.broken is None
    assert verified.words.endswith(" As it was on today, trader accepted it: restored from a copy")
    assert keyring.kept[ANCHOR_NAME]["number"] == "1401"


async def test_e52_what_was_accepted_is_not_to_be_changed_either(
    tmp_path: Path, store: AuditStore, book: AuditBook
) -> None:
    await store.append([entry(number) for number in range(1, 9)])
    with tampering(tmp_path / "desk.db") as driver:
        driver.execute("DELETE FROM audit WHERE number = 7")
    await book.accept("restored from a copy")

    with tampering(tmp_path / "desk.db") as driver:
        driver.execute("UPDATE audit SET who = 'x' WHERE number = 3")

    broken = (await book.verify(when=str, on_progress=nothing)).verdict.broken
    assert broken is not None
    assert broken.fault is AuditFault.KEPT_CHANGED


async def test_e52_accepting_wants_a_reason(book: AuditBook) -> None:
    with pytest.raises(UsageError, match="Say why"):
        await book.accept("  ")


async def test_e52_a_keyring_that_still_remembers_another_log_is_said(
    store: AuditStore, book: AuditBook, keyring: MemoryKeeper
) -> None:
    keyring.failure = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")

    with pytest.raises(TradeAssistError, match="still remembers another log: the keyring is locked"):
        await book.accept("restored from a copy")
