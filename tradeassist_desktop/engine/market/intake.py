"""What a live feed brings, before it is believed: stamps mended, repetitions dropped, wild prices held back.

It stands before recorder and engine, so that a recording holds what was believed and replays to
the same alerts. Data of other origin (backtests) does not come this way.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from operator import length_hint
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND, Instrument, Tick
from tradeassist_desktop.engine.market.gates import CLOCK_APART, DUPLICATE, FUTURE, WRONG_UNIT, Gates
from tradeassist_desktop.engine.market.suspicion import Suspicion

_AHEAD_NS: Final = 60 * NS_PER_SECOND
_AGO_NS: Final = 366 * 86_400 * NS_PER_SECOND
"""How old a mended stamp may be: the last trade of a share that seldom trades."""
_EARLIEST_NS: Final = 10**17
"""March 1973: no live stamp is older, and seconds read as milliseconds all are."""
_PATIENCE_NS: Final = 10 * NS_PER_SECOND
_MOST_AT_ONE_STAMP: Final = 256


class Intake:
    """Passes on what can be believed; counts and keeps the rest in ``gates``.

      - A stamp in seconds where milliseconds were meant, or the reverse, is mended. One that is
        nothing at all gives way to the symbol's newest. One more than a minute ahead of its arrival
        is refused: believed, it would make every true update after it late, for all symbols. Where
    nothing else has come for ten seconds, clocks are apart, and the arrival stands in.
      - An update that carries a session volume or a trade time and repeats another of the same symbol
        and stamp in every field is dropped. Without either it is kept: two equal trades may be real.
      - A wild trade waits until something bears it out, as ``Suspicion`` tells; not in a symbol that
        was not heard for a minute, nor as the first of a regular session or after one.

      What is older than its symbol's newest passes: the engine counts and refuses it.

      Args:
          instruments: Returns what is known of a symbol.
          limit_percent: How far a trade may be from the one before, asked for each batch; 0 for any.
    """

    def __init__(
        self, *, instruments: Callable[[str], Instrument], limit_percent: Callable[[], float]
    ) -> None:
        self._instruments = instruments
        self._limit_percent = limit_percent
        self._seen: dict[str, Suspicion] = {}
        self._all_ahead_since_ns: int | None = None
        self.gates = Gates()

    def begin_anew(self, symbols: Iterable[str]) -> None:
        """Judge these symbols by nothing that was: a halt or an interruption lies between."""
        for symbol in symbols:
            seen = self._seen.get(symbol)
            if seen is not None:
                seen.begin_anew()

    @property
    def is_clock_apart(self) -> bool:
        """Whether all that came last was stamped ahead: this machine's time is not the venue's."""
        return self._all_ahead_since_ns is not None

    def foresee(self, ticks: Sequence[Tick]) -> int:
        """Return the newest stamp that updates which wait will be believed with, or refused for."""
        behind = [tick for tick in ticks if tick.event_ns <= tick.received_ns + _AHEAD_NS]
        if behind:
            self._all_ahead_since_ns = None
            return max(tick.event_ns for tick in behind)
        if self._all_ahead_since_ns is None:
            self._all_ahead_since_ns = ticks[0].received_ns
        return max(tick.received_ns for tick in ticks)

    def admit(self, ticks: Sequence[Tick]) -> Sequence[Tick]:
        """Return what can be believed of a batch, in order; the same object where all of it can."""
        # The hot loop: of most updates, one look into the dictionary and a few comparisons are all.
        seen_of = self._seen
        share = self._limit_percent() / 100.0 or inf
        earliest_ns = _EARLIEST_NS
        arrived_ns = latest_ns = 0
        believed: list[Tick] | None = None
        ahead = 0
        coming = iter(ticks)
        for came in coming:
            symbol, event_ns, received_ns, last, bid, ask, _, _, _, volume, _, _, _, _, trade_ns = came
            tick = came
            try:
                seen = seen_of[symbol]
            except KeyError:
                instrument = self._instruments(symbol)
                seen = seen_of[symbol] = Suspicion(instrument=instrument, gates=self.gates)
            if received_ns is not arrived_ns:  # of one frame it is one object
                arrived_ns = received_ns
                latest_ns = received_ns + _AHEAD_NS
            if not earliest_ns < event_ns <= latest_ns or (trade_ns is not None and trade_ns < earliest_ns):
                if believed is None:
                    believed = _before(ticks, coming)
                ahead += event_ns > latest_ns
                mended = self._mended(came, seen.newest_ns)
                if mended is None:
                    continue
                tick, event_ns, trade_ns = mended, mended.event_ns, mended.trade_ns
            if event_ns > seen.newest_ns:
                if event_ns >= seen.due_ns:
                    seen.look_around(event_ns)
                seen.newest = tick
                seen.newest_ns = event_ns
            elif event_ns < seen.newest_ns:
                if believed is not None:
                    believed.append(tick)
                continue
            elif (volume is not None or trade_ns is not None) and self._is_repeated(tick, seen):
                if believed is None:
                    believed = _before(ticks, coming)
                continue
            if bid is not None:
                seen.bid = bid
            if ask is not None:
                seen.ask = ask
            if last is None:
                if seen.is_calm:
                    if believed is not None:
                        believed.append(tick)
                    continue
            elif seen.is_calm:
                reference = seen.reference
                if reference is not None and -share * reference <= last - reference <= share * reference:
                    seen.reference = last
                    if believed is not None:
                        believed.append(tick)
                    continue
            weighed = seen.weigh(tick, share)
            if believed is not None:
                believed.extend(weighed)
            elif len(weighed) != 1 or weighed[0] is not came:
                believed = [*_before(ticks, coming), *weighed]
        if ahead < len(ticks):
            self._all_ahead_since_ns = None
        return ticks if believed is None else believed

    def _mended(self, tick: Tick, newest_ns: int) -> Tick | None:
        """Return the update with stamps that can be; ``None`` where it is from the future."""
        event_ns = _plausible(tick.event_ns, tick.received_ns)
        if event_ns is None and tick.event_ns > tick.received_ns:
            return self._from_ahead(tick)
        if event_ns is not None and event_ns <= newest_ns < event_ns + NS_PER_SECOND:
            event_ns = newest_ns  # of seconds the fraction is lost: within one it is not late for that
        trade_ns = None if tick.trade_ns is None else _plausible(tick.trade_ns, tick.received_ns)
        mended = tick._replace(event_ns=event_ns or newest_ns or tick.received_ns, trade_ns=trade_ns)
        self.gates.refuse(WRONG_UNIT, tick, "", None)
        return mended

    def _from_ahead(self, tick: Tick) -> Tick | None:
        if self._all_ahead_since_ns is None:
            self._all_ahead_since_ns = tick.received_ns
        if tick.received_ns - self._all_ahead_since_ns < _PATIENCE_NS:
            self.gates.refuse(FUTURE, tick, "", None)
            return None
        self.gates.refuse(CLOCK_APART, tick, "", None)
        return tick._replace(event_ns=tick.received_ns, trade_ns=None)

    def _is_repeated(self, tick: Tick, seen: Suspicion) -> bool:
        """Whether the update came before with this stamp; it is remembered if not."""
        values = tick[3:]
        others = seen.at_stamp
        if others and others[0].event_ns != tick.event_ns:
            others.clear()
        if (seen.newest is not None and seen.newest[3:] == values) or any(
            other[3:] == values for other in others
        ):
            self.gates.refuse(DUPLICATE, tick, "last" if tick.last is not None else "", tick.last)
            return True
        if len(others) < _MOST_AT_ONE_STAMP:
            others.append(tick)
        return False


def _plausible(stamp_ns: int, received_ns: int) -> int | None:
    """Return the stamp, or what it is in the right unit; ``None`` where no unit makes sense of it."""
    if _EARLIEST_NS < stamp_ns <= received_ns + _AHEAD_NS:
        return stamp_ns
    for scaled_ns in (stamp_ns * 1000, stamp_ns // 1000):
        if received_ns - _AGO_NS <= scaled_ns <= received_ns + _AHEAD_NS:
            return scaled_ns
    return None


def _before(ticks: Sequence[Tick], coming: Iterator[Tick]) -> list[Tick]:
    """Return what came before the update that ``coming`` gave last. To count all along costs more."""
    return list(ticks[: len(ticks) - length_hint(coming) - 1])
