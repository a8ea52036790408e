"""Whether a symbol is heard as it should be: figures of one that is not are grey, wherever they stand."""

from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.market import NS_PER_SECOND, Quote, TradingStatus

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

STALE_NS: Final = 30 * NS_PER_SECOND


def is_stale(desk: "Desk", symbol: str, quote: Quote | None) -> bool:
    """Return whether a quote is all that was heard for too long; ``False`` where there is none yet."""
    if quote is None:
        return False
    market = desk.market
    # A feed that is known to be down greys its symbols at once, as it makes their rules blind.
    if market.is_blind(symbol):
        return True
    is_silent_for_long = market.event_now_ns() - quote.event_ns > STALE_NS
    return is_silent_for_long and market.trading(symbol) is TradingStatus.NORMAL
