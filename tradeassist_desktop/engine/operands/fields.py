"""Tick fields: what a quote says now, as it came or derived from it."""

from typing import Final

from tradeassist_desktop.engine.operands.specification import Form, OperandSpec, Unit


def _field(name: str, unit: Unit, doc: str) -> OperandSpec:
    return OperandSpec(name=name, form=Form.FIELD, unit=unit, doc=doc, group="Tick fields")


RAW_FIELDS: Final = (
    "last",
    "bid",
    "ask",
    "last_size",
    "bid_size",
    "ask_size",
    "volume",
    "open",
    "high",
    "low",
    "prev_close",
)
"""Fields as they come in a tick, in a tick's order."""

FIELDS: Final = (
    _field("last", Unit.PRICE, "Price of the last trade"),
    _field("bid", Unit.PRICE, "Best bid"),
    _field("ask", Unit.PRICE, "Best ask"),
    _field("mid", Unit.PRICE, "Half-way between bid and ask"),
    _field("spread", Unit.PRICE, "Ask less bid"),
    _field("last_size", Unit.SIZE, "Size of the last trade"),
    _field("bid_size", Unit.SIZE, "Size at the best bid"),
    _field("ask_size", Unit.SIZE, "Size at the best ask"),
    _field("volume", Unit.SIZE, "Volume of the session so far"),
    _field("open", Unit.PRICE, "First price of the session"),
    _field("high", Unit.PRICE, "Highest price of the session so far"),
    _field("low", Unit.PRICE, "Lowest price of the session so far"),
    _field("prev_close", Unit.PRICE, "Close of the previous session"),
    _field("net_change", Unit.PRICE, "Last less the previous close"),
    _field("pct_change", Unit.PERCENT, "Last against the previous close, in percent"),
    _field("vwap", Unit.PRICE, "Volume-weighted average price since the session's start"),
    _field("age", Unit.SECONDS, "Seconds since the last trade"),
)
