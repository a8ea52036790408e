import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tests.storage.tick_rows import batches_of
from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority, Timing
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditFault, AuditVerdict
from tradeassist_desktop.domain.delivery import Delivery
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.domain.watching import arranged, symbols_of
from tradeassist_desktop.services.audit.verifying import verify
from tradeassist_desktop.storage import alerts, outbox
from tradeassist_desktop.storage.adjustment_store import AdjustmentStore
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore, RuleStore

PAGE = 4096


def alert(number: int) -> Alert:
    return Alert(
        id=f"alert-{number}",
        rule_uid="r1",
        rule_name="rule",
        symbol="AAPL",
        sequence=number,
        priority=Priority.LOW,
        status=AlertStatus.FIRED,
        event_ns=number,
        value=1.0,
        message="m" * 300,
        condition="last > 1",
    )


async def filled(path: Path) -> None:
    database = Database(path=path)
    await database.start()
    rules, market = RuleStore(database=database), MarketStore(database=database, venue="demo")
    made = [Rule(uid=f"r{n}", name=f"rule {n}", symbols=("AAPL",), when="last > 1") for n in range(3)]
    await rules.keep({rule.uid: rule for rule in made})
    await market.keep_watchlist(arranged(["AAPL", "MSFT"]))
    market.keep_ticks(batches_of([Tick("AAPL", at, 0, last=1.0) for at in range(5000)]))
    batch = [(alert(n), (Delivery(alert_id=f"alert-{n}", channel="toast"),)) for n in range(200)]
    await database.run(
        lambda connection: outbox.raise_alerts(connection, batch, {"r1|AAPL": {}}, committed_ns=1)
    )
    await database.stop()


def root_page_of(path: Path, table: str) -> int:
    """Return the number of the page from which all others of the table are found, 0 first."""
    with closing(sqlite3.connect(path)) as driver:
        (number,) = driver.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    return int(number) - 1


def page_with(path: Path, *words: bytes) -> int:
    """Return the number of the first page that holds all the words, 0 first."""
    content = path.read_bytes()
    pages = (content[at : at + PAGE] for at in range(0, len(content), PAGE))
    return next(number for number, page in enumerate(pages) if all(word in page for word in words))


def destroy(path: Path, page: int) -> None:
    with path.open("r+b") as stream:
        stream.seek(page * PAGE)
        stream.write(b"\xa5" * PAGE)


async def test_damage_among_ticks_costs_no_rule_and_no_alert(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    await filled(path)
    destroy(path, root_page_of(path, "tick_batches"))

    database = Database(path=path)
    await database.start()
    rules = await RuleStore(database=database).all()
    watched = symbols_of(await MarketStore(database=database, venue="demo").watchlist())
    kept = await database.read(lambda connection: alerts.recent(connection, limit=1000))
    waiting = await database.read(outbox.pending_count)
    await database.stop()

    assert [rule.uid for rule in rules] == ["r0", "r1", "r2"]
    assert watched == ("AAPL", "MSFT")
    assert [record.alert for record in kept] == [alert(number) for number in range(199, -1, -1)]
    assert waiting == 200
    assert "3 rules, 200 alerts" in database.notices[0]


async def test_a_split_that_was_applied_before_the_damage_is_not_offered_again(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    await filled(path)
    database = Database(path=path)
    await database.start()
    await AdjustmentStore(database=database, venue="schwab").settle("split:AAPL:2024-07-02", "applied")
    await database.stop()
    destroy(path, root_page_of(path, "tick_batches"))

    database = Database(path=path)
    await database.start()
    settled = await AdjustmentStore(database=database, venue="schwab").settled()
    await database.stop()

    assert settled == {"split:AAPL:2024-07-02"}


async def test_the_audit_log_of_before_the_damage_is_brought_over_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    await filled(path)
    database = Database(path=path)
    await database.start()
    entry = AuditEntry(at_ns=1, who="desk", act=AuditAct.WRITE, what="smtp")
    before = await AuditStore(transactions=database).append([entry] * 50)
    await database.stop()
    destroy(path, root_page_of(path, "tick_batches"))

    database = Database(path=path)
    await database.start()
    store = AuditStore(transactions=database)
    after = await store.end()
    await store.append([entry])
    verdict = await verify(store, anchor=before, on_progress=lambda at, of: None)
    await database.stop()

    assert after == before
    assert verdict == AuditVerdict(checked=51, end=51, anchored=50)


async def test_an_audit_log_that_was_damaged_itself_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    await filled(path)
    database = Database(path=path)
    await database.start()
    entry = AuditEntry(at_ns=1, who="desk", act=AuditAct.WRITE, what="smtp", detail="d" * 400)
    await AuditStore(transactions=database).append([replace(entry, version=f"v-{n}") for n in range(1, 101)])
    await database.stop()
    destroy(path, page_with(path, b"v-50", b"d" * 400))

    database = Database(path=path)
    await database.start()
    store = AuditStore(transactions=database)
    verdict = await verify(store, anchor=None, on_progress=lambda at, of: None)
    end = await store.end()
    await database.stop()

    assert end.number == 100
    assert verdict.broken is not None
    assert verdict.broken.fault is AuditFault.REMOVED


async def test_alerts_on_both_sides_of_the_damage_are_brought_over(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    await filled(path)
    destroy(path, page_with(path, b"alert-100", b"m" * 300))

    database = Database(path=path)
    await database.start()
    kept = await database.read(lambda connection: alerts.recent(connection, limit=1000))
    orphans = await database.read(
        lambda connection: connection.exec_driver_sql(
            "SELECT count(*) FROM deliveries WHERE alert_id NOT IN (SELECT id FROM alerts)"
        ).scalar()
    )
    await database.stop()

    numbers = [record.alert.sequence for record in kept]
    assert {0, 199} <= set(numbers)
    assert 150 < len(numbers) < 200
    assert orphans == 0


async def test_alerts_of_an_older_damaged_file_are_brought_over_with_what_they_lack(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    await filled(path)
    with closing(sqlite3.connect(path)) as driver:
        driver.execute("ALTER TABLE alerts DROP COLUMN timing")
        driver.execute("UPDATE alembic_version SET version_num = '0002'")
        driver.commit()
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    destroy(path, root_page_of(path, "tick_batches"))

    database = Database(path=path)
    await database.start()
    records = await database.read(lambda connection: alerts.recent(connection, limit=500))
    await database.stop()

    assert len(records) == 200
    assert {record.alert.timing for record in records} == {Timing.LIVE}
