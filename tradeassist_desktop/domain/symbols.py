"""What a search for a symbol brings."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tradeassist_desktop.domain.market import InstrumentKind


@dataclass(frozen=True, slots=True)
class FoundInstrument:
    """An instrument that fits what was searched for."""

    symbol: str
    description: str
    kind: InstrumentKind = InstrumentKind.UNKNOWN
    exchange: str = ""
    cusip: str = ""


Search = Callable[[str, int], Awaitable[Sequence[FoundInstrument]]]
"""Asks a venue for instruments whose symbol begins with a text, or that are described by it; so many.

Raises ``TradeAssistError`` where it cannot be asked now.
"""
