"""What the services keep, without their knowing of tables."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from tradeassist_desktop.domain.breakers import SavedBreaker
from tradeassist_desktop.domain.gaps import Gap
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.domain.watching import Groups
from tradeassist_desktop.storage import bars, breakers, gaps, market_state, proposals, rules, watchlist
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed
from tradeassist_desktop.storage.tick_batches import TickBatch
from tradeassist_desktop.storage.ticks import TickStore

log = logging.getLogger(__name__)

_MOST_WAITING_TICKS: Final = 200_000
_ROWS_A_TRANSACTION: Final = 10
_TICKS_A_TRANSACTION: Final = 2_500
_BARS_A_TRANSACTION: Final = 32
_BEHIND: Final = 10_000
"""Ticks waiting beyond which the disk cannot follow in short turns."""
_TIMES_WHEN_BEHIND: Final = 5
"""How much longer its turns are then: half the cost, and a few milliseconds' wait for an alert."""
_PAUSE_NS: Final = 5_000_000_000
_NONE_BESIDE: Final[Mapping[str, Callable[[str], bool]]] = {}


class MarketStore:
    """Ticks and bars in the background, the watchlist at once.

    While the disk fails, ticks are refused, but for one try every five seconds: what matters more
    has the disk then. They are written in short transactions: an alert must not wait for a long one.

    Args:
        venue: Where the data comes from: ``demo``, ``schwab``. Each venue's symbols are its own.
        beside: Further venues, each with what tells whether a symbol is one of its.
        monotonic_ns: A clock that never goes back.
    """

    def __init__(
        self,
        *,
        database: Database,
        venue: str,
        beside: Mapping[str, Callable[[str], bool]] = _NONE_BESIDE,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._database = database
        self._monotonic_ns = monotonic_ns
        self._venue = venue
        self._beside = beside
        self._ticks = TickStore(venue_of=self.venue_of)
        self._waiting: deque[TickBatch] = deque()
        # One counter for each thread: a single one changed by both would lose counts.
        self._handed_in = 0
        self._taken_out = 0
        self._refused = 0
        self._undone = 0
        self._refused_until_ns = 0

    def venue_of(self, symbol: str) -> str:
        """Return the venue under which a symbol is kept."""
        return next((name for name, carries in self._beside.items() if carries(symbol)), self._venue)

    def keep_ticks(self, batches: Sequence[TickBatch]) -> bool:
        """Take what came of some symbols; return whether it was taken. It must not be changed afterwards."""
        count = sum(map(len, batches))
        if self._database.trouble is not None:
            now_ns = self._monotonic_ns()
            if now_ns < self._refused_until_ns:
                self._refused += count
                return False
            self._refused_until_ns = now_ns + _PAUSE_NS
        if self._handed_in - self._taken_out > _MOST_WAITING_TICKS:
            self._refused += count
            return False
        self._handed_in += count
        self._waiting.extend(batches)
        self._append_by(self._database.submit)
        return True

    @property
    def ticks_lost(self) -> int:
        """How many updates were not kept in this run: refused, or undone by a disk that failed."""
        return self._refused + self._undone

    async def bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        """Return the newest ``limit`` closed bars, oldest first."""
        return await self._database.read(
            lambda connection: bars.latest(connection, self.venue_of(symbol), symbol, timeframe, limit=limit)
        )

    async def last_bars(
        self, symbols: Iterable[str], timeframe: str, since_ns: int, before_ns: int
    ) -> dict[str, Bar]:
        """Return the newest bar of each symbol that starts in ``[since_ns, before_ns)``."""

        def newest(connection: Connection) -> dict[str, Bar]:
            found = {}
            for symbol in symbols:
                for bar in bars.latest(
                    connection,
                    self.venue_of(symbol),
                    symbol,
                    timeframe,
                    limit=1,
                    since_ns=since_ns,
                    before_ns=before_ns,
                ):
                    found[symbol] = bar
            return found

        return await self._database.read(newest)

    async def history(
        self, symbol: str, timeframe: str, count: int, before_ns: int | None = None
    ) -> list[Bar]:
        """Return bars from which so many closed ones, and the one forming, are known."""
        return await self._database.read(
            lambda connection: bars.history(
                connection, self.venue_of(symbol), symbol, timeframe, count=count, before_ns=before_ns
            )
        )

    async def market_state(self) -> dict[str, Any]:
        """Return what the market was when it was last kept."""

        def load(connection: Connection) -> dict[str, Any]:
            return {
                symbol: state
                for venue in (self._venue, *self._beside)
                for symbol, state in market_state.load(connection, venue).items()
                if self.venue_of(symbol) == venue
            }

        return await self._database.read(load)

    def keep_market(self, closed: Sequence[Bar], states: Mapping[str, Any]) -> None:
        """Keep closed bars and what the market is, by symbol, together or not at all."""

        def keep(connection: Connection) -> None:
            for venue in (self._venue, *self._beside):
                own = {symbol: state for symbol, state in states.items() if self.venue_of(symbol) == venue}
                bars.put(connection, venue, [bar for bar in closed if self.venue_of(bar.symbol) == venue])
                market_state.put(connection, venue, own)

        self._database.submit(keep)

    async def keep_bars(self, symbol: str, closed: Sequence[Bar]) -> None:
        """Keep a symbol's bars of the past; one kept before under the same start is replaced.

        In several transactions, so that an alert can be saved between two of them; the newest first, so that
        a kill leaves no hole before the present.

        Args:
            closed: The oldest first.
        """
        venue = self.venue_of(symbol)
        for end in range(len(closed), 0, -_BARS_A_TRANSACTION):
            some = closed[max(0, end - _BARS_A_TRANSACTION) : end]
            await self._database.run(partial(bars.put, venue=venue, closed=some))

    async def watchlist(self) -> Groups:
        """Return the kept watchlist, in its groups and in order."""
        return await self._database.read(watchlist.load)

    async def keep_watchlist(self, groups: Groups) -> None:
        """Replace the kept watchlist."""
        await self._database.run(lambda connection: watchlist.replace(connection, groups))

    def _append_by(self, hand_in: Callable[..., None]) -> None:
        writing: list[TickBatch] = []  # of this transaction alone, which may fail before it has any
        hand_in(partial(self._append, writing), on_undone=partial(self._on_undone, writing))

    def _append(self, writing: list[TickBatch], connection: Connection) -> None:
        """Append a part of what waits, and go on with the rest after those who wait for us."""
        times = _TIMES_WHEN_BEHIND if self._handed_in - self._taken_out > _BEHIND else 1
        count = 0
        while (
            self._waiting
            and len(writing) < _ROWS_A_TRANSACTION * times
            and count < _TICKS_A_TRANSACTION * times
        ):
            writing.append(self._waiting.popleft())
            count += len(writing[-1])
        self._taken_out += count
        self._ticks.put(connection, writing)
        if self._waiting:
            self._append_by(self._database.go_on)

    def _on_undone(self, writing: Sequence[TickBatch]) -> None:
        self._undone += sum(map(len, writing))
        # What was to follow is given up too: while the disk fails, memory is for what it may take later.
        while self._waiting:
            count = len(self._waiting.popleft())
            self._undone += count
            self._taken_out += count


class RuleStore:
    """The trader's rules.

    Args:
        now_ns: The wall clock.
    """

    def __init__(self, *, database: Database, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._database = database
        self._now_ns = now_ns

    async def all(self) -> tuple[Rule, ...]:
        """Return the kept rules in their order."""
        return await self._database.read(rules.load)

    async def keep(
        self, after: Mapping[str, Rule | None], *, settled: Mapping[str, str | None] | None = None
    ) -> None:
        """Keep changed rules, and what becomes of proposals by it, in one transaction.

        Args:
            after: By uid, each rule as it shall be. A new one goes to the end; ``None`` removes one, which
                comes back to its place if it is kept again.
            settled: Outcomes by the ids of proposals; ``None`` forgets that one was settled.
        """
        now_ns = self._now_ns()

        def write(connection: Connection) -> None:
            rules.keep(connection, after, now_ns=now_ns)
            for proposal_id, outcome in (settled or {}).items():
                if outcome is None:
                    proposals.reopen(connection, proposal_id)
                else:
                    proposals.settle(connection, proposal_id, outcome, now_ns=now_ns)

        await self._database.run(write, durable=True)


class GapStore:
    """The ledger of stretches without data."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def load(self, limit: int) -> tuple[list[Gap], list[Gap], int]:
        """Return the newest gaps, newest first; those that are unfinished; and the highest number."""
        return await self._database.read(
            lambda connection: (
                gaps.newest(connection, limit=limit),
                gaps.unfinished(connection),
                gaps.last_number(connection),
            )
        )

    def keep(self, gap: Gap) -> None:
        """Keep a gap as it stands now, in the background."""
        self._database.submit(lambda connection: gaps.put(connection, gap))


class KeptBreakers:
    """How circuit breakers stood; a ``BreakerStore``."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def load(self) -> Mapping[str, SavedBreaker]:
        """Return what was kept, by name; nothing while the disk fails: all start closed then."""
        try:
            return await self._database.read(breakers.load)
        except StorageFailed as failure:
            log.warning("breakers' kept states cannot be read", extra={"reason": str(failure)})
            return {}

    def keep(self, saved: SavedBreaker) -> None:
        """Keep one as it stands, in the background; from any thread."""
        self._database.submit(lambda connection: breakers.put(connection, saved))
