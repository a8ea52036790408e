"""Finds contracts that end, shares that were split, and shares that have another name now."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final, Protocol

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.health import FeedStatus
from tradeassist_desktop.domain.market import Bar, Instrument, Quote
from tradeassist_desktop.engine.rulefiles.adjusting import Adjusted, Adjustment, adjust
from tradeassist_desktop.services.adjusting.heard_closes import SHARES, HeardCloses
from tradeassist_desktop.services.adjusting.proposals import (
    Proposal,
    ProposalKind,
    days_left,
    following,
    offset,
    split_ratio,
)
from tradeassist_desktop.services.adjusting.rule_symbols import Pause, RuleSymbols

log = logging.getLogger(__name__)

_LOOKS_UNHEARD: Final = 12
_ADJUSTED_AT_ONCE: Final = 20
_KNOWN_AT_ONCE: Final = 1_000
_LOOKED_AT_ONCE: Final = 200

ByCusip = Callable[[str], Awaitable[str | None]]
"""Asks the venue which symbol has a CUSIP now; ``None`` where it knows none."""


class AdjustedMarket(Protocol):
    """What is asked of the market."""

    @property
    def feed_statuses(self) -> tuple[FeedStatus, ...]:
        """The state of each feed."""
        ...

    def is_unheard(self, symbol: str) -> bool:
        """Whether its feed works, and nothing comes of a symbol."""
        ...

    def instrument(self, symbol: str) -> Instrument:
        """Return what is known of a symbol."""
        ...

    def quote(self, symbol: str) -> Quote | None:
        """Return the merged state; ``None`` while nothing has come."""
        ...

    def event_now_ns(self) -> int:
        """Return the present in event time."""
        ...

    async def last_heard(self, symbols: Iterable[str], since_ns: int, before_ns: int) -> dict[str, Bar]:
        """Return the newest minute bar of each symbol in a stretch, of those known here."""
        ...


class ProposalFinder:
    """Looks at the symbols that rules read, and for new names at those watched; changes nothing.

    A contract that ends soon has the next one streamed beside it, for its price. A split is found
    by the last regular close as it was heard, against the previous close the venue tells since; so
    not by a desk that did not run on the day before. A new name is asked for once the venue
    refuses the old one, by the CUSIP it had.

    Args:
        watch_also: Has the feeds asked for these, too.
        watched: Returns the trader's watchlist.
        by_cusip: ``None`` where the venue cannot be asked: renames are not found then.
        expiry_days: How many days before its end a contract is to be rolled.
    """

    def __init__(
        self,
        *,
        market: AdjustedMarket,
        watch_also: Callable[[frozenset[str]], None],
        symbols: RuleSymbols,
        watched: Callable[[], tuple[str, ...]],
        closes: HeardCloses,
        by_cusip: ByCusip | None,
        expiry_days: Callable[[], float],
    ) -> None:
        self._market = market
        self._watch_also = watch_also
        self._symbols = symbols
        self._watched = watched
        self._heard = closes
        self._by_cusip = by_cusip
        self._expiry_days = expiry_days
        self._prev_closes: dict[str, float] = {}  # as the venue told them when last looked
        self._splits: dict[str, Proposal] = {}
        self._names: dict[str, str | None] = {}  # asked for, by the old one
        self._unheard: dict[str, int] = {}  # looks in a row
        self._shifts: dict[str, float] = {}  # by the following contract
        self._adjusted: dict[tuple[str, Adjustment], Adjusted] = {}  # of the last look, by rule

    async def find(self, settled: frozenset[str], cusips: dict[str, str], pause: Pause) -> list[Proposal]:
        """Return what can be proposed now: rolls by the day they are due, then splits and renames.

        Args:
            settled: Ids that are not proposed again.
            cusips: By symbol.
        """
        symbols, watched = self._symbols.all(), self._watched()
        found = self._rolls(symbols, settled)
        await pause()
        found += await self._splits_of(symbols, pause)
        for number, symbol in enumerate(dict.fromkeys((*symbols, *watched)), 1):
            if number % _LOOKED_AT_ONCE == 0:
                await pause()
            renamed = await self._rename(symbol, cusips)
            if renamed is not None:
                found.append(replace(renamed, is_watched=symbol in watched))
        found = [each for each in found if each.id not in settled]
        adjusted, self._adjusted = self._adjusted, {}
        return [await self._with_rules(each, adjusted, pause) for each in found]

    def _rolls(self, symbols: Iterable[str], settled: frozenset[str]) -> list[Proposal]:
        now_ns, limit = self._market.event_now_ns(), self._expiry_days()
        due = []
        for symbol in symbols:
            instrument = self._market.instrument(symbol)
            days = days_left(instrument, now_ns)
            if days is None or days > limit:
                continue
            after = following(instrument)
            if after is None or _roll_id(symbol, after) in settled:
                continue
            due.append((days, symbol, after))
        self._watch_also(frozenset(symbol for _, *pair in due for symbol in pair))
        return [self._roll(*each) for each in sorted(due)]

    def _roll(self, days: int, symbol: str, after: str) -> Proposal:
        shift = offset(self._market.quote(symbol), self._market.quote(after))
        if shift is not None:
            tick_size = self._market.instrument(symbol).tick_size
            shift = round(round(shift / tick_size) * tick_size, 10)
            shown = self._shifts.get(after, shift)
            # A step back and forth is the quotes' noise, not worth to carry every rule over anew.
            self._shifts[after] = shift = shown if abs(shift - shown) < 1.5 * tick_size else shift
        return Proposal(
            id=_roll_id(symbol, after),
            kind=ProposalKind.ROLL,
            symbol=symbol,
            new_symbol=after,
            shift=shift,
            days=days,
            waiting="" if shift is not None else f"Waiting for prices of {symbol} and {after}.",
        )

    async def _splits_of(self, symbols: Iterable[str], pause: Pause) -> list[Proposal]:
        quotes = {
            symbol: quote
            for symbol in symbols
            if self._market.instrument(symbol).kind in SHARES
            and (quote := self._market.quote(symbol)) is not None
            and quote.prev_close
            and quote.last
        }
        for symbol, quote in quotes.items():
            if self._prev_closes.get(symbol) != quote.prev_close:
                self._splits.pop(symbol, None)
                self._prev_closes[symbol] = quote.prev_close or 0.0
        await self._heard.learn(quotes)
        await pause()
        for symbol, quote in quotes.items():
            if symbol not in self._splits and (split := self._split(symbol, quote)) is not None:
                self._splits[symbol] = split
        return [self._splits[symbol] for symbol in quotes if symbol in self._splits]

    def _split(self, symbol: str, quote: Quote) -> Proposal | None:
        heard = self._heard.of(symbol)
        if heard is None or quote.prev_close is None or quote.last is None:
            return None
        ratio = split_ratio(close=heard.price, prev_close=quote.prev_close, last=quote.last)
        if ratio is None:
            return None
        return Proposal(
            id=f"split:{symbol}:{ratio[0]}:{ratio[1]}:{heard.end_ns}",
            kind=ProposalKind.SPLIT,
            symbol=symbol,
            new_symbol=symbol,
            ratio=ratio,
        )

    async def _rename(self, symbol: str, cusips: dict[str, str]) -> Proposal | None:
        cusip = cusips.get(symbol)
        if self._by_cusip is None or cusip is None or not self._is_missing(symbol):
            return None
        if symbol not in self._names:
            try:
                self._names[symbol] = await self._by_cusip(cusip)
            except TradeAssistError as error:  # asked again at the next look
                log.info("a cusip could not be asked for", extra={"symbol": symbol, "reason": str(error)})
                return None
        name = self._names[symbol]
        if name is None or name == symbol:
            return None
        return Proposal(
            id=f"rename:{symbol}:{name}", kind=ProposalKind.RENAME, symbol=symbol, new_symbol=name
        )

    def _is_missing(self, symbol: str) -> bool:
        if any(symbol in status.discarded for status in self._market.feed_statuses):
            return True
        if not self._market.is_unheard(symbol):
            self._unheard.pop(symbol, None)
            self._names.pop(symbol, None)
            return False
        self._unheard[symbol] = self._unheard.get(symbol, 0) + 1
        return self._unheard[symbol] >= _LOOKS_UNHEARD

    async def _with_rules(
        self, proposal: Proposal, adjusted: dict[tuple[str, Adjustment], Adjusted], pause: Pause
    ) -> Proposal:
        if proposal.waiting:
            return proposal
        new, old = proposal.ratio or (1, 1)
        adjustment = Adjustment(
            symbol=proposal.symbol,
            new_symbol=proposal.new_symbol,
            shift=proposal.shift or 0.0,
            factor=old / new,
            tick_size=self._market.instrument(proposal.symbol).tick_size,
        )
        rules: list[Adjusted] = []
        for number, rule in enumerate(self._symbols.reading(proposal.symbol), 1):
            key = rule.uid, adjustment
            known = adjusted.get(key)
            if known is None or known.before != rule:
                known = adjust(rule, adjustment)
                if number % _ADJUSTED_AT_ONCE == 0:
                    await pause()
            elif number % _KNOWN_AT_ONCE == 0:
                await pause()
            self._adjusted[key] = known
            rules.append(known)
        return replace(proposal, rules=tuple(rules))


def _roll_id(symbol: str, after: str) -> str:
    return f"roll:{symbol}:{after}"
