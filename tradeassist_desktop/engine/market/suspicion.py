"""Whether one symbol's trades can be believed: what they are judged by, and the one that waits."""

from math import inf
from typing import Final

from tradeassist_desktop.domain.health import Refusal
from tradeassist_desktop.domain.market import NS_PER_SECOND, Instrument, InstrumentKind, Tick
from tradeassist_desktop.engine.calendars.sessions import Calendar, regular
from tradeassist_desktop.engine.market.gates import BAD_PRINT, BORNE_OUT, Gates

_LEAST_TICKS: Final = 5
_FRESH_NS: Final = 60 * NS_PER_SECOND
_JUDGED: Final = frozenset(
    (
        InstrumentKind.EQUITY,
        InstrumentKind.ETF,
        InstrumentKind.FUTURE,
        InstrumentKind.FOREX,
        InstrumentKind.CRYPTO,
    )
)
"""Kinds whose prices hang together: an option may double, an indicator jumps by its nature."""


class Suspicion:
    """One symbol as it was last believed, and the trade that is not believed yet, if there is one.

    A trade is *suspect* if it is farther from the last believed price than a share of it and at
    least five price steps, and also outside bid and ask, each moved out by as much. Both must speak
    against it, so that a market that gaps with its quote is believed at once. Its price, size,
    volume and trade time wait, with a session high or low of that price; its quote passes. Nothing
    is suspect without a sound bid and ask, or with no price before (``begin_anew``).

    A suspect is believed, late but whole, with the first update in which

    - bid and ask have moved to take it in, or
    - a later trade is within the limit of it, has the same price (a feed that sends changes
      repeats none), or lies beyond it on the same side, as in a cascade.

    A later trade anywhere else disproves it. So it waits through any silence: the quote of a share that
    seldom trades may follow a true price only minutes later. A connection that begins anew brings
    the last trade once more, which is then believed.

    Sources: deviation from what traded before, with a floor in price steps: C. Brownlees and
    G. Gallo, Financial econometric analysis at ultra-high frequency, 2006; trades beyond bid and
    ask: O. Barndorff-Nielsen et al., Realized kernels in practice, 2009, rule T4. Both also look at
    what traded after the doubted trade; live, that means to wait for it.

    Args:
        gates: Told of each trade that is held back, and of each that is believed after all.
    """

    __slots__ = (
        "_calendar",
        "_doubted",
        "_floor",
        "_gates",
        "_least",
        "_refusal",
        "_stretch_end_ns",
        "_suspect",
        "ask",
        "at_stamp",
        "bid",
        "due_ns",
        "is_calm",
        "is_judged",
        "newest",
        "newest_ns",
        "reference",
    )

    def __init__(self, *, instrument: Instrument, gates: Gates) -> None:
        self._gates = gates
        self.is_judged = instrument.kind in _JUDGED
        self._floor = 0.0 if instrument.must_be_positive else -inf
        self._least = _LEAST_TICKS * instrument.tick_size
        self._suspect: Tick | None = None
        self._refusal: Refusal | None = None
        # The price of the last disproved trade: the venue's session high or low may go on telling it.
        self._doubted: float | None = None
        self._calendar: Calendar = regular(instrument.kind)
        self._stretch_end_ns = 0
        # For the intake, which reads and sets them without a call.
        self.due_ns = 0
        self.newest: Tick | None = None
        self.newest_ns = 0
        self.at_stamp: list[Tick] = []
        self.bid: float | None = None
        self.ask: float | None = None
        self.reference: float | None = None
        self.is_calm = True  # no trade waits and no price is doubted

    def begin_anew(self) -> None:
        """Judge nothing by what was: the next trade is believed."""
        self.reference = self.bid = self.ask = None
        if self._suspect is not None:
            self._doubted, self._suspect = self._suspect.last, None

    def look_around(self, event_ns: int) -> None:
        """Begin anew where an update at ``due_ns`` or later is in another session, or after a silence."""
        if event_ns >= self._stretch_end_ns:
            self._stretch_end_ns = self._calendar.at(event_ns).end_ns
            self.begin_anew()
            self._doubted, self.is_calm = None, True
        elif event_ns - self.newest_ns > _FRESH_NS:
            self.reference = self.bid = self.ask = None  # what waits still waits for its judgement
        self.due_ns = min(self._stretch_end_ns, event_ns + _FRESH_NS)

    def weigh(self, tick: Tick, share: float) -> list[Tick]:
        """Return what can be believed now: of this update, and of the trade that has waited.

        Args:
            share: How far a trade may be from what came before, as a part of that; infinite for any.
        """
        before: list[Tick] = []
        suspect = self._suspect
        if suspect is not None and suspect.last is not None:
            if (tick.bid is not None or tick.ask is not None) and self._is_taken_in(suspect.last, share):
                self._believe_suspect(tick)
                if tick.last is None:
                    return self._passed(_with_trade(tick, suspect))
                before.append(_with_trade(tick, suspect))
            elif not _is_another_trade(tick, suspect):
                return self._held_back(tick)
            elif self._bears_out(tick, suspect.last, share):
                self._believe_suspect(tick)
                bare = Tick(tick.symbol, tick.event_ns, tick.received_ns)
                before.append(_with_trade(bare, suspect))
            else:
                self._doubted, self._suspect = suspect.last, None
                if tick.last_size is None:  # the same as the suspect's: only changes are sent
                    tick = tick._replace(last_size=suspect.last_size)
        return before + self._weigh_trade(tick, share)

    def _weigh_trade(self, tick: Tick, share: float) -> list[Tick]:
        last = tick.last
        if last is None or not self.is_judged or not self._floor < last < inf:
            return self._passed(tick)
        reference = self.reference
        if reference is None or share == inf or self._is_near(last, reference, share):
            return self._believed(tick, last)
        if not self._has_quote() or self._is_taken_in(last, share):
            return self._believed(tick, last)
        self._suspect, self.is_calm = tick, False
        self._refusal = Refusal(
            BAD_PRINT, tick.symbol, "last", last, tick.event_ns, tick.received_ns, reference
        )
        self._gates.note(self._refusal)
        return self._held_back(tick)

    def _believed(self, tick: Tick, last: float) -> list[Tick]:
        self.reference = last
        if self._doubted == last:
            self._doubted = None
        self.is_calm = self._doubted is None
        return self._passed(tick)

    def _believe_suspect(self, tick: Tick) -> None:
        suspect, self._suspect = self._suspect, None
        assert suspect is not None and suspect.last is not None and self._refusal is not None
        self._gates.withdraw(self._refusal)
        self._gates.refuse(BORNE_OUT, suspect, "last", suspect.last, self.reference)
        self.reference = suspect.last
        self.is_calm = self._doubted is None

    def _passed(self, tick: Tick) -> list[Tick]:
        """Return the update without a session high or low that only a doubted trade has reached."""
        doubted = self._doubted
        if doubted is None or doubted not in (tick.high, tick.low):
            return [tick]
        return _if_any(_without_extremes(tick, doubted))

    def _held_back(self, tick: Tick) -> list[Tick]:
        """Return the update without anything of the trade that waits."""
        suspect = self._suspect
        assert suspect is not None and suspect.last is not None
        if tick is not suspect and suspect.last in (tick.high, tick.low):
            self._suspect = suspect._replace(
                high=tick.high if tick.high == suspect.last else suspect.high,
                low=tick.low if tick.low == suspect.last else suspect.low,
            )
        quote = tick._replace(last=None, last_size=None, volume=None, trade_ns=None)
        return [
            passed
            for kept in _if_any(_without_extremes(quote, suspect.last))
            for passed in self._passed(kept)
        ]

    def _has_quote(self) -> bool:
        bid, ask = self.bid, self.ask
        return bool(bid and ask and bid <= ask)  # 0 is how venues say that there is none

    def _is_taken_in(self, price: float, share: float) -> bool:
        bid, ask = self.bid, self.ask
        limit = self._limit(price, share)
        return bool(bid and ask and bid <= ask and bid - limit <= price <= ask + limit)

    def _is_near(self, price: float, reference: float, share: float) -> bool:
        return abs(price - reference) <= self._limit(reference, share)

    def _limit(self, reference: float, share: float) -> float:
        return max(share * abs(reference), self._least)

    def _bears_out(self, tick: Tick, suspected: float, share: float) -> bool:
        price, reference = tick.last, self.reference
        if price is None or self._is_near(price, suspected, share):
            return True
        return reference is not None and (suspected - reference) * (price - suspected) > 0.0


def _is_another_trade(tick: Tick, suspect: Tick) -> bool:
    """Whether the update tells of a trade after the suspect, not of the suspect again."""
    if tick.volume is not None and suspect.volume is not None and tick.volume > suspect.volume:
        return True
    if tick.trade_ns is not None and suspect.trade_ns is not None and tick.trade_ns != suspect.trade_ns:
        return tick.trade_ns > suspect.trade_ns
    return tick.last is not None and (tick.last != suspect.last or suspect.trade_ns is None)


def _with_trade(tick: Tick, trade: Tick) -> Tick:
    return tick._replace(
        last=trade.last,
        last_size=trade.last_size,
        volume=trade.volume,
        high=trade.high if tick.high is None else tick.high,
        low=trade.low if tick.low is None else tick.low,
        trade_ns=trade.trade_ns,
    )


def _without_extremes(tick: Tick, price: float) -> Tick:
    return tick._replace(
        high=None if tick.high == price else tick.high, low=None if tick.low == price else tick.low
    )


def _if_any(tick: Tick) -> list[Tick]:
    """Return the update, or nothing where nothing is left of it."""
    return [tick] if any(value is not None for value in tick[3:]) else []
