"""Finds contracts that end, shares that were split, and shares that have another name now."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final, Protocol

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.health import FeedStatus
from tradeassist_desktop.domain.market import Bar, Instrument, InstrumentKind, Quote
from tradeassist_desktop.engine.rulefiles.adjusting import Adjusted, Adjustment, adjust
from tradeassist_desktop.services.adjusting.proposals import (
    Proposal,
    ProposalKind,
    days_left,
    following,
    last_regular_close,
    offset,
    split_ratio,
)
from tradeassist_desktop.services.adjusting.rule_symbols import Pause, RuleSymbols

log = logging.getLogger(__name__)

_MINUTES_BACK: Final = 3_000
"""Over the bars of a night and a weekend to the last regular session."""
_LOOKS_UNHEARD: Final = 12
_ADJUSTED_AT_ONCE: Final = 20
_KNOWN_AT_ONCE: Final = 1_000
_SHARES: Final = frozenset((InstrumentKind.EQUITY, InstrumentKind.ETF))

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

    async def heard_bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        """Return the newest closed bars that are known here, oldest first."""
        ...


class ProposalFinder:
    """Looks at the symbols that rules read, and for new names at those watched; changes nothing.

    A contract that ends soon has the next one streamed beside it, for its price. A split is found
    by the newest regular close that is kept, against the previous close the venue tells since; so
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
        by_cusip: ByCusip | None,
        expiry_days: Callable[[], float],
    ) -> None:
        self._market = market
        self._watch_also = watch_also
        self._symbols = symbols
        self._watched = watched
        self._by_cusip = by_cusip
        self._expiry_days = expiry_days
        self._closes: dict[str, tuple[float, Bar | None]] = {}  # by the previous close they were read for
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
        found += [each for symbol in symbols if (each := await self._split(symbol))]
        for symbol in dict.fromkeys((*symbols, *watched)):
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
            days, after = days_left(instrument, now_ns), following(instrument)
            if days is None or days > limit or after is None or _roll_id(symbol, after) in settled:
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

    async def _split(self, symbol: str) -> Proposal | None:
        instrument, quote = self._market.instrument(symbol), self._market.quote(symbol)
        if instrument.kind not in _SHARES or quote is None or not quote.prev_close or not quote.last:
            return None
        prev_close = quote.prev_close
        known, bar = self._closes.get(symbol, (0.0, None))
        if known != prev_close:
            bars = await self._market.heard_bars(symbol, "1m", _MINUTES_BACK)
            bar = last_regular_close(bars, instrument.kind, self._market.event_now_ns())
            self._closes[symbol] = prev_close, bar
            self._splits.pop(symbol, None)
        if bar is not None and symbol not in self._splits:
            ratio = split_ratio(close=bar.close, prev_close=prev_close, last=quote.last)
            if ratio is not None:
                self._splits[symbol] = Proposal(
                    id=f"split:{symbol}:{ratio[0]}:{ratio[1]}:{bar.end_ns}",
                    kind=ProposalKind.SPLIT,
                    symbol=symbol,
                    new_symbol=symbol,
                    ratio=ratio,
                )
        return self._splits.get(symbol)

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
