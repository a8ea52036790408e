"""Which of the wanted products Coinbase may stream: what it lists, less what it would not stream."""

import logging
from collections.abc import Iterable, Mapping
from typing import Final

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, InstrumentKind
from tradeassist_desktop.feeds.coinbase.rest import CoinbaseRest, Product
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

log = logging.getLogger(__name__)

_LISTING_S: Final = 3.0
_LISTING_LASTS_NS: Final = 3600 * NS_PER_SECOND
_MOST_NAMED: Final = 5


def is_product(symbol: str) -> bool:
    """Whether a symbol is spelled as Coinbase's are: ``BTC-USD``."""
    return instrument_of(symbol).kind is InstrumentKind.CRYPTO


class Products:
    """The listing, asked for once an hour at the most; while there is none, spelling decides."""

    def __init__(self, *, rest: CoinbaseRest, clock: Clock) -> None:
        self._rest = rest
        self._clock = clock
        self._listed: Mapping[str, Product] | None = None
        self._listed_until_ns = 0
        self._refused: frozenset[str] = frozenset()

    async def learn(self) -> None:
        """Learn what is listed, as far as Coinbase tells within 3 s."""
        if self._clock.monotonic_ns() < self._listed_until_ns:
            return
        try:
            listed = await within(self._clock, _LISTING_S, self._rest.products())
        except (TradeAssistError, TimeoutError) as error:
            # The stream itself may be there all the same; it refuses what it does not know.
            log.warning("products not listed", extra={"reason": str(error)})
            return
        if listed:
            self._listed = listed
            self._listed_until_ns = self._clock.monotonic_ns() + _LISTING_LASTS_NS
            self._refused = frozenset()

    def refuse(self, symbols: Iterable[str]) -> None:
        """Note what Coinbase would not stream."""
        self._refused |= frozenset(symbols)

    def forget(self) -> None:
        """Know nothing any more: all is to be asked for again."""
        self._refused = frozenset()
        self._listed, self._listed_until_ns = None, 0

    def choose(self, symbols: frozenset[str]) -> frozenset[str]:
        """Return the symbols that Coinbase may stream."""
        listed = self._listed
        return frozenset(
            symbol
            for symbol in symbols - self._refused
            if (is_product(symbol) if listed is None else symbol in listed)
        )

    def known(self, symbols: frozenset[str]) -> list[Product]:
        """Return what is listed of these symbols."""
        listed = self._listed
        return [] if listed is None else [listed[symbol] for symbol in self.choose(symbols)]

    def discarded(self, symbols: frozenset[str]) -> tuple[str, ...]:
        """Return those of the symbols that are not streamed, sorted."""
        return tuple(sorted(symbols - self.choose(symbols)))

    def troubles(self, symbols: frozenset[str]) -> str:
        """Return which of the symbols are not streamed, as a sentence; empty where all are."""
        discarded = self.discarded(symbols)
        if not discarded:
            return ""
        named = ", ".join(discarded[:_MOST_NAMED])
        more = f" and {len(discarded) - _MOST_NAMED} more" if len(discarded) > _MOST_NAMED else ""
        return f"Coinbase does not stream {named}{more}."
