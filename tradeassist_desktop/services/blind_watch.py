"""Tells the trader when rules are blind since nothing comes of a symbol though its feed works."""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.events import SymbolsFellSilent
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.feed_watch import feed_key, rules_words
from tradeassist_desktop.services.notices import Notices

_LOOK_S: Final = 1.0
_AGAIN_NS: Final = 3_600 * NS_PER_SECOND
"""A symbol that trades seldom is told of once an hour, however often it falls silent."""
_MOST_NAMED: Final = 3


class BlindWatch:
    """One notice for all symbols of a feed that fall silent together.

    It waits as long as a feed may be down untold: a feed that dies falls silent symbol by symbol before
    it is seen to be down, and its one notice is then enough.

    Args:
        limit_s: How long a feed may be down before it is told.
        is_blind: Whether nothing has been heard of a symbol yet.
        feed_of: Names the feed a symbol is asked of.
        blind_rules: Counts the rules that cannot decide now.
    """

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        notices: Notices,
        limit_s: Callable[[], float],
        is_blind: Callable[[str], bool],
        feed_of: Callable[[str], str],
        blind_rules: Callable[[], int],
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._notices = notices
        self._limit_s = limit_s
        self._is_blind = is_blind
        self._feed_of = feed_of
        self._blind_rules = blind_rules
        self._silent_ns: dict[str, int] = {}
        self._told_ns: dict[str, int] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        unsubscribe = self._bus.subscribe(SymbolsFellSilent, self._on_silent)
        try:
            while True:
                await self._clock.sleep(_LOOK_S)
                self._look()
        finally:
            unsubscribe()

    def _on_silent(self, event: SymbolsFellSilent) -> None:
        now_ns = self._clock.monotonic_ns()
        for symbol in event.symbols:
            told_ns = self._told_ns.get(symbol)
            if told_ns is None or now_ns - told_ns >= _AGAIN_NS:
                self._silent_ns.setdefault(symbol, now_ns)

    def _look(self) -> None:
        now_ns = self._clock.monotonic_ns()
        limit_ns = self._limit_s() * NS_PER_SECOND
        if not any(now_ns - since_ns >= limit_ns for since_ns in self._silent_ns.values()):
            return
        of_feed: defaultdict[str, list[str]] = defaultdict(list)
        for symbol in filter(self._is_blind, self._silent_ns):
            of_feed[self._feed_of(symbol)].append(symbol)
        self._silent_ns.clear()
        blind = self._blind_rules() if of_feed else 0
        if not blind:
            return
        for feed, symbols in of_feed.items():
            self._told_ns.update(dict.fromkeys(symbols, now_ns))
            self._tell(feed, sorted(symbols), blind)

    def _tell(self, feed: str, symbols: list[str], blind: int) -> None:
        self._notices.tell(
            f"silent:{','.join(symbols)}",
            f"Nothing comes of {symbols[0] if len(symbols) == 1 else f'{len(symbols):,} symbols'}",
            f"Nothing has come of {_named(symbols)} for a while, though the feed works. "
            f"{rules_words(blind)} blind: silence cannot be trusted.",
            Priority.NORMAL,
            part_of=feed_key(feed),
        )


def _named(symbols: list[str]) -> str:
    named, others = symbols[:_MOST_NAMED], len(symbols) - _MOST_NAMED
    if others > 0:
        return f"{', '.join(named)} and {others:,} more"
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
