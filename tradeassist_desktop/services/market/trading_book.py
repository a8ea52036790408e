"""Which symbols trade now, as their venues say."""

from collections.abc import Iterable

from tradeassist_desktop.domain.market import TradingStatus


class TradingBook:
    """The newest word on each symbol; one of which nothing was said trades."""

    def __init__(self) -> None:
        self._resting: dict[str, TradingStatus] = {}

    def learn(self, symbol: str, status: TradingStatus) -> bool:
        """Take a status; return whether it is another than before."""
        if status is self.status(symbol):
            return False
        if status is TradingStatus.NORMAL:
            del self._resting[symbol]
        else:
            self._resting[symbol] = status
        return True

    def status(self, symbol: str) -> TradingStatus:
        """Return whether the symbol trades."""
        return self._resting.get(symbol, TradingStatus.NORMAL)

    def trading(self, symbols: Iterable[str]) -> list[str]:
        """Return those of the symbols of which something should come."""
        return [symbol for symbol in symbols if symbol not in self._resting]
