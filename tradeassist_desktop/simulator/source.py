"""What the simulator plays: listings, and a source that moves them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import InstrumentKind, Tick


@dataclass(frozen=True, slots=True)
class Listing:
    """What does not change about a symbol during a run, in Schwab's words.

    ``main_type`` and ``sub_type`` are ``assetMainType`` and ``assetSubType`` of a snapshot.

    Args:
        multiplier: Quote currency per point of price, of one contract.
        expires_ms: When a contract ends, UTC milliseconds.
        active_symbol: The dated contract that a future's root stands for.
        follows: The root whose prices a dated contract has, times ``basis``.
        underlying: Of an option, with ``strike`` and ``contract_type`` (``C`` or ``P``).
    """

    symbol: str
    description: str
    main_type: str
    sub_type: str | None = None
    cusip: str | None = None
    exchange_name: str = ""
    tick_size: float = 0.01
    multiplier: float = 1.0
    expires_ms: int | None = None
    active_symbol: str | None = None
    follows: str | None = None
    basis: float = 1.0
    underlying: str | None = None
    strike: float | None = None
    contract_type: str | None = None


class Floor(Protocol):
    """Where a source puts its updates."""

    async def publish(self, ticks: Sequence[Tick]) -> None:
        """Send updates to who subscribed, in order; returns when they fit the socket's buffer."""
        ...

    async def wait_for_subscriber(self, symbols: frozenset[str]) -> None:
        """Return once a client has subscribed one of ``symbols``."""
        ...


class Source(Protocol):
    """A market: a recording, or one that is made up."""

    @property
    def listings(self) -> Mapping[str, Listing]:
        """Every symbol there is, by symbol."""
        ...

    async def run(self, floor: Floor) -> None:
        """Move the market until it ends or is cancelled."""
        ...


_TYPES: Final[Mapping[InstrumentKind, tuple[str, str | None]]] = {
    InstrumentKind.EQUITY: ("EQUITY", "COE"),
    InstrumentKind.ETF: ("EQUITY", "ETF"),
    InstrumentKind.INDEX: ("INDEX", None),
    InstrumentKind.INDICATOR: ("INDICATOR", None),
    InstrumentKind.FUTURE: ("FUTURE", None),
    InstrumentKind.FOREX: ("FOREX", None),
    InstrumentKind.OPTION: ("OPTION", None),
    InstrumentKind.CRYPTO: ("CRYPTO", None),
    InstrumentKind.UNKNOWN: ("EQUITY", None),
}


def listing_of(symbol: str) -> Listing:
    """Return a plain listing for a symbol of which only the spelling is known."""
    instrument = instrument_of(symbol)
    main_type, sub_type = _TYPES[instrument.kind]
    return Listing(
        symbol=symbol,
        description=instrument.description or symbol,
        main_type=main_type,
        sub_type=sub_type,
        tick_size=instrument.tick_size,
    )
