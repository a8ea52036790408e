"""What an exchange does to its symbols: halts, gaps, splits, renames, contract rolls, bad prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tradeassist_desktop.domain.market import NS_PER_MS, Tick
from tradeassist_desktop.simulator.board import Board, Shown
from tradeassist_desktop.simulator.past.history import History
from tradeassist_desktop.simulator.source import Floor
from tradeassist_desktop.simulator.streamer import Streamer

Status = Literal["Normal", "Halted", "Closed"]
"""Schwab's words of a symbol's trading."""

_PRICES = ("last", "bid", "ask", "open", "high", "low", "prev_close")


@dataclass(slots=True)
class _Basis:
    """By what a source's numbers are multiplied.

    Args:
        price: All prices, by splits and rolls.
        moved: All prices, by gaps of former sessions.
        gap: Prices of today's trades and quotes, not those of yesterday.
        added_volume: What was traded here, of which the source knows nothing.
    """

    price: float = 1.0
    moved: float = 1.0
    gap: float = 1.0
    volume: float = 1.0
    added_volume: float = 0.0


_USUAL: Final = _Basis()


class Exchange(Floor):
    """The floor between a source and the streamer; it changes what passes as was asked for.

    Dated contracts (listings that follow another) get their root's updates, times their basis.
    """

    def __init__(self, *, board: Board, history: History, streamer: Streamer) -> None:
        self._board = board
        self._history = history
        self._streamer = streamer
        self._bases: dict[str, _Basis] = {}
        self._stopped: set[str] = set()
        self._renamed: dict[str, str] = {}
        self._contracts: dict[str, list[str]] = {}
        for symbol, listing in board.listings.items():
            if listing.follows is not None:
                self._contracts.setdefault(listing.follows, []).append(symbol)

    @property
    def now_ms(self) -> int:
        """Return the newest trade's time, UTC milliseconds: the market's own clock."""
        return self._board.newest_ms

    def shown(self, symbol: str) -> Mapping[str, Any]:
        """Return what a symbol shows now, by name; empty where it is unknown."""
        return self._board.shown(symbol)

    async def publish(self, ticks: Sequence[Tick]) -> None:
        """Pass updates on, changed as the exchange's acts so far want it."""
        if self._contracts or self._bases or self._stopped or self._renamed:
            ticks = [changed for tick in ticks for changed in self._changed(tick)]
        await self._streamer.publish(ticks)

    async def wait_for_subscriber(self, symbols: frozenset[str]) -> None:
        """Return once a client has subscribed one of ``symbols``."""
        await self._streamer.wait_for_subscriber(symbols)

    async def set_status(self, symbol: str, status: Status) -> None:
        """Say that a symbol trades, is halted or closed; only one that trades is updated.

        Raises:
            KeyError: there is no such symbol (as of every method here).
        """
        self._known(symbol)
        (self._stopped.discard if status == "Normal" else self._stopped.add)(symbol)
        await self._streamer.show(symbol, {"security_status": status})

    async def halt(self, symbol: str) -> None:
        """Stop trading a symbol; the source goes on unseen."""
        await self.set_status(symbol, "Halted")

    async def resume(self, symbol: str) -> None:
        """Trade a halted or closed symbol again."""
        await self.set_status(symbol, "Normal")

    async def gap(self, symbol: str, *, percent: float) -> None:
        """Let the price jump and stay there: one trade at the new price, then the quote follows."""
        self._known(symbol)
        basis = self._bases.setdefault(symbol, _Basis())
        factor = 1 + percent / 100
        basis.gap *= factor
        shown = self._board.shown(symbol)
        now_ns = self.now_ms * NS_PER_MS
        prices: dict[str, float] = {
            name: self._on_tick(symbol, shown[name] * factor)
            for name in ("last", "bid", "ask")
            if name in shown
        }
        last, quote = prices.pop("last", None), prices
        if last is not None:
            volume, size = shown.get("volume"), shown.get("last_size", 0)
            basis.added_volume += size
            trade = Tick(
                symbol=symbol,
                event_ns=now_ns,
                received_ns=now_ns,
                last=last,
                last_size=size,
                volume=None if volume is None else volume + size,
                high=max(shown.get("high", last), last),
                low=min(shown.get("low", last), last),
                trade_ns=now_ns,
            )
            await self._streamer.publish([trade])
        if quote:
            await self._streamer.publish(
                [
                    Tick(
                        symbol=symbol,
                        event_ns=now_ns,
                        received_ns=now_ns,
                        bid=quote.get("bid"),
                        ask=quote.get("ask"),
                    )
                ]
            )

    async def bad_print(self, symbol: str, *, percent: float) -> None:
        """Show one trade far off, then one where the price was. Neither is in the candles or quotes."""
        self._known(symbol)
        shown = self._board.shown(symbol)
        last = shown["last"]
        for price in (self._on_tick(symbol, last * (1 + percent / 100)), last):
            trade = {"last": price, "last_size": shown.get("last_size", 1), "trade_ms": self._board.newest_ms}
            await self._streamer.show(symbol, trade, is_kept=False)

    async def split(self, symbol: str, *, ratio: float) -> None:
        """Split a share, ``ratio`` new for one old: all its prices, its past and its volume are re-based."""
        self._known(symbol)
        basis = self._bases.setdefault(symbol, _Basis())
        basis.price /= ratio
        basis.volume *= ratio
        basis.added_volume *= ratio
        self._history.rebase(symbol)
        self._board.candles.rebase(symbol, 1 / ratio)
        await self._rebase(symbol, 1 / ratio, ratio, {})

    async def rename(self, symbol: str, *, to: str) -> None:
        """Let a share go on as ``to``: the old symbol is unknown, its CUSIP answers with the new one."""
        self._known(symbol)
        origin = next((old for old, new in self._renamed.items() if new == symbol), symbol)
        self._renamed[origin] = to
        if symbol in self._bases:
            self._bases[to] = self._bases.pop(symbol)
        self._board.rename(symbol, to)
        self._history.rename(symbol, to)

    async def roll(self, root: str) -> None:
        """Make the next contract the one a future's root stands for; the root's prices move by the offset.

        Raises:
            ValueError: there is no later contract.
        """
        self._known(root)
        family = self._contracts.get(root, [])
        active = self._board.listings[root].active_symbol
        later = family[family.index(active) + 1 :] if active in family else []
        if active is None or not later:
            raise ValueError(f"{root} has no later contract than {active}")
        old, new = self._board.listings[active], self._board.listings[later[0]]
        factor = new.basis / old.basis
        self._bases.setdefault(root, _Basis()).price *= factor
        for symbol in (root, *family):
            self._board.change_listing(symbol, active_symbol=new.symbol)
        self._board.change_listing(root, expires_ms=new.expires_ms)
        words: Shown = {"active_symbol": new.symbol, "expiration_ms": new.expires_ms}
        await self._rebase(root, factor, 1.0, words)
        for symbol in family:
            await self._streamer.show(
                symbol, {"active_symbol": new.symbol, "is_active": symbol == new.symbol}, is_kept=False
            )

    async def expire(self, symbol: str, *, in_s: float) -> None:
        """Move a contract's end to ``in_s`` seconds from now."""
        self._known(symbol)
        expires_ms = self.now_ms + int(in_s * 1000)
        self._board.change_listing(symbol, expires_ms=expires_ms)
        await self._streamer.show(symbol, {"expiration_ms": expires_ms}, is_kept=False)

    async def burst(self, symbol: str, *, count: int) -> None:
        """Trade ``count`` times at once, up a tick and down again in turn."""
        self._known(symbol)
        shown, step = self._board.shown(symbol), self._board.listings[symbol].tick_size
        now_ns = self.now_ms * NS_PER_MS
        last, volume = shown["last"], shown.get("volume", 0)
        self._bases.setdefault(symbol, _Basis()).added_volume += count
        ticks = [
            Tick(
                symbol=symbol,
                event_ns=now_ns,
                received_ns=now_ns,
                last=self._on_tick(symbol, last + step * ((count - number) % 2)),
                last_size=1.0,
                volume=volume + number,
                trade_ns=now_ns,
            )
            for number in range(1, count + 1)
        ]
        await self._streamer.publish(ticks)

    def _changed(self, tick: Tick) -> list[Tick]:
        root = self._renamed.get(tick.symbol, tick.symbol)
        if root != tick.symbol:
            tick = tick._replace(symbol=root)
        changed = [] if root in self._stopped else [self._rebased(tick, self._bases.get(root))]
        for symbol in self._contracts.get(root, ()):
            if symbol not in self._stopped:
                of_root = self._bases.get(root, _USUAL)
                price = self._board.listings[symbol].basis
                basis = _Basis(price=price, moved=of_root.moved, gap=of_root.gap)
                changed.append(self._rebased(tick._replace(symbol=symbol), basis))
        return changed

    def _rebased(self, tick: Tick, basis: _Basis | None) -> Tick:
        if basis is None or basis == _USUAL:
            return tick
        if tick.prev_close is not None:
            # A new session begins where the gap led: for what comes it is no gap any more.
            basis.moved *= basis.gap
            basis.gap, basis.added_volume = 1.0, 0.0
        before = basis.price * basis.moved
        now = before * basis.gap
        factors = {"last": now, "bid": now, "ask": now, "open": before, "prev_close": before}
        if basis.gap == 1.0:
            factors |= {"high": now, "low": now}
        values: dict[str, Any] = {
            name: self._on_tick(tick.symbol, value * factor)
            for name, factor in factors.items()
            if (value := getattr(tick, name)) is not None
        }
        if tick.volume is not None:
            values["volume"] = tick.volume * basis.volume + basis.added_volume
        if basis.gap != 1.0 and "last" in values:
            shown, last = self._board.shown(tick.symbol), values["last"]
            values |= {"high": max(shown.get("high", last), last), "low": min(shown.get("low", last), last)}
        return tick._replace(**values)

    async def _rebase(self, symbol: str, price: float, volume: float, words: Shown) -> None:
        shown = self._board.shown(symbol)
        changed = {name: self._on_tick(symbol, shown[name] * price) for name in _PRICES if name in shown}
        if "volume" in shown:
            changed["volume"] = shown["volume"] * volume
        shown.update(changed)
        changed["quote_ms"] = self._board.newest_ms
        await self._streamer.show(symbol, changed | words, is_kept=False)

    def _on_tick(self, symbol: str, price: float) -> float:
        step = self._board.listings[symbol].tick_size
        return round(round(price / step) * step, 8)

    def _known(self, symbol: str) -> None:
        if symbol not in self._board.listings:
            raise KeyError(symbol)
