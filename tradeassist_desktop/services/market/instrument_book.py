"""What is known of each symbol."""

from collections.abc import Iterable

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Instrument


class InstrumentBook:
    """What the feed told of its symbols, and what a symbol's spelling tells until then."""

    def __init__(self) -> None:
        self._known: dict[str, Instrument] = {}

    def learn(self, instruments: Iterable[Instrument]) -> None:
        """Take what a feed knows; it replaces what was known."""
        self._known.update((instrument.symbol, instrument) for instrument in instruments)

    def told(self) -> tuple[Instrument, ...]:
        """Return what feeds have told of, in the order of its first mention."""
        return tuple(self._known.values())

    def lookup(self, symbol: str) -> Instrument:
        """Return the instrument; never fails, a symbol nobody knows is of unknown kind."""
        known = self._known.get(symbol)
        return instrument_of(symbol) if known is None else known
