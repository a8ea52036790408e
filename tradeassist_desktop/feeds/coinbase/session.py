"""The talk on one connection to Coinbase: subscriptions, one command at a time."""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterable
from typing import Final

from tradeassist_desktop.feeds.coinbase.decoder import Refusal, Subscriptions
from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.pace import Pace
from tradeassist_desktop.feeds.patience import AnswerPatience
from tradeassist_desktop.feeds.streaming import Send
from tradeassist_desktop.feeds.wanted import Wanted

log = logging.getLogger(__name__)

_CHANNELS: Final = ("ticker", "heartbeat")
_PRODUCTS_A_COMMAND: Final = 100
_PRODUCT: Final = re.compile(r"[A-Z0-9]+-[A-Z0-9]+")
_MORE_S: Final = 1.0


class CoinbaseSession:
    """Keeps one connection's subscriptions as wanted, without connecting anew.

    ``acknowledged`` are the products Coinbase said it streams; ``refused`` those of the latest
    change that it would not.

    Args:
        choose: Which of the wanted symbols to ask for.
        on_subscribe: Told of products before they are asked for.
        pace: Keeps commands below Coinbase's limit.
        patience: An answer that comes later means that the connection is not sound.
    """

    def __init__(
        self,
        *,
        send: Send,
        choose: Callable[[frozenset[str]], frozenset[str]],
        on_subscribe: Callable[[frozenset[str]], None],
        pace: Pace,
        patience: AnswerPatience,
    ) -> None:
        self._send = send
        self._choose = choose
        self._on_subscribe = on_subscribe
        self._pace = pace
        self._patience = patience
        self._answered = asyncio.Event()
        self._refusal: Refusal | None = None
        self._subscribed: frozenset[str] = frozenset()
        self._to_renew: set[str] = set()
        self.acknowledged: frozenset[str] = frozenset()
        self.refused: frozenset[str] = frozenset()

    def on_subscriptions(self, message: Subscriptions) -> None:
        """Take what is subscribed now: a product counts if it is in every channel we need."""
        by_channel = {channel.name: frozenset(channel.product_ids) for channel in message.channels}
        self.acknowledged = frozenset.intersection(*(by_channel.get(name, frozenset()) for name in _CHANNELS))
        self._answered.set()

    def on_refusal(self, refusal: Refusal) -> None:
        """Take an error: it is about the command that waits."""
        self._refusal = refusal
        self._answered.set()

    def renew(self, symbol: str) -> None:
        """Subscribe a product anew with the next change, to be told how it stands."""
        self._to_renew.add(symbol)

    async def keep_subscribed(self, wanted: Wanted, on_settled: Callable[[], None]) -> None:
        """Make the subscriptions what is wanted, and again at each change, until cancelled.

        ``on_settled`` is called each time they agree.

        Raises:
            ConnectionLost: Coinbase does not answer, or its error is about no product of ours.
        """
        while True:
            wanted.changed.clear()
            await self._bring_to(self._choose(wanted.symbols))
            if not wanted.changed.is_set():
                on_settled()
                await wanted.changed.wait()

    async def _bring_to(self, symbols: frozenset[str]) -> None:
        standing = self._subscribed - self._to_renew
        self._to_renew.clear()
        gone, fresh = self._subscribed - (symbols & standing), symbols - standing
        self.refused = frozenset()
        for some in _portions(gone & self.acknowledged):
            await self._command("unsubscribe", some)
        for some in _portions(fresh):
            await self._subscribe(some)
        self._subscribed = symbols - self.refused

    async def _subscribe(self, products: frozenset[str]) -> None:
        left = products
        while left:
            self._on_subscribe(left)
            refusal = await self._command("subscribe", left)
            if refusal is None:
                missing = await self._missing(left)
                self.refused |= missing
                return
            named = left & frozenset(_PRODUCT.findall(refusal.text))
            if not named:
                raise ConnectionLost(f"Coinbase says: {refusal.text or 'error'}")
            # One that is not valid has the whole command refused: the others are asked for again.
            self.refused |= named
            left -= named

    async def _missing(self, products: frozenset[str]) -> frozenset[str]:
        """Return the products without an acknowledgement; an answer may be that to an earlier command."""
        try:
            async with asyncio.timeout(_MORE_S):
                while not products <= self.acknowledged:
                    await self._answered.wait()
                    self._answered.clear()
        except TimeoutError:
            pass
        return products - self.acknowledged

    async def _command(self, kind: str, products: frozenset[str]) -> Refusal | None:
        """Send a command; return the error it was answered with, if it was."""
        await self._pace.turn()
        self._refusal = None
        self._answered.clear()
        message = {"type": kind, "product_ids": sorted(products), "channels": list(_CHANNELS)}
        await self._send(json.dumps(message))
        limit_s = self._patience.limit_s(kind)
        try:
            async with asyncio.timeout(limit_s):
                await self._answered.wait()
        except TimeoutError:
            self._patience.on_missed(kind)
            raise ConnectionLost(f"Coinbase did not answer {kind} within {limit_s:.3g} s") from None
        self._patience.on_answer(kind)
        self._answered.clear()
        return self._refusal


def _portions(products: Iterable[str]) -> list[frozenset[str]]:
    ordered = sorted(products)
    return [
        frozenset(ordered[at : at + _PRODUCTS_A_COMMAND])
        for at in range(0, len(ordered), _PRODUCTS_A_COMMAND)
    ]
