"""What Schwab's stream tells of its symbols besides prices: names, steps, contracts, delays."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, Instrument, InstrumentKind
from tradeassist_desktop.engine.calendars import sessions
from tradeassist_desktop.feeds.schwab.fields import EquityItem, ForexItem, FutureItem, Item

_NEW_YORK: Final = ZoneInfo(sessions.NEW_YORK)


class InstrumentNotes:
    """Remembers what each symbol is, as far as it was told."""

    def __init__(self) -> None:
        self._known: dict[str, Instrument] = {}

    def learn(self, item: Item) -> Instrument | None:
        """Return the instrument if the item tells something new of it."""
        known = self._known.get(item.key)
        instrument = replace(known or _by_spelling(item.key), **_told(item))
        if instrument == known or (known is None and item.description is None and item.contract is None):
            return None
        self._known[item.key] = instrument
        return instrument


def _told(item: Item) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if item.description is not None:
        told["description"] = item.description
    if isinstance(item, EquityItem) and item.cusip is not None:
        told["cusip"] = item.cusip
    if isinstance(item, FutureItem):
        if item.contract is not None:
            told["active_symbol"] = item.contract
        if item.expires_ms:
            told["expires_ns"] = item.expires_ms * NS_PER_MS
    if isinstance(item, FutureItem | ForexItem):
        tick_size = item.tick_size
        if tick_size is not None and 0 < tick_size < 1e6 and tick_size != instrument_of(item.key).tick_size:
            told |= {"tick_size": tick_size, "decimals": _decimals(tick_size)}
    return told


def _by_spelling(symbol: str) -> Instrument:
    instrument = instrument_of(symbol)
    if instrument.kind is not InstrumentKind.OPTION:
        return instrument
    return replace(instrument, expires_ns=_expiry_ns(symbol))


def _expiry_ns(option: str) -> int | None:
    """Return when the session of an option's last day ends; it is written in its symbol."""
    try:
        noon = datetime.strptime(f"{option[-15:-9]} 12", "%y%m%d %H").replace(tzinfo=_NEW_YORK)
    except ValueError:
        return None
    stretch = sessions.regular(InstrumentKind.OPTION).at(int(noon.timestamp()) * NS_PER_SECOND)
    return stretch.end_ns if stretch.is_open else None


def _decimals(tick_size: float) -> int:
    # As many digits as the step itself has: 0.25 needs 2, 0.00005 needs 5.
    return next((digits for digits in range(9) if abs(round(tick_size, digits) - tick_size) < 1e-12), 8)
