"""Finds trades that Coinbase made and did not tell: its streams may lose messages and go on.

A gap in trade ids alone proves nothing, since a cascade makes one ticker for many trades. But each
second's heartbeat names the last trade. If no ticker of that trade, or a later one, comes within a
few seconds, it was lost; so it was if the next ticker is of a trade over a second later, for a
cascade is over at once. What is lost for less than that, between two heartbeats, cannot be told. A
product whose own heartbeats stop while others' go on is lost too, minute for minute until they come:
once such a stretch has been told by its bars, rules see again, and its silence must not be trusted.

Source: Coinbase Exchange, WebSocket overview, "Sequence numbers" and "Heartbeat channel".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND

_CASCADE_NS: Final = 1 * NS_PER_SECOND
_QUIET_NS: Final = 10 * NS_PER_SECOND
_AGAIN_NS: Final = 60 * NS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Loss:
    """Updates of a product between two instants never came.

    ``trades`` is how many there were at the most: those of one cascade make one update; 0 is unknown.
    """

    symbol: str
    from_ns: int
    until_ns: int
    trades: int


@dataclass(slots=True)
class _Known:
    """The newest trade heard or given up, and one that a heartbeat named and no ticker has brought.

    ``sure_ns`` is up to when nothing is missing; ``heard_ns`` the newest heartbeat, 0 before the first;
    ``silent_ns`` up to when its silence was told, 0 while there is none.
    """

    trade_id: int
    sure_ns: int
    heard_ns: int = 0
    silent_ns: int = 0
    named_id: int = 0
    named_ns: int = 0


class Losses:
    """Compares tickers with heartbeats, in Coinbase's own time.

    Args:
        settle_ns: How long a ticker may come after the heartbeat that names its trade.
        quiet_ns: How long a product's heartbeats may be away.
    """

    def __init__(self, *, settle_ns: int, quiet_ns: int = _QUIET_NS) -> None:
        self._settle_ns = settle_ns
        self._quiet_ns = quiet_ns
        self._known: dict[str, _Known] = {}
        self._awaited: dict[str, _Known] = {}  # nothing has come of them since they were subscribed
        self.tells_trades = False
        """Whether heartbeats name trades: else a product's silence proves nothing."""

    def begin(self, symbols: Iterable[str]) -> None:
        """Know nothing of these products: they are being subscribed, and what came before is no loss."""
        for symbol in symbols:
            self._known.pop(symbol, None)
            self._awaited.pop(symbol, None)

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
            if event_ns - known.named_ns > min(_CASCADE_NS, self._settle_ns):
                loss = Loss(symbol, known.sure_ns, event_ns, known.named_id - known.trade_id)
            known.named_id = 0
        known.trade_id, known.sure_ns = trade_id, max(known.sure_ns, event_ns)
        return loss

    def on_heartbeat(self, symbol: str, last_trade_id: int, at_ns: int) -> Loss | None:
        """Take a heartbeat; return what has not come since an earlier one named it.

        Args:
            last_trade_id: 0 tells nothing.
        """
        self.tells_trades = self.tells_trades or last_trade_id > 0
        known = self._known.get(symbol)
        if known is None:
            self._known[symbol] = _Known(last_trade_id, at_ns, at_ns)
            return None
        known.heard_ns, known.silent_ns = at_ns, 0
        if not known.named_id:
            if last_trade_id > known.trade_id:
                known.named_id, known.named_ns = last_trade_id, at_ns
            elif last_trade_id == known.trade_id:
                known.sure_ns = max(known.sure_ns, at_ns)
            return None
        if at_ns - known.named_ns < self._settle_ns:
            return None
        loss = Loss(symbol, known.sure_ns, at_ns, known.named_id - known.trade_id)
        known.trade_id, known.sure_ns = known.named_id, at_ns
        known.named_id, known.named_ns = (last_trade_id, at_ns) if last_trade_id > known.trade_id else (0, 0)
        return loss

    def silent(self, symbols: Iterable[str], at_ns: int) -> list[Loss]:
        """Return those of the products whose heartbeats have stopped, or never began, as losses up to now.

        Each is told again every minute.
        """
        losses = []
        for symbol in symbols:
            known = self._known.get(symbol)
            if known is None:
                known = self._awaited.setdefault(symbol, _Known(0, at_ns))
            known.heard_ns = known.heard_ns or at_ns
            quiet_ns, limit_ns = at_ns - known.heard_ns, self._quiet_ns
            if known.silent_ns:
                quiet_ns, limit_ns = at_ns - known.silent_ns, _AGAIN_NS
            if quiet_ns > limit_ns:
                losses.append(Loss(symbol, known.sure_ns, at_ns, trades=0))
                known.sure_ns = known.silent_ns = at_ns
        return losses
