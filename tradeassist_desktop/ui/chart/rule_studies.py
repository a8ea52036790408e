"""Keeps what the chosen rule reads of bars up to date, for one chart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.telling.studies import Study, StudyValues, studies_of
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.services.market.market_view import MarketView
from tradeassist_desktop.ui.chart.lines import StudyLine

_FEW: Final = 1_500
"""So many bars are computed on the loop; more of them would be felt there."""


@dataclass(slots=True)
class _Running:
    """A study with the bars it is made of. ``array`` is what ``values`` come to, until another closes."""

    study: Study
    values: StudyValues
    bars: list[Bar]
    closed: int
    array: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


class RuleStudies:
    """Studies of one rule on one symbol and timeframe.

    The bars of the chart itself are taken from it; those of other symbols and timeframes from the market.
    """

    def __init__(self, *, market: MarketView) -> None:
        self._market = market
        self._symbol = ""
        self._timeframe = ""
        self._running: list[_Running] = []
        self._turn = 0

    async def show(self, rule: Rule | None, symbol: str, timeframe: str, bars: Sequence[Bar]) -> None:
        """Have the studies of a rule, or of none, over a chart's closed bars.

        A rule that does not run on the symbol has none there.
        """
        self._turn += 1
        turn = self._turn
        is_of_it = rule is not None and symbol in rule.symbols
        studies = studies_of(rule, symbol, timeframe) if rule is not None and is_of_it else ()
        running = []
        for study in studies:
            key = (study.symbol, study.timeframe)
            closed = self._market.closed_bars_count(*key)
            own = list(bars) if key == (symbol, timeframe) else await self._market.bars(*key, len(bars) or 1)
            kind = self._market.instrument(study.symbol).kind
            made = _Running(study, StudyValues(study=study, kind=kind), own, closed)
            if len(own) <= _FEW:
                made.values.take_anew(own)
            else:
                await aside(partial(made.values.take_anew, own), name="studies")
            made.array = _array(made.values)
            running.append(made)
        if turn == self._turn:  # else another was asked for meanwhile
            self._symbol, self._timeframe, self._running = symbol, timeframe, running

    def take(self, bars: Sequence[Bar]) -> None:
        """Take the chart's bars that have closed, the last one again among them."""
        for each in self._running:
            if self._is_own(each.study):
                _take(each, bars)

    @property
    def is_behind(self) -> bool:
        """Whether bars of other symbols or timeframes have closed."""
        return any(
            self._closed(each) != each.closed for each in self._running if not self._is_own(each.study)
        )

    async def catch_up(self) -> None:
        """Take what has closed of other symbols and timeframes."""
        turn = self._turn
        for each in self._running:
            closed = self._closed(each)
            if self._is_own(each.study) or closed == each.closed:
                continue
            count, each.closed = closed - each.closed, closed
            bars = await self._market.bars(each.study.symbol, each.study.timeframe, count + 1)
            if turn != self._turn:
                return
            _take(each, bars)

    def lines(self, starts_ns: NDArray[np.int64], closed: int) -> tuple[StudyLine, ...]:
        """Return the lines over the chart's bars.

        Args:
            starts_ns: Shape (n,): of the chart's closed bars, and of the forming one if there is one.
            closed: How many of them are closed.
        """
        return tuple(self._line(each, starts_ns, closed) for each in self._running)

    def _is_own(self, study: Study) -> bool:
        """Whether a study is made of the bars of the chart itself."""
        return (study.symbol, study.timeframe) == (self._symbol, self._timeframe)

    def _closed(self, each: _Running) -> int:
        return self._market.closed_bars_count(each.study.symbol, each.study.timeframe)

    def _line(self, each: _Running, starts_ns: NDArray[np.int64], closed: int) -> StudyLine:
        study = each.study
        is_own = self._is_own(study)
        first_ns = each.bars[0].start_ns if is_own and each.bars else 0
        values = each.array
        if not is_own and closed:
            # What a rule knows when a bar of the chart closes: the last one of the study's own that has.
            first_ns = int(starts_ns[0])
            ends_ns = np.fromiter((bar.end_ns for bar in each.bars), dtype=np.int64, count=len(each.bars))
            at_ns = starts_ns[:closed] + TIMEFRAMES[self._timeframe]
            numbers = np.searchsorted(ends_ns, at_ns, side="right") - 1
            known = np.concatenate([each.array, [np.nan]])
            values = known[numbers]  # before the first, the one that is not known
        return StudyLine(
            text=study.text,
            place=study.place,
            band=_band(study),
            first_ns=first_ns,
            values=values,
            forming=self._forming(each),
            thresholds=study.thresholds,
            unit=" %" if study.is_percent else "",
        )

    def _forming(self, each: _Running) -> float | None:
        study = each.study
        if TIMEFRAMES[study.timeframe] > TIMEFRAMES[self._timeframe]:
            return each.values.last()  # its bar goes on for longer than the chart's
        bar = self._market.forming_bar(study.symbol, study.timeframe)
        return each.values.last() if bar is None else each.values.forming(bar)


def _take(each: _Running, bars: Sequence[Bar]) -> None:
    last = each.bars[-1] if each.bars else None
    fresh = [bar for bar in bars if last is None or bar.start_ns > last.start_ns]
    again = next((bar for bar in bars if last is not None and bar.start_ns == last.start_ns), last)
    if again != last and again is not None:
        # The venue knew more of it: what followed from it follows anew.
        each.bars[-1] = again
        each.values.take_anew(each.bars)
    for bar in fresh:
        each.bars.append(bar)
        each.values.take(bar)
    if fresh or again != last:
        each.array = _array(each.values)


def _array(values: StudyValues) -> NDArray[np.float64]:
    return np.array(values.values(), dtype=float)


def _band(study: Study) -> str:
    # Lines that are made for each other: macd and macd_signal, stoch_k and stoch_d.
    family = study.operand.name.split("_")[0]
    return f"{study.symbol} {study.timeframe} {family}"
