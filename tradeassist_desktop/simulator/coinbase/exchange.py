"""What trades at the local Coinbase: a source's trades, changed as gaps and bad prints want it."""

from collections.abc import Sequence
from typing import Any

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.simulator.coinbase.clients import Clients
from tradeassist_desktop.simulator.coinbase.tape import Tape
from tradeassist_desktop.simulator.source import Floor, Source


class CoinExchange(Floor):
    """The floor between a source and the clients: every trade goes on the tape and out as a ticker.

    Its own trades are stamped with the newest trade's time, the market's own clock.
    """

    def __init__(self, *, source: Source, tape: Tape, clients: Clients) -> None:
        self._source = source
        self._tape = tape
        self._clients = clients
        self._factors: dict[str, float] = {}
        self._last: dict[str, Tick] = {}
        self._newest_ns = 0

    async def publish(self, ticks: Sequence[Tick]) -> None:
        """Put trades on the tape and send their tickers to who subscribed, in order."""
        for tick in ticks:
            factor = self._factors.get(tick.symbol)
            await self._trade(tick if factor is None else self._times(tick, factor))

    async def wait_for_subscriber(self, symbols: frozenset[str]) -> None:
        """Return once a client has subscribed one of ``symbols``."""
        await self._clients.wait_for_subscriber(symbols)

    def known(self, symbol: str) -> str:
        """Return the symbol of a product.

        Raises:
            KeyError: there is none such.
        """
        if symbol not in self._source.listings:
            raise KeyError(symbol)
        return symbol

    async def gap(self, symbol: str, *, percent: float) -> None:
        """Let the price jump and stay there: at once one trade at the new price, with its quote.

        Raises:
            KeyError: there is no such symbol (as of every method here).
            ValueError: it has not traded yet (as of every method here).
        """
        last, factor = self._shown(symbol), 1 + percent / 100
        self._factors[symbol] = self._factors.get(symbol, 1.0) * factor
        await self._trade(self._times(last, factor))

    async def bad_print(self, symbol: str, *, percent: float) -> None:
        """Show one trade far off, then one where the price was. Neither is in the candles or quotes."""
        last = self._shown(symbol)
        assert last.last is not None
        far_off = self._on_tick(symbol, last.last * (1 + percent / 100))
        for tick in (last._replace(last=far_off), last):
            await self._trade(tick, is_kept=False)

    async def burst(self, symbol: str, *, count: int) -> None:
        """Trade ``count`` times at once, up a tick and down again in turn."""
        last, step = self._shown(symbol), self._source.listings[symbol].tick_size
        assert last.last is not None
        for number in range(1, count + 1):
            price = self._on_tick(symbol, last.last + step * ((count - number) % 2))
            await self._trade(last._replace(last=price))

    async def _trade(self, tick: Tick, *, is_kept: bool = True) -> None:
        ticker = self._tape.put(tick, is_kept=is_kept)
        if ticker is None:
            return
        self._last[tick.symbol] = tick
        self._newest_ns = max(self._newest_ns, tick.event_ns)
        await self._clients.send_ticker(ticker)

    def _shown(self, symbol: str) -> Tick:
        """Return a product's last trade, as of now."""
        last = self._last.get(self.known(symbol))
        if last is None:
            raise ValueError(f"{symbol} has not traded yet")
        return last._replace(event_ns=self._newest_ns, received_ns=self._newest_ns, trade_ns=self._newest_ns)

    def _times(self, tick: Tick, factor: float) -> Tick:
        prices = {"last": tick.last, "bid": tick.bid, "ask": tick.ask}
        moved: dict[str, Any] = {
            name: self._on_tick(tick.symbol, price * factor)
            for name, price in prices.items()
            if price is not None
        }
        return tick._replace(**moved)

    def _on_tick(self, symbol: str, price: float) -> float:
        step = self._source.listings[symbol].tick_size
        return round(max(1, round(price / step)) * step, 8)
