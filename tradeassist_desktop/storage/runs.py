"""Starts on a source of data, and how far each has come: where a replay goes on after a crash."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from tradeassist_desktop.storage.market_tables import runs


@dataclass(frozen=True, slots=True)
class Run:
    """One start. ``position_ns`` is the event time it has come to, ``None`` before the first."""

    id: str
    feed: str
    source: str
    started_ns: int
    position_ns: int | None = None


def begin(connection: Connection, *, run_id: str, feed: str, source: str, now_ns: int) -> Run:
    """Write down a new start."""
    connection.execute(insert(runs).values(id=run_id, feed=feed, source=source, started_ns=now_ns))
    return Run(id=run_id, feed=feed, source=source, started_ns=now_ns)


def resume(connection: Connection, *, feed: str, source: str) -> Run | None:
    """Return the last start on the same source if it was not finished, else ``None``."""
    row = connection.execute(
        select(runs)
        .where(runs.c.feed == feed, runs.c.source == source)
        .order_by(runs.c.started_ns.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.finished_ns is not None:
        return None
    return Run(
        id=row.id,
        feed=row.feed,
        source=row.source,
        started_ns=row.started_ns,
        position_ns=row.position_ns,
    )


def set_position(connection: Connection, run_id: str, position_ns: int) -> None:
    """Write down how far the run has come, event time."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(position_ns=position_ns))


def finish(connection: Connection, run_id: str, *, now_ns: int) -> None:
    """Write down that the run came to its end: the next start on its source is a new one."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(finished_ns=now_ns))
