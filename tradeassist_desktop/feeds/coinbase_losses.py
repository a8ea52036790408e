"""Finds trades that Coinbase made and did not tell: its streams may lose messages and go on.

A gap in trade ids alone proves nothing, since a cascade makes one ticker for many trades. But each
second's heartbeat names the last trade. If no ticker of that trade, or a later one, comes within a
few seconds, it was lost.

Source: Coinbase Exchange, WebSocket overview, "Sequence numbers" and "Heartbeat channel".
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """Updates of a product between two instants never came.

    ``trades`` is how many there were at the most: those of one cascade make one update.
    """

    symbol: str
    from_ns: int
    until_ns: int
    trades: int


@dataclass(slots=True)
class _Known:
    """The newest trade heard or given up, and one that a heartbeat named and no ticker has brought."""

    trade_id: int
    at_ns: int
    named_id: int = 0
    named_ns: int = 0


class Losses:
    """Compares tickers with heartbeats, in Coinbase's own time.

    Args:
        settle_ns: How long a ticker may come after the heartbeat that names its trade.
    """

    def __init__(self, *, settle_ns: int) -> None:
        self._settle_ns = settle_ns
        self._known: dict[str, _Known] = {}

    def begin(self, symbols: Iterable[str]) -> None:
        """Know nothing of these products: they are being subscribed, and what came before is no loss."""
        for symbol in symbols:
            self._known.pop(symbol, None)

    def on_trade(self, symbol: str, trade_id: int, event_ns: int) -> Loss | None:
        """Take a ticker's trade; return what must have been lost before it."""
        known = self._known.get(symbol)
        if known is None:
            self._known[symbol] = _Known(trade_id, event_ns)
            return None
        if trade_id <= known.trade_id:
            return None
        loss = None
        if known.named_id and trade_id >= known.named_id:
            # One that happened long after the heartbeat is another trade than it named.
            if event_ns - known.named_ns > self._settle_ns:
                loss = Loss(symbol, known.at_ns, event_ns, known.named_id - known.trade_id)
            known.named_id = 0
        known.trade_id, known.at_ns = trade_id, event_ns
        return loss

    def on_heartbeat(self, symbol: str, last_trade_id: int, at_ns: int) -> Loss | None:
        """Take a heartbeat; return what has not come since an earlier one named it.

        Args:
            last_trade_id: 0 tells nothing.
        """
        known = self._known.get(symbol)
        if known is None:
            if last_trade_id:
                self._known[symbol] = _Known(last_trade_id, at_ns)
            return None
        if not known.named_id:
            if last_trade_id > known.trade_id:
                known.named_id, known.named_ns = last_trade_id, at_ns
            return None
        if at_ns - known.named_ns < self._settle_ns:
            return None
        loss = Loss(symbol, known.at_ns, at_ns, known.named_id - known.trade_id)
        known.trade_id, known.at_ns = known.named_id, at_ns
        known.named_id, known.named_ns = (last_trade_id, at_ns) if last_trade_id > known.trade_id else (0, 0)
        return loss
