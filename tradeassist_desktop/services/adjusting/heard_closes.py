"""What shares closed at as it was heard, before their venue divided the past at a split."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, InstrumentKind, SessionClose
from tradeassist_desktop.engine.calendars.sessions import regular
from tradeassist_desktop.engine.calendars.stretches import Stretch

SHARES: Final = frozenset((InstrumentKind.EQUITY, InstrumentKind.ETF))
"""What can be split."""

_CALENDAR: Final = regular(InstrumentKind.EQUITY)
_SETTLED_NS: Final = 300 * NS_PER_SECOND
"""How long after a session its last minute is closed for certain."""


class HeardMarket(Protocol):
    """What is asked of the market."""

    def event_now_ns(self) -> int:
        """Return the present in event time."""
        ...

    async def last_heard(self, symbols: Iterable[str], since_ns: int, before_ns: int) -> dict[str, Bar]:
        """Return the newest minute bar of each symbol in a stretch, of those known here."""
        ...


class CloseStore(Protocol):
    """Where closes are kept."""

    async def closes(self) -> dict[str, SessionClose]:
        """Return the newest close of each symbol of which one was kept."""
        ...

    async def keep_closes(self, by_symbol: Mapping[str, SessionClose]) -> None:
        """Keep the newest closes of some symbols."""
        ...


class HeardCloses:
    """The close of the regular session that is over last, kept once for each share.

    Bars that are fetched after a split replace those that were heard, and a chart fetches some as soon
    as it is looked at. So the first close that is known of a session stays.
    """

    def __init__(self, *, market: HeardMarket, store: CloseStore) -> None:
        self._market = market
        self._store = store
        self._closes: dict[str, SessionClose] = {}
        self._session: Stretch | None = None  # the one that was over last when last looked
        self._looked: set[str] = set()  # for that one

    async def start(self, symbols: Iterable[str]) -> None:
        """Recall what was kept, and look for these while nothing can have been fetched."""
        self._closes = await self._store.closes()
        await self.learn(symbols)

    async def learn(self, symbols: Iterable[str]) -> None:
        """Look for the closes of the last session that are not known."""
        session = last_session(self._market.event_now_ns() - _SETTLED_NS)
        if self._session != session:
            self._session = session
            self._looked.clear()
        unknown = [
            symbol
            for symbol in symbols
            if symbol not in self._looked and not _is_of(session, self._closes.get(symbol))
        ]
        if not unknown:
            return
        self._looked.update(unknown)
        bars = await self._market.last_heard(unknown, session.start_ns, session.end_ns)
        found = {symbol: SessionClose(bar.end_ns, bar.close) for symbol, bar in bars.items()}
        if found:
            self._closes |= found
            await self._store.keep_closes(found)

    def of(self, symbol: str) -> SessionClose | None:
        """Return the close of the session last learned of; ``None`` where the desk did not hear it."""
        close = self._closes.get(symbol)
        return close if self._session is not None and _is_of(self._session, close) else None


def last_session(now_ns: int) -> Stretch:
    """Return the shares' regular session that is over last."""
    stretch = _CALENDAR.at(now_ns)
    if stretch.is_open:
        stretch = _CALENDAR.at(stretch.start_ns - 1)
    return _CALENDAR.at(stretch.begun_ns)


def _is_of(session: Stretch, close: SessionClose | None) -> bool:
    return close is not None and session.start_ns < close.end_ns <= session.end_ns
