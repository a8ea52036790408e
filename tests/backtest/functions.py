"""Indicators for the oracle: TA-Lib's batch functions over the whole series of closed bars."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import talib
from talib import abstract

from tests.backtest.conditions import Indicator, OfBars
from tradeassist_desktop.domain.market import Bar

COLUMNS = ("open", "high", "low", "close", "volume")

# name: TA-Lib's function, its parameters made of the word's arguments, which output
NAMED: dict[str, tuple[str, Callable[..., tuple[float, ...]], int]] = {
    "atr": ("ATR", lambda n: (n,), 0),
    "adx": ("ADX", lambda n: (n,), 0),
    "cci": ("CCI", lambda n: (n,), 0),
    "mfi": ("MFI", lambda n: (n,), 0),
    "obv": ("OBV", lambda: (), 0),
    "macd": ("MACD", lambda fast, slow, signal: (fast, slow, signal), 0),
    "macd_signal": ("MACD", lambda fast, slow, signal: (fast, slow, signal), 1),
    "macd_hist": ("MACD", lambda fast, slow, signal: (fast, slow, signal), 2),
    "bb_upper": ("BBANDS", lambda n, k: (n, k, k, 0), 0),
    "bb_middle": ("BBANDS", lambda n, k: (n, k, k, 0), 1),
    "bb_lower": ("BBANDS", lambda n, k: (n, k, k, 0), 2),
    "stoch_k": ("STOCH", lambda n, smooth: (n, smooth, 0, 1, 0), 0),
    "stoch_d": ("STOCH", lambda n, smooth, d: (n, smooth, 0, d, 0), 1),
}
SIMPLE = {
    "sma": "SMA", "avg": "SMA", "ema": "EMA", "wma": "WMA", "rsi": "RSI", "roc": "ROC",
    "stddev": "STDDEV", "highest": "MAX", "lowest": "MIN",
}  # fmt: skip
WITH_SOURCE = ("macd", "macd_signal", "macd_hist", "bb_upper", "bb_middle", "bb_lower", "bb_width")
"""Single-series ones of several outputs: they too take a source as their first argument."""


def value_of(operand: OfBars | Indicator, bars: Sequence[Bar]) -> float | None:
    """The operand after the last of ``bars``, the oldest first; without ``vwap``."""
    at = len(bars) - 1 - operand.ago
    if at < 0:
        return None
    if isinstance(operand, OfBars):
        if not operand.period:
            return float(getattr(bars[at], operand.name))
        return output(SIMPLE[operand.name], (operand.period,), 0, bars, source=operand.source)[at]
    arguments, source = list(operand.arguments), "close"
    if arguments and isinstance(arguments[0], str):
        source = str(arguments.pop(0))
    if operand.name == "bb_width":
        n, k = arguments
        upper, middle, lower = (output("BBANDS", (n, k, k, 0), each, bars, source)[at] for each in range(3))
        if upper is None or middle is None or lower is None or middle == 0:
            return None
        return (upper - lower) / middle
    if operand.name in NAMED:
        function, parameters, which = NAMED[operand.name]
        return output(function, parameters(*arguments), which, bars, source)[at]
    outputs = abstract.Function(operand.name.upper()).info["output_names"]
    which = outputs.index(operand.output) if operand.output else 0
    return output(operand.name.upper(), tuple(arguments), which, bars, source)[at]


def output(
    function: str, parameters: Sequence[Any], which: int, bars: Sequence[Bar], source: str = "close"
) -> list[float | None]:
    """One output of a function for every bar; None before its first defined value."""
    info = abstract.Function(function)
    names = list(info.info["parameters"])
    parameters = [
        int(given) if isinstance(info.info["parameters"][name], int) else float(given)
        for name, given in zip(names, parameters, strict=False)
    ]
    info.parameters = dict(zip(names, parameters, strict=False))
    arrays = {name: np.array([getattr(bar, name) for bar in bars], dtype=float) for name in COLUMNS}
    inputs: list[Any] = []
    for role, given in info.info["input_names"].items():
        if role == "price":
            inputs.append(arrays[source])
        else:
            inputs += [arrays[each] for each in ([given] if isinstance(given, str) else given)]
    results = getattr(talib, function)(*inputs, *parameters)
    chosen = results[which] if isinstance(results, tuple) else results
    return [
        None if at < info.lookback or not math.isfinite(value) else float(value)
        for at, value in enumerate(chosen)
    ]
