"""Row E52: whatever is done to the audit log outside of the program shows, and where."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.empty_database import empty_database
from tests.storage.audit_rows import chain_anew, close_ranks, make_up_pruning, put_in, swap, tampering
from tradeassist_desktop.domain.audit import (
    AuditAct,
    AuditAnchor,
    AuditBreak,
    AuditEntry,
    AuditFault,
    AuditVerdict,
)
from tradeassist_desktop.services.audit.verifying import in_words, verify
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.lone_file import LoneFile

COUNT = 12


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Return a database with 12 entries, at times 1 to 12."""
    path = empty_database(tmp_path / "desk.db")
    database = Database(path=path)
    await database.start()
    store = AuditStore(transactions=database)
    for number in range(1, COUNT + 1):
        await store.append(
            [AuditEntry(at_ns=number, who="sign-in", act=AuditAct.WRITE, what="smtp", version=str(number))]
        )
    await database.stop()
    return path


def nothing(at: int, of: int) -> None:
    pass


async def verdict_on(path: Path, anchor: AuditAnchor | None = None) -> AuditVerdict:
    return await verify(AuditStore(transactions=LoneFile(path=path)), anchor=anchor, on_progress=nothing)


async def end_of(path: Path) -> AuditAnchor:
    return await AuditStore(transactions=LoneFile(path=path)).end()


async def test_e52_a_log_that_nobody_touched_is_whole(path: Path) -> None:
    end = await end_of(path)

    assert await verdict_on(path, end) == AuditVerdict(checked=COUNT, end=COUNT, anchored=COUNT)


@pytest.mark.parametrize(
    "column",
    [
        "at_ns",
        "who",
        "act",
        "what",
        "version",
        "source",
        "result",
        "detail",
        "count",
        "through",
        "seal",
        "chain",
    ],
)
@pytest.mark.parametrize("value", ["7", "CAST(x'ff00' AS TEXT)"], ids=["another", "bytes that are no text"])
async def test_e52_a_changed_value_shows_where_it_is(path: Path, column: str, value: str) -> None:
    with tampering(path) as driver:
        driver.execute(f"UPDATE audit SET {column} = {value} WHERE number = 5")

    broken = (await verdict_on(path)).broken

    assert broken is not None
    assert (broken.fault, broken.number) == (AuditFault.CHANGED, 5)


def change_and_link(driver: sqlite3.Connection) -> None:
    before = driver.execute("SELECT chain FROM audit WHERE number > 5 ORDER BY number").fetchall()
    driver.execute("UPDATE audit SET who = 'nobody' WHERE number = 5")
    chain_anew(driver)
    for number, (chain,) in enumerate(before, start=6):
        driver.execute("UPDATE audit SET chain = ? WHERE number = ?", (chain, number))


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        pytest.param(
            lambda driver: driver.execute("DELETE FROM audit WHERE number = 5"),
            AuditBreak(AuditFault.REMOVED, 5, 6, missing=1),
            id="one removed",
        ),
        pytest.param(
            lambda driver: driver.execute("DELETE FROM audit WHERE number BETWEEN 5 AND 8"),
            AuditBreak(AuditFault.REMOVED, 5, 9, missing=4),
            id="several removed",
        ),
        pytest.param(
            lambda driver: driver.execute("DELETE FROM audit WHERE number < 4"),
            AuditBreak(AuditFault.REMOVED, 1, 4, missing=3),
            id="the oldest removed",
        ),
        pytest.param(
            lambda driver: close_ranks(driver, 5),
            AuditBreak(AuditFault.CHANGED, 5, 6),
            id="removed, the rest numbered anew",
        ),
        pytest.param(lambda driver: put_in(driver, 5), AuditBreak(AuditFault.INSERTED, 5, 1), id="put in"),
        pytest.param(lambda driver: swap(driver, 5), AuditBreak(AuditFault.MOVED, 5, 6), id="changed places"),
        pytest.param(change_and_link, AuditBreak(AuditFault.CHANGED, 6, 6), id="changed, its own link anew"),
        pytest.param(
            lambda driver: driver.execute("UPDATE audit SET who = 'x' WHERE number = 12"),
            AuditBreak(AuditFault.CHANGED, 12, 12),
            id="the newest changed",
        ),
    ],
)
async def test_e52_what_was_done_shows_and_where(
    path: Path, tamper: Callable[[sqlite3.Connection], object], broken: AuditBreak
) -> None:
    with tampering(path) as driver:
        tamper(driver)

    assert (await verdict_on(path)).broken == broken


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        pytest.param(
            lambda driver: driver.execute("DELETE FROM audit WHERE number > 9"),
            AuditBreak(AuditFault.CUT, 10, None, missing=3),
            id="cut at the end",
        ),
        pytest.param(
            lambda driver: driver.execute("DELETE FROM audit"),
            AuditBreak(AuditFault.CUT, 1, None, missing=12),
            id="emptied",
        ),
        pytest.param(
            lambda driver: (
                driver.execute("UPDATE audit SET who = 'x' WHERE number = 5"),
                chain_anew(driver),
            ),
            AuditBreak(AuditFault.REWRITTEN, 12, None),
            id="changed and chained anew",
        ),
        pytest.param(
            lambda driver: (put_in(driver, 5), chain_anew(driver)),
            AuditBreak(AuditFault.REWRITTEN, 12, None),
            id="put in and chained anew",
        ),
        pytest.param(
            lambda driver: (
                driver.execute("UPDATE audit SET who = 'x' WHERE number = 5"),
                make_up_pruning(driver),
            ),
            AuditBreak(AuditFault.UNTOLD, 13, None),
            id="changed, and said to be kept by a pruning that never was",
        ),
    ],
)
async def test_e52_what_the_chain_alone_does_not_tell_the_anchor_does(
    path: Path, tamper: Callable[[sqlite3.Connection], object], broken: AuditBreak
) -> None:
    anchor = await end_of(path)
    with tampering(path) as driver:
        tamper(driver)

    assert (await verdict_on(path)).broken is None
    assert (await verdict_on(path, anchor)).broken == broken


