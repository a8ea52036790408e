"""Closed bars by instrument, timeframe and start."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar
from tradeassist_desktop.storage import instruments
from tradeassist_desktop.storage.compiled import insert_rows, text_of
from tradeassist_desktop.storage.market_tables import bars
from tradeassist_desktop.storage.prices import from_scaled, to_scaled

_KEY: Final = ("instrument_id", "timeframe", "start_ns")
_COLUMNS: Final = tuple(column.name for column in bars.c)
_INSERT: Final = insert(bars)
_PUT: Final = text_of(
    _INSERT.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: _INSERT.excluded[name] for name in _COLUMNS if name not in _KEY},
    ),
    _COLUMNS,
)
# A tenth of a second: alerts must not wait for longer until they are saved.
_MOST_READ: Final = 20_000


def put(connection: Connection, venue: str, closed: Sequence[Bar]) -> None:
    """Keep closed bars of a venue; one kept before under the same key is replaced."""
    if not closed:
        return
    ids = instruments.ids_of(connection, venue, {bar.symbol for bar in closed})
    insert_rows(
        connection,
        _PUT,
        [
            (
                ids[bar.symbol],
                bar.timeframe,
                bar.start_ns,
                bar.end_ns,
                to_scaled(bar.open),
                to_scaled(bar.high),
                to_scaled(bar.low),
                to_scaled(bar.close),
                bar.volume,
            )
            for bar in closed
        ],
    )


def latest(
    connection: Connection,
    venue: str,
    symbol: str,
    timeframe: str,
    *,
    limit: int,
    since_ns: int | None = None,
    before_ns: int | None = None,
) -> list[Bar]:
    """Return the newest ``limit`` bars that start in ``[since_ns, before_ns)``, oldest first."""
    instrument_id = instruments.find_id(connection, venue, symbol)
    if instrument_id is None:
        return []
    query = (
        select(bars)
        .where(bars.c.instrument_id == instrument_id, bars.c.timeframe == timeframe)
        .order_by(bars.c.start_ns.desc())
        .limit(limit)
    )
    if since_ns is not None:
        query = query.where(bars.c.start_ns >= since_ns)
    if before_ns is not None:
        query = query.where(bars.c.start_ns < before_ns)
    return [
        Bar(
            symbol=symbol,
            timeframe=timeframe,
            start_ns=row.start_ns,
            end_ns=row.end_ns,
            open=from_scaled(row.open),
            high=from_scaled(row.high),
            low=from_scaled(row.low),
            close=from_scaled(row.close),
            volume=row.volume,
        )
        for row in reversed(connection.execute(query).all())
    ]


def history(
    connection: Connection,
    venue: str,
    symbol: str,
    timeframe: str,
    *,
    count: int,
    before_ns: int | None = None,
) -> list[Bar]:
    """Return bars from which ``count`` closed bars of the timeframe, and the one forming, are known.

    Those of the timeframe itself; where they do not reach, before and after, shorter ones of which
    they can be built: of one timeframe, that which comes closest to the present.

    Args:
        before_ns: Stands for the present: bars that start then or later are left out.
    """
    own = latest(connection, venue, symbol, timeframe, limit=count, before_ns=before_ns)
    shorter = _most_recent(connection, venue, symbol, _parts(timeframe), before_ns)
    if shorter is None:
        return own
    since_ns = own[-1].end_ns if own else None
    after = _whole(
        latest(
            connection,
            venue,
            symbol,
            shorter,
            limit=_most(timeframe, shorter, count),
            since_ns=since_ns,
            before_ns=before_ns,
        ),
        timeframe,
        limit=_most(timeframe, shorter, count),
    )
    if not own or len(own) == count:
        return own + after
    most = _most(timeframe, shorter, count - len(own))
    before = latest(connection, venue, symbol, shorter, limit=most, before_ns=own[0].start_ns)
    return _whole(before, timeframe, limit=most) + own + after


def _parts(timeframe: str) -> list[str]:
    """Return the timeframes of which bars of this one can be built, longest first."""
    length_ns = TIMEFRAMES[timeframe]
    return [name for name, ns in reversed(TIMEFRAMES.items()) if ns < length_ns and length_ns % ns == 0]


def _most_recent(
    connection: Connection, venue: str, symbol: str, timeframes: Sequence[str], before_ns: int | None
) -> str | None:
    """Return the timeframe whose newest bar ended last, the longest of several."""
    newest: dict[str, int] = {}
    for timeframe in timeframes:
        for bar in latest(connection, venue, symbol, timeframe, limit=1, before_ns=before_ns):
            newest[timeframe] = bar.end_ns
    return max(newest, key=newest.__getitem__, default=None)


def _most(timeframe: str, shorter: str, count: int) -> int:
    # One more: the first may lie within a bar that is known in part only.
    return min(_MOST_READ, (count + 1) * (TIMEFRAMES[timeframe] // TIMEFRAMES[shorter]))


def _whole(parts: list[Bar], timeframe: str, *, limit: int) -> list[Bar]:
    """Leave out a first bar that is known in part only because no more were read."""
    if len(parts) < limit:
        return parts
    length_ns = TIMEFRAMES[timeframe]
    begun = next((i for i, bar in enumerate(parts) if bar.start_ns % length_ns == 0), len(parts))
    return parts[begun:]
