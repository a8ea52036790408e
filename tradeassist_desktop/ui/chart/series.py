"""The bars of a chart as arrays, so that ten thousand of them are looked at in one go."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradeassist_desktop.domain.market import Bar

OPEN: Final = 0
HIGH: Final = 1
LOW: Final = 2
CLOSE: Final = 3
VOLUME: Final = 4
KEPT: Final = 10_000
"""How many bars are asked for at first."""
MOST: Final = 60_000
"""How many there are with all that was loaded on the way back."""

_NO_STARTS: Final = np.empty(0, dtype=np.int64)
_NO_FIGURES: Final = np.empty((5, 0))


class BarSeries:
    """Closed bars, oldest first, and the forming one at the end.

    ``starts_ns``: shape (n,), int64. ``figures``: shape (5, n): open, high, low, close, volume.
    A bar's place on the chart is its number, so that nights and weekends take no room.
    """

    def __init__(self) -> None:
        self.starts_ns: NDArray[np.int64] = _NO_STARTS
        self.figures: NDArray[np.float64] = _NO_FIGURES
        self._closed = 0

    def __len__(self) -> int:
        return len(self.starts_ns)

    @property
    def closed(self) -> int:
        """How many bars are closed."""
        return self._closed

    def replace(self, bars: Sequence[Bar]) -> None:
        """Take these closed bars in place of all others."""
        self.starts_ns, self.figures = _arrays(bars[-MOST:])
        self._closed = len(self.starts_ns)

    def extend(self, bars: Sequence[Bar]) -> int:
        """Take newly closed bars; return how many places the chart has moved on by."""
        places_before = len(self)
        starts_ns, figures = self.starts_ns[: self._closed], self.figures[:, : self._closed]
        if bars:
            # What is brought again (the newest closed one is) replaces what was there.
            keep = int(np.searchsorted(starts_ns, bars[0].start_ns))
            fresh_starts, fresh_figures = _arrays(bars)
            starts_ns = np.concatenate([starts_ns[:keep], fresh_starts])
            figures = np.concatenate([figures[:, :keep], fresh_figures], axis=1)
        dropped = max(0, len(starts_ns) - MOST)
        self.starts_ns, self.figures = starts_ns[dropped:], figures[:, dropped:]
        self._closed = len(self.starts_ns)
        return len(self) - places_before

    def prepend(self, bars: Sequence[Bar]) -> int:
        """Take closed bars from before the first one; return how many places all others have moved by."""
        first_ns = self.starts_ns[0] if len(self) else None
        earlier = [bar for bar in bars if first_ns is None or bar.start_ns < first_ns]
        earlier = earlier[-max(0, MOST - len(self)) :] if len(self) < MOST else []
        if not earlier:
            return 0
        starts_ns, figures = _arrays(earlier)
        self.starts_ns = np.concatenate([starts_ns, self.starts_ns])
        self.figures = np.concatenate([figures, self.figures], axis=1)
        self._closed += len(earlier)
        return len(earlier)

    def form(self, bar: Bar | None) -> bool:
        """Show the forming bar at the end; return whether anything differs from before."""
        if bar is None or (self._closed and bar.start_ns <= self.starts_ns[self._closed - 1]):
            return False
        fresh = np.array([[bar.open], [bar.high], [bar.low], [bar.close], [bar.volume]])
        if len(self) > self._closed:
            is_same = self.starts_ns[-1] == bar.start_ns and bool((self.figures[:, -1:] == fresh).all())
            self.starts_ns[-1] = bar.start_ns
            self.figures[:, -1:] = fresh
            return not is_same
        self.starts_ns = np.append(self.starts_ns, np.int64(bar.start_ns))
        self.figures = np.concatenate([self.figures, fresh], axis=1)
        return True

    def place(self, event_ns: int) -> int | None:
        """Return the number of the bar that holds an instant; ``None`` before the first."""
        number = int(np.searchsorted(self.starts_ns, event_ns, side="right")) - 1
        return number if number >= 0 else None

    def visible(self, left: float, right: float) -> slice:
        """Return the bars between two places on the chart."""
        first = max(0, min(len(self), int(np.floor(left + 0.5))))
        last = max(first, min(len(self), int(np.ceil(right + 0.5))))
        return slice(first, last)


def _arrays(bars: Sequence[Bar]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    starts_ns = np.fromiter((bar.start_ns for bar in bars), dtype=np.int64, count=len(bars))
    figures = np.empty((5, len(bars)))
    for number, bar in enumerate(bars):
        figures[:, number] = (bar.open, bar.high, bar.low, bar.close, bar.volume)
    return starts_ns, figures