async def test_e52_a_log_of_many_parts_is_followed_to_its_end(path: Path) -> None:
    store = AuditStore(transactions=LoneFile(path=path))
    await store.append([AuditEntry(at_ns=n, who="x", act=AuditAct.WRITE, what="smtp") for n in range(2_500)])
    told: list[tuple[int, int]] = []

    verdict = await verify(store, anchor=None, on_progress=lambda at, of: told.append((at, of)))

    assert (verdict.end, verdict.broken) == (2_512, None)
    assert told == [(number, 2_512) for number in (500, 1_000, 1_500, 2_000, 2_500, 2_512)]


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        pytest.param(
            AuditVerdict(checked=1_200, end=1_200, anchored=1_190),
            "The audit log is whole: 1,200 entries, each as it was written. The keyring vouches for all up "
            "to number 1,190; the 10 after it by their chain alone.",
            id="anchored",
        ),
        pytest.param(
            AuditVerdict(checked=1, end=1),
            "The audit log is whole: 1 entry, each as it was written. Whether its end is missing, or all was "
            "written anew, cannot be told: there is no keyring.",
            id="without a keyring",
        ),
        pytest.param(AuditVerdict(checked=0, end=0), "Nothing has been recorded yet.", id="empty"),
        pytest.param(
            AuditVerdict(checked=4, end=4, broken=AuditBreak(AuditFault.REMOVED, 5, 9, missing=4)),
            "The audit log was changed outside of the program. Entries 5 to 8 are missing, before the one of "
            "at 9.",
            id="removed",
        ),
        pytest.param(
            AuditVerdict(checked=9, end=9, broken=AuditBreak(AuditFault.CUT, 10, None, missing=1)),
            "The audit log was changed outside of the program. Its end was cut off: entry 10 is missing.",
            id="cut",
        ),
        pytest.param(
            AuditVerdict(checked=9, end=9, broken=AuditBreak(AuditFault.UNTOLD, 9, None)),
            "Entry 9 says that older ones were removed or accepted, and the keyring was not told: "
            "the program was ended in that moment, or somebody else wrote it. Nothing vouches for what was "
            "before.",
            id="not told of",
        ),
        pytest.param(
            AuditVerdict(checked=4, end=4, broken=AuditBreak(AuditFault.CHANGED, 5, 0)),
            "The audit log was changed outside of the program. Entry 5 (time unknown) is not as it was "
            "written: it or the one before it was changed, or entries between them were taken out.",
            id="changed",
        ),
    ],
)
def test_e52_a_verdict_is_said_in_words(verdict: AuditVerdict, words: str) -> None:
    assert in_words(verdict, when=lambda at_ns: f"at {at_ns}", why_unanchored="there is no keyring") == words
