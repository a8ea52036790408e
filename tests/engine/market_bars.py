"""Bars to compute indicators on: a real market's minutes, and a seeded walk."""

import csv
import gzip
import random
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.operands.bars import FIELD_INDEX

_MINUTE_NS: Final = 60_000_000_000
_REAL: Final = Path(__file__).parents[2] / "resources" / "samples" / "6eh24-2024-01-week2-1min.csv.gz"


def _bar(number: int, open_: float, high: float, low: float, close: float, volume: float) -> Bar:
    start_ns = number * _MINUTE_NS
    return Bar("/6EH24", "1m", start_ns, start_ns + _MINUTE_NS, open_, high, low, close, volume)


def real_bars(count: int) -> list[Bar]:
    """Return the first minutes of a real week of euro futures."""
    with gzip.open(_REAL, "rt", newline="") as rows:
        return [
            _bar(number, *(float(row[name]) for name in ("open", "high", "low", "close", "volume")))
            for number, row in zip(range(count), csv.DictReader(rows), strict=False)
        ]


def random_bars(count: int, *, seed: int = 7) -> list[Bar]:
    """Return a seeded walk with gaps, flat bars and bars without volume."""
    chance = random.Random(seed)
    bars, close = [], 100.0
    for number in range(count):
        open_ = close * (1.0 + chance.choice((0.0, 0.0, chance.gauss(0.0, 0.01))))
        close = open_ * (1.0 + chance.choice((0.0, chance.gauss(0.0, 0.02))))
        high = max(open_, close) * (1.0 + chance.choice((0.0, abs(chance.gauss(0.0, 0.01)))))
        low = min(open_, close) * (1.0 - chance.choice((0.0, abs(chance.gauss(0.0, 0.01)))))
        bars.append(_bar(number, open_, high, low, close, float(chance.choice((0, chance.randrange(5_000))))))
    return bars


def column(bars: list[Bar], field: str) -> list[float]:
    """Return one field of all bars."""
    return [bar[FIELD_INDEX[field]] for bar in bars]  # type: ignore[misc]  # a bar's prices and volume are numbers
