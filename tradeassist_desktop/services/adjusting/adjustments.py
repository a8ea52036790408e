"""Proposes rolls, splits and renames, and carries rules over when the trader wants it."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import ProposalsChanged, RulesChanged
from tradeassist_desktop.domain.instruments import root_of
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.adjusting.finder import AdjustedMarket, ByCusip, ProposalFinder
from tradeassist_desktop.services.adjusting.heard_closes import SHARES, CloseStore, HeardCloses
from tradeassist_desktop.services.adjusting.proposals import Proposal, ProposalKind, days_left
from tradeassist_desktop.services.adjusting.rule_symbols import RuleList, RuleSymbols

log = logging.getLogger(__name__)

_EVERY_S: Final = 5.0

Undo = Callable[[], Awaitable[None]]
"""Takes back what was done."""

Tell = Callable[[str, str, str, Priority], object]
"""Tells the trader something once: key, title, text, priority."""


class AdjustedRules(RuleList, Protocol):
    """The rules, as they can be carried over."""

    async def carry_over(
        self,
        changes: Sequence[tuple[Rule, Rule]],
        symbols: Mapping[str, str],
        settled: Mapping[str, str | None],
    ) -> list[tuple[Rule, Rule]]:
        """Replace rules by ones that say the same of other prices, and keep what becomes of proposals."""
        ...


class Watched(Protocol):
    """The trader's watchlist."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols in the trader's order."""
        ...

    async def add(self, symbol: str) -> None:
        """Watch a symbol, at the end of the list."""
        ...

    async def rename(self, symbol: str, new_symbol: str) -> None:
        """Watch a symbol under its new name, at the same place."""
        ...


class ProposalStore(CloseStore, Protocol):
    """What is kept over restarts."""

    async def settled(self) -> frozenset[str]:
        """Return the ids of proposals that were applied or dismissed."""
        ...

    async def settle(self, proposal_id: str, outcome: str) -> None:
        """Keep that a proposal was ``applied`` or ``dismissed``."""
        ...

    async def reopen(self, proposal_id: str) -> None:
        """Forget that a proposal was settled."""
        ...

    async def cusips(self) -> dict[str, str]:
        """Return the CUSIP of each symbol of which one was kept."""
        ...

    async def keep_cusips(self, by_symbol: Mapping[str, str]) -> None:
        """Keep the CUSIPs of some symbols."""
        ...


class Adjustments:
    """Looks every five seconds; changes no rule unless told to.

    Args:
        watch_also: Has the feeds asked for these, too.
        by_cusip: ``None`` where the venue cannot be asked: renames are not found then.
        expiry_days: How many days before its end a contract's rules are flagged.
    """

    def __init__(
        self,
        *,
        market: AdjustedMarket,
        watch_also: Callable[[frozenset[str]], None],
        rules: AdjustedRules,
        watchlist: Watched,
        store: ProposalStore,
        bus: Bus,
        clock: Clock,
        by_cusip: ByCusip | None,
        expiry_days: Callable[[], float],
        tell: Tell,
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self._market = market
        self._rules = rules
        self._watchlist = watchlist
        self._store = store
        self._bus = bus
        self._clock = clock
        self._expiry_days = expiry_days
        self._tell = tell
        self._symbols = RuleSymbols(rules=rules)
        self._closes = HeardCloses(market=market, store=store)
        self._finder = ProposalFinder(
            market=market,
            watch_also=watch_also,
            symbols=self._symbols,
            watched=lambda: watchlist.symbols,
            closes=self._closes,
            by_cusip=by_cusip,
            expiry_days=expiry_days,
        )
        self._proposals: dict[str, Proposal] = {}
        self._settled: frozenset[str] = frozenset()
        self._cusips: dict[str, str] = {}
        self._unsubscribe: Callable[[], None] = lambda: None
        self._active: dict[str, str] = {}  # contracts that roots stood for when last looked

    # --- looking in

    def proposals(self) -> tuple[Proposal, ...]:
        """Return what can be done now."""
        return tuple(self._proposals.values())

    def ending(self, rule: Rule) -> tuple[str, int] | None:
        """Return the contract a rule reads that ends soonest, and in how many days, if that is soon."""
        now_ns, limit = self._market.event_now_ns(), self._expiry_days()
        soon = [
            (days, symbol)
            for symbol in self._symbols.of(rule)
            if symbol.startswith("/")
            and (days := days_left(self._market.instrument(symbol), now_ns)) is not None
            and days <= limit
        ]
        if not soon:
            return None
        days, symbol = min(soon)
        return symbol, days

    # --- what the trader wants

    async def apply(self, proposal_id: str) -> Undo:
        """Carry over what can be, and no rule that has changed since; return what takes it back.

        Rules, and that a split is carried over, are kept in one transaction: else a program that is
        killed in between would offer the levels of today to be carried over again.

        Raises:
            TradeAssistError: there is nothing to carry over.
        """
        self._access.require(Act.ADJUST)
        proposal = self._proposals.get(proposal_id)
        if proposal is None or not proposal.can_be_applied:
            raise TradeAssistError("there is nothing to carry over any more")
        old, new = proposal.symbol, proposal.new_symbol
        is_split = proposal.kind is ProposalKind.SPLIT
        is_new_watched = new in self._watchlist.symbols
        done = await self._rules.carry_over(
            [(each.before, each.after) for each in proposal.ready],
            {old: new},
            {proposal.id: "applied"} if is_split else {},
        )
        if proposal.is_watched:
            await self._watchlist.rename(old, new)
        log.info("rules carried over", extra={"proposal": proposal.id, "rules": len(done)})
        if is_split:
            self._close(proposal)
        else:
            await self.look()  # nothing reads the old symbol any more but what was left alone

        async def undo() -> None:
            back = [(after, before) for before, after in done]  # what was changed by hand since stays
            await self._rules.carry_over(back, {new: old}, {proposal.id: None})
            if proposal.is_watched and is_new_watched:
                await self._watchlist.add(old)
            elif proposal.is_watched:
                await self._watchlist.rename(new, old)
            self._settled -= {proposal.id}
            await self.look()

        return undo

    async def dismiss(self, proposal_id: str) -> Undo:
        """Propose this no more; return what takes that back.

        Raises:
            TradeAssistError: it is proposed no more already.
        """
        self._access.require(Act.ADJUST)
        proposal = self._proposals.get(proposal_id)
        if proposal is None:
            raise TradeAssistError("that is proposed no more")
        await self._store.settle(proposal.id, "dismissed")
        self._close(proposal)
        return lambda: self.reopen(proposal)

    def _close(self, proposal: Proposal) -> None:
        self._settled |= {proposal.id}
        self._show([each for each in self._proposals.values() if each.id != proposal.id])

    async def reopen(self, proposal: Proposal) -> None:
        """Propose again what was dismissed."""
        self._access.require(Act.ADJUST)
        await self._store.reopen(proposal.id)
        self._settled -= {proposal.id}
        await self.look()

    # --- looking around

    async def start(self) -> None:
        """Know what was settled and heard before, and hear of rules that change.

        To be called before the venue is asked for any past.
        """
        self._settled = await self._store.settled()
        self._cusips = await self._store.cusips()
        read = {symbol for rule in self._rules.all() for symbol in rule.symbols}
        await self._closes.start([each for each in read if self._market.instrument(each).kind in SHARES])
        self._unsubscribe = self._bus.subscribe(RulesChanged, lambda event: self._symbols.changed(event.uids))

    def stop(self) -> None:
        """Hear no more."""
        self._unsubscribe()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(_EVERY_S)

    async def look(self) -> None:
        """Find what is to be proposed now."""

        async def pause() -> None:
            await self._clock.sleep(0)

        await self._symbols.read(pause)
        symbols = self._symbols.all()
        await self._learn_cusips(dict.fromkeys((*symbols, *self._watchlist.symbols)))
        await pause()
        self._hear_of_roots(symbols)
        await pause()
        found = await self._finder.find(self._settled, self._cusips, pause)
        self._show([each for each in found if each.id not in self._settled])  # settled meanwhile

    def _show(self, found: Iterable[Proposal]) -> None:
        before, self._proposals = self._proposals, {each.id: each for each in found}
        for key, proposal in self._proposals.items():
            if key not in before:
                log.info("proposal", extra={"proposal": key})
                text = f"{proposal.sentence} The section Rolls and splits of the data feed has the changes."
                self._tell(key, "Rules to be carried over", text, Priority.LOW)
        if before != self._proposals:
            self._bus.publish(ProposalsChanged(count=len(self._proposals)))

    async def _learn_cusips(self, symbols: Iterable[str]) -> None:
        told = {
            symbol: cusip
            for symbol in symbols
            if (cusip := self._market.instrument(symbol).cusip) and self._cusips.get(symbol) != cusip
        }
        if told:
            self._cusips |= told
            await self._store.keep_cusips(told)

    def _hear_of_roots(self, symbols: Iterable[str]) -> None:
        for symbol in symbols:
            active = self._market.instrument(symbol).active_symbol
            if not active or not symbol.startswith("/") or symbol != root_of(symbol):
                continue
            before = self._active.get(symbol, active)
            self._active[symbol] = active
            if before != active:
                text = (
                    f"The venue streams {active} as {symbol} now, no longer {before}. "
                    "Levels of rules on it may want another look."
                )
                self._tell(f"active:{symbol}:{active}", f"{symbol} is {active}", text, Priority.NORMAL)
