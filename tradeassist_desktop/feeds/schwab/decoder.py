"""Schwab's frames into ticks, bars, answers and notices: no I/O, and fast where a frame is sound."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from tradeassist_desktop.domain.market import (
    NS_PER_MS,
    NS_PER_SECOND,
    BadFrame,
    Bar,
    Instrument,
    Tick,
    TradingStatus,
)
from tradeassist_desktop.feeds.bar_bounds import bar_bounds, is_sound
from tradeassist_desktop.feeds.schwab.fields import ChartItem, Item
from tradeassist_desktop.feeds.schwab.frames import (
    Answer,
    EquityChartPart,
    Frame,
    FutureChartPart,
    Notice,
)
from tradeassist_desktop.feeds.schwab.instruments import InstrumentNotes
from tradeassist_desktop.feeds.schwab.salvage import salvage
from tradeassist_desktop.feeds.schwab.words import trading_status

__all__ = ["Answer", "Notice", "Reading", "SchwabDecoder"]

_BARS: Final = (EquityChartPart, FutureChartPart)
_AHEAD_AT_MOST_NS: Final = 60 * NS_PER_SECOND


@dataclass(slots=True)
class Reading:
    """What one frame said. ``faults`` counts the pieces of it that could not be read and were left out.

    ``delayed`` says of symbols whether their prices are: it comes with their first update.
    """

    ticks: list[Tick]
    instruments: Sequence[Instrument] = ()
    trading: Sequence[tuple[str, TradingStatus]] = ()
    delayed: Sequence[tuple[str, bool]] = ()
    bars: Sequence[Bar] = ()
    answers: Sequence[Answer] = ()
    notices: Sequence[Notice] = ()
    faults: int = 0


class SchwabDecoder:
    """Turns frames into ticks; remembers each symbol's newest time and what it was told of it.

    A tick's ``event_ns`` is the newest of the quote and trade times that came with it; where
    none came, the newest known of its symbol, else the frame's own time, else ``received_ns``.
    """

    def __init__(self) -> None:
        self._newest_ns: dict[str, int] = {}
        self._notes = InstrumentNotes()
        self._decoder = msgspec.json.Decoder(Frame)

    def decode(self, frame: bytes, received_ns: int) -> Sequence[Tick]:
        """Return the frame's ticks in order; none for answers and notices.

        Raises:
            BadFrame: it is not a JSON object.
        """
        return self.read(frame, received_ns).ticks

    def read(self, frame: bytes, received_ns: int) -> Reading:
        """Return all the frame says. A value of the wrong type is left out, its neighbours are kept.

        Raises:
            BadFrame: it is not a JSON object.
        """
        try:
            decoded = self._decoder.decode(frame)
        except msgspec.ValidationError:
            return self._read_piecewise(frame, received_ns)
        except (ValueError, RecursionError) as error:
            raise BadFrame(str(error)) from None
        reading = Reading([], answers=decoded.response, notices=decoded.notify)
        for part in decoded.data:
            if isinstance(part, _BARS):
                self._add_bars(part.content, received_ns, reading)
            else:
                self._add(part.content, part.timestamp, received_ns, reading)
        return reading

    def _add(self, items: Iterable[Item], frame_ms: int | None, received_ns: int, reading: Reading) -> None:
        """Note what the items say."""
        # The hot loop: one item must cost less than a microsecond with its decoding.
        ticks = reading.ticks
        newest_ns = self._newest_ns
        new = tuple.__new__
        latest_ns = received_ns + _AHEAD_AT_MOST_NS
        worded: list[Item] = []
        for item in items:
            key = item.key
            quote_ms, trade_ms = item.quote_ms, item.trade_ms
            try:  # costs nothing until it fails, and half of what get() does
                known_ns = newest_ns[key]
            except KeyError:
                known_ns = 0
            trade_ns = None
            if trade_ms is not None:
                trade_ns = trade_ms * NS_PER_MS
                event_ns = trade_ns if quote_ms is None or quote_ms <= trade_ms else quote_ms * NS_PER_MS
            elif quote_ms is not None:
                event_ns = quote_ms * NS_PER_MS
            else:
                event_ns = known_ns or (frame_ms * NS_PER_MS if frame_ms else received_ns)
            tick = new(
                Tick,
                (
                    key,
                    event_ns,
                    received_ns,
                    item.last,
                    item.bid,
                    item.ask,
                    item.last_size,
                    item.bid_size,
                    item.ask_size,
                    item.volume,
                    item.open,
                    item.high,
                    item.low,
                    item.prev_close,
                    trade_ns,
                ),
            )
            if item.description is not None or item.status is not None or item.contract is not None:
                worded.append(item)
            if quote_ms is None and trade_ms is None and not any(value is not None for value in tick[3:]):
                # Words only: a snapshot of a symbol without prices must not look like an update.
                continue
            if known_ns < event_ns <= latest_ns:
                # A stamp from the future is refused later on; here it must not stand for later updates.
                newest_ns[key] = event_ns
            ticks.append(tick)
        if worded:
            self._tell(worded, reading)

    def _tell(self, worded: Sequence[Item], reading: Reading) -> None:
        """Note what is told in words: what a symbol is, whether it trades, whether it is delayed."""
        learned = [instrument for item in worded if (instrument := self._notes.learn(item)) is not None]
        reading.instruments = (*reading.instruments, *learned)
        trading = [
            (item.key, status)
            for item in worded
            if item.status is not None and (status := trading_status(item.status)) is not None
        ]
        reading.trading = (*reading.trading, *trading)
        delayed = [(item.key, item.delayed) for item in worded if item.delayed is not None]
        reading.delayed = (*reading.delayed, *delayed)

    def _add_bars(self, items: Iterable[ChartItem], received_ns: int, reading: Reading) -> None:
        """Note whole and possible bars; the others are faults."""
        bars: list[Bar] = []
        for item in items:
            bar = _bar(item, received_ns + _AHEAD_AT_MOST_NS)
            if bar is None:
                reading.faults += 1
            else:
                bars.append(bar)
        reading.bars = (*reading.bars, *bars)

    def _read_piecewise(self, frame: bytes, received_ns: int) -> Reading:
        found = salvage(frame)
        reading = Reading([], answers=found.answers, notices=found.notices, faults=found.faults)
        for frame_ms, items in found.parts:
            self._add(items, frame_ms, received_ns, reading)
        for charts in found.charts:
            self._add_bars(charts, received_ns, reading)
        return reading


def _bar(item: ChartItem, latest_ns: int) -> Bar | None:
    start_ms = item.start_ms
    values = (item.open, item.high, item.low, item.close, item.volume)
    if start_ms is None or None in values:
        return None
    bounds = bar_bounds(item.key, "1m")(start_ms * NS_PER_MS)
    if bounds is None or bounds[0] > latest_ns:
        return None
    bar = Bar._make((item.key, "1m", *bounds, *values))
    return bar if is_sound(bar) else None
