"""Row E52: the audit log survives retention, and what is left can still be checked."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.storage.audit_rows import COLUMNS, tampering
from tradeassist_desktop.domain.audit import (
    AuditAct,
    AuditAnchor,
    AuditEntry,
    AuditFault,
    AuditPick,
    AuditResult,
    AuditVerdict,
)
from tradeassist_desktop.services.audit.verifying import verify
from tradeassist_desktop.storage.audit_pruning import AuditBroken
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database

NOW_NS = 10**18
PUT_IN = f"INSERT INTO audit SELECT 2, {', '.join(COLUMNS[1:])} FROM audit WHERE number = 1"
READ, WRITE, ROTATE = AuditAct.READ, AuditAct.WRITE, AuditAct.ROTATE


def entry(
    at: int, act: AuditAct = READ, what: str = "smtp", result: AuditResult = AuditResult.OK
) -> AuditEntry:
    return AuditEntry(at_ns=at, who="desk", act=act, what=what, result=result)


@pytest.fixture
def store(database: Database) -> AuditStore:
    return AuditStore(transactions=database)


async def told(store: AuditStore) -> list[tuple[int, AuditAct, str]]:
    rows = await store.page(AuditPick(), limit=100)
    return [(row.number, row.entry.act, row.entry.what) for row in reversed(rows)]


async def verdict_on(store: AuditStore, anchor: AuditAnchor | None = None) -> AuditVerdict:
    return await verify(store, anchor=anchor, on_progress=lambda at, of: None)


async def prune(store: AuditStore, before: int, below: int = 2**62) -> int:
    return await store.prune(before_ns=before, now_ns=NOW_NS, below=below)


async def test_e52_old_entries_go_and_an_entry_tells_of_it(store: AuditStore) -> None:
    await store.append([entry(at) for at in range(1, 11)])

    await prune(store, before=8)

    *rest, pruning = reversed(await store.page(AuditPick(), limit=100))
    assert [row.number for row in rest] == [8, 9, 10]
    assert (pruning.number, pruning.entry.act, pruning.entry.count) == (11, AuditAct.PRUNE, 7)
    assert pruning.entry.detail == "entries from before 1970-01-01 removed, up to number 7"
    assert await verdict_on(store) == AuditVerdict(checked=4, end=11)


async def test_e52_the_last_write_and_rotation_of_each_secret_stay(store: AuditStore) -> None:
    await store.append(
        [
            entry(1, WRITE, "smtp"),
            entry(2, WRITE, "smtp"),
            entry(3, ROTATE, "slack.bot"),
            entry(4, READ, "slack.bot"),
            entry(5, ROTATE, "slack.bot", AuditResult.FAILED),
            entry(6, WRITE, "schwab.app"),
            entry(90, WRITE, "schwab.app"),
        ]
    )

    await prune(store, before=50)

    assert await told(store) == [
        (2, WRITE, "smtp"),
        (3, ROTATE, "slack.bot"),
        (7, WRITE, "schwab.app"),
        (8, AuditAct.PRUNE, "audit log"),
    ]
    assert (await verdict_on(store)).broken is None


async def test_e52_what_was_kept_goes_once_there_is_a_later_one(store: AuditStore) -> None:
    await store.append([entry(1, WRITE, "smtp"), entry(2), entry(60, WRITE, "smtp"), entry(61)])
    await prune(store, before=50)

    await prune(store, before=70)

    assert await told(store) == [
        (3, WRITE, "smtp"),
        (5, AuditAct.PRUNE, "audit log"),
        (6, AuditAct.PRUNE, "audit log"),
    ]
    assert (await verdict_on(store)).broken is None


async def test_e52_an_entry_from_the_future_keeps_no_other(store: AuditStore) -> None:
    await store.append([entry(1), entry(2 * NOW_NS), entry(3), entry(2 * NOW_NS), entry(60)])

    await prune(store, before=50)

    assert [number for number, *_ in await told(store)] == [4, 5, 6]


async def test_e52_a_clock_that_is_set_back_removes_nothing(store: AuditStore) -> None:
    await store.append([entry(NOW_NS + at) for at in range(5)])

    assert await store.prune(before_ns=-1_000, now_ns=0) == 0


async def test_e52_nothing_old_leaves_no_entry(store: AuditStore) -> None:
    await store.append([entry(10)])

    assert await prune(store, before=10) == 0
    assert await told(store) == [(1, READ, "smtp")]


async def test_e52_much_that_is_old_goes_in_short_transactions(store: AuditStore) -> None:
    await store.append([entry(at) for at in range(1_200)])
    rounds = []

    while (looked := await prune(store, before=5_000)) > 0:
        rounds.append(looked)

    assert rounds == [500, 500, 200]
    assert await told(store) == [(1200 + round_, AuditAct.PRUNE, "audit log") for round_ in (1, 2, 3)]
    assert (await verdict_on(store)).broken is None


async def test_e52_what_the_anchor_stands_on_stays(store: AuditStore) -> None:
    await store.append([entry(at) for at in range(1, 11)])
    anchor = await store.end()
    await store.append([entry(11)])

    await prune(store, before=100, below=anchor.number)

    assert [number for number, *_ in await told(store)] == [10, 11, 12]
    assert await verdict_on(store) == AuditVerdict(checked=3, end=12)
    assert await store.broken_anchor(anchor) is None


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param("UPDATE audit SET who = 'x' WHERE number = 4", id="changed"),
        pytest.param("DELETE FROM audit WHERE number = 4", id="removed"),
    ],
)
async def test_e52_what_was_tampered_with_is_not_tidied_away(
    tmp_path: Path, database: Database, store: AuditStore, tamper: str
) -> None:
    await store.append([entry(at) for at in range(1, 11)])
    with tampering(tmp_path / "desk.db") as driver:
        driver.execute(tamper)
    before = await told(store)

    with pytest.raises(AuditBroken, match="broken at 4"):
        await prune(store, before=9)

    assert await told(store) == before


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param("UPDATE audit SET at_ns = 0 WHERE number = 1", id="changed"),
        pytest.param("DELETE FROM audit WHERE number = 1", id="removed"),
        pytest.param(PUT_IN, id="put in"),
        pytest.param("UPDATE audit SET through = 0 WHERE act = 'prune'", id="the entry that tells of it"),
        pytest.param("DELETE FROM audit WHERE act = 'prune'", id="no entry that tells of it"),
    ],
)
async def test_e52_what_is_done_to_what_was_kept_shows(
    tmp_path: Path, store: AuditStore, tamper: str
) -> None:
    await store.append([entry(1, WRITE), entry(2), entry(3), entry(60)])
    await prune(store, before=50)
    with tampering(tmp_path / "desk.db") as driver:
        driver.execute(tamper)

    assert (await verdict_on(store)).broken is not None
    with pytest.raises(AuditBroken):
        await prune(store, before=1_000)


async def test_e52_pruning_that_is_made_up_shows_by_the_anchor(tmp_path: Path, store: AuditStore) -> None:
    await store.append([entry(at) for at in range(1, 11)])
    anchor = await store.end()

    await prune(store, before=1_000)  # all of it, the anchor's own entry too

    assert (await verdict_on(store)).broken is None
    broken = (await verdict_on(store, anchor)).broken
    assert broken is not None
    assert broken.fault is AuditFault.REWRITTEN


async def test_e52_the_table_lets_go_only_of_what_pruning_has_passed(
    database: Database, store: AuditStore
) -> None:
    await store.append([entry(1, WRITE), entry(2), entry(60)])
    await prune(store, before=50)

    with pytest.raises(Exception, match="the audit log is only added to"):
        await database.run(lambda connection: connection.execute(text("DELETE FROM audit WHERE number = 3")))

    assert 3 in [number for number, *_ in await told(store)]


async def test_e52_pruning_while_the_log_is_looked_through_alarms_nobody(
    database: Database, store: AuditStore
) -> None:
    await store.append([entry(at) for at in range(3_000)])
    prunings: list[int] = []

    class PrunedMeanwhile(AuditStore):
        async def follow(self, end):  # type: ignore[no-untyped-def]
            if end.number >= 1_000 and not prunings:
                prunings.extend([await prune(store, before=2_000) for _ in range(4)])
            return await store.follow(end)

    verdict = await verify(
        PrunedMeanwhile(transactions=database), anchor=None, on_progress=lambda at, of: None
    )

    assert prunings == [500] * 4
    assert (verdict.end, verdict.broken) == (3_004, None)
