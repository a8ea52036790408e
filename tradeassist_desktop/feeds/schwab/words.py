"""Schwab's words for what a symbol is and whether it trades."""

from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import InstrumentKind, TradingStatus

_STATUSES: Final[Mapping[str, TradingStatus]] = {
    "normal": TradingStatus.NORMAL,
    "halted": TradingStatus.HALTED,
    "closed": TradingStatus.CLOSED,
}
_KINDS: Final[Mapping[str, InstrumentKind]] = {
    "EQUITY": InstrumentKind.EQUITY,
    "COLLECTIVE_INVESTMENT": InstrumentKind.ETF,
    "ETF": InstrumentKind.ETF,
    "INDEX": InstrumentKind.INDEX,
    "INDICATOR": InstrumentKind.INDICATOR,
    "FUTURE": InstrumentKind.FUTURE,
    "FOREX": InstrumentKind.FOREX,
    "OPTION": InstrumentKind.OPTION,
}


def trading_status(word: str) -> TradingStatus | None:
    """Return what a security status means; ``None`` for a word that is not known."""
    return _STATUSES.get(word.strip().lower())


def kind_of(symbol: str, asset_type: str, sub_type: str = "") -> InstrumentKind:
    """Return the kind by Schwab's words, else by the symbol's spelling."""
    by_spelling = instrument_of(symbol).kind
    by_word = _KINDS.get(sub_type.upper()) or _KINDS.get(asset_type.upper())
    if by_word is None or (by_word is InstrumentKind.EQUITY and by_spelling is InstrumentKind.ETF):
        return by_spelling
    return by_word
