"""The ledger of stretches without data, as rows."""

from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.gaps import Gap, GapState
from tradeassist_desktop.storage.market_tables import gaps


def put(connection: Connection, gap: Gap) -> None:
    """Keep a gap as it stands now."""
    row = {
        "number": gap.number,
        "feed": gap.feed,
        "symbol": gap.symbol,
        "from_ns": gap.from_ns,
        "until_ns": gap.until_ns,
        "reason": gap.reason,
        "state": gap.state.value,
        "bars": gap.bars,
        "late_alerts": gap.late_alerts,
        "detail": gap.detail,
    }
    connection.execute(insert(gaps).values(row).on_conflict_do_update(index_elements=["number"], set_=row))


def newest(connection: Connection, *, limit: int) -> list[Gap]:
    """Return the gaps noticed last, newest first."""
    rows = connection.execute(select(gaps).order_by(gaps.c.number.desc()).limit(limit))
    return [_from_row(row) for row in rows]


def unfinished(connection: Connection) -> list[Gap]:
    """Return the gaps that had no end, or were being looked into, when they were last kept."""
    rows = connection.execute(
        select(gaps)
        .where((gaps.c.until_ns.is_(None)) | (gaps.c.state == GapState.OPEN.value))
        .order_by(gaps.c.number)
    )
    return [_from_row(row) for row in rows]


def last_number(connection: Connection) -> int:
    """Return the highest number given so far; 0 before the first."""
    number = connection.execute(select(func.max(gaps.c.number))).scalar_one()
    return 0 if number is None else int(number)


def _from_row(row: Row[Any]) -> Gap:
    columns = row._mapping
    return Gap(
        number=columns["number"],
        feed=columns["feed"],
        symbol=columns["symbol"],
        from_ns=columns["from_ns"],
        until_ns=columns["until_ns"],
        reason=columns["reason"],
        state=GapState(columns["state"]),
        bars=columns["bars"],
        late_alerts=columns["late_alerts"],
        detail=columns["detail"],
    )
