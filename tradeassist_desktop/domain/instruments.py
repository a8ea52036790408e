"""What a symbol's spelling tells: whether it is one, its kind, its smallest price step, its decimals."""

import re
from functools import lru_cache
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.market import Instrument, InstrumentKind

_FUTURE: Final = re.compile(r"/([A-Z0-9]{1,4}?)(?:[FGHJKMNQUVXZ][0-9]{1,2})?(?::[A-Z]+)?")
_OPTION: Final = re.compile(r"[A-Z0-9./$]{1,6} *[0-9]{6}[CP][0-9]{8}")
_FOREX: Final = re.compile(r"[A-Z]{3}/[A-Z]{3}")
_EQUITY: Final = re.compile(r"[A-Z]{1,5}(?:[./-][A-Z]{1,2})?")
_INDEX: Final = re.compile(r"\$[A-Z0-9.]+")
_CRYPTO: Final = re.compile(r"[A-Z0-9]{1,12}-(USD|USDC|USDT|EUR|GBP|BTC|ETH)")
"""No share is spelled like this: after the dash of ``BRK-B`` come at most two letters."""

LONGEST_SYMBOL: Final = 40
_MOST_REMEMBERED: Final = 10_000

_SHAPES: Final = (
    _OPTION,
    re.compile(r"\.?/[A-Z0-9]{1,16}(?:\.[0-9]+)?(?::[A-Z]{1,8})?"),  # a future, or an option on one
    re.compile(r"[$^@][A-Z0-9]{1,12}(?:[./-][A-Z0-9]{1,4})?"),  # an index or an indicator
    re.compile(r"[A-Z0-9]{1,15}(?:[./:=_-][A-Z0-9]{1,12}){0,2}"),  # a share, a coin, a pair of currencies
    re.compile(r"[A-Z]{1,5} [A-Z]{1,3}"),  # a share class with a space, as some brokers write it
)
"""Wide on purpose: a venue knows its symbols, and a recording may be of any other."""
_FILE: Final = re.compile(
    r"[A-Z]:.*\\.*|~.*|(?:.*[/\\])?[^/\\]*\.(?:CSV|TXT|TSV|JSON|XLSX?|ODS|GZ|ZIP|PARQUET|PQ|PDF|LST)",
)

_INDICATORS: Final = frozenset(("$TICK", "$ADD", "$TRIN", "$VOLD", "$UVOL", "$DVOL"))

# fmt: off
_ETFS: Final = frozenset(
    (
        "SPY", "QQQ", "IWM", "DIA", "TLT", "GLD", "SLV", "USO", "UNG", "EEM",
        "EFA", "HYG", "LQD", "VTI", "VOO", "VXX", "TQQQ", "SQQQ", "XLF", "XLK",
        "XLE", "XLV", "XLI", "XLP", "XLU", "XLY", "XLB", "SMH", "ARKK",
    )
)
# fmt: on

_CRYPTO_DECIMALS: Final = {"BTC": 8, "ETH": 6}
"""By quote currency; a price in money is shown with cents until the venue tells its own step."""

_FUTURES: Final[dict[str, tuple[str, float, int]]] = {
    "ES": ("E-mini S&P 500", 0.25, 2),
    "MES": ("Micro E-mini S&P 500", 0.25, 2),
    "NQ": ("E-mini Nasdaq-100", 0.25, 2),
    "MNQ": ("Micro E-mini Nasdaq-100", 0.25, 2),
    "RTY": ("E-mini Russell 2000", 0.1, 1),
    "M2K": ("Micro E-mini Russell 2000", 0.1, 1),
    "YM": ("E-mini Dow", 1.0, 0),
    "MYM": ("Micro E-mini Dow", 1.0, 0),
    "CL": ("Crude oil", 0.01, 2),
    "MCL": ("Micro crude oil", 0.01, 2),
    "NG": ("Natural gas", 0.001, 3),
    "RB": ("Gasoline", 0.0001, 4),
    "HO": ("Heating oil", 0.0001, 4),
    "GC": ("Gold", 0.1, 1),
    "MGC": ("Micro gold", 0.1, 1),
    "SI": ("Silver", 0.005, 3),
    "HG": ("Copper", 0.0005, 4),
    "PL": ("Platinum", 0.1, 1),
    "ZB": ("30-year Treasury bond", 0.03125, 5),
    "ZN": ("10-year Treasury note", 0.015625, 6),
    "ZF": ("5-year Treasury note", 0.0078125, 7),
    "ZT": ("2-year Treasury note", 0.00390625, 8),
    "6A": ("Australian dollar", 0.00005, 5),
    "6B": ("British pound", 0.0001, 4),
    "6C": ("Canadian dollar", 0.00005, 5),
    "6E": ("Euro", 0.00005, 5),
    "6J": ("Japanese yen", 0.0000005, 7),
    "6S": ("Swiss franc", 0.00005, 5),
    "ZC": ("Corn", 0.25, 2),
    "ZS": ("Soybeans", 0.25, 2),
    "ZW": ("Wheat", 0.25, 2),
    "BTC": ("Bitcoin", 5.0, 0),
    "MBT": ("Micro bitcoin", 5.0, 0),
    "VX": ("VIX", 0.05, 2),
}
"""Description, tick size and decimals by root."""


@lru_cache(maxsize=_MOST_REMEMBERED)
def instrument_of(symbol: str) -> Instrument:
    """Return what the spelling of a symbol, as Schwab or Coinbase writes it, says of it.

    A future's contract month is looked through: ``/ESU24`` has the tick size of ``/ES``.
    """
    if symbol in _INDICATORS:
        if symbol == "$TRIN":  # a ratio; the others count issues or shares
            return Instrument(symbol=symbol, kind=InstrumentKind.INDICATOR)
        return Instrument(symbol=symbol, kind=InstrumentKind.INDICATOR, tick_size=1.0, decimals=0)
    if _INDEX.fullmatch(symbol):
        return Instrument(symbol=symbol, kind=InstrumentKind.INDEX)
    if symbol.startswith("/"):
        return _future(symbol)
    if _FOREX.fullmatch(symbol):
        decimals = 3 if symbol.endswith("JPY") else 5
        return Instrument(
            symbol=symbol, kind=InstrumentKind.FOREX, tick_size=10.0**-decimals, decimals=decimals
        )
    crypto = _CRYPTO.fullmatch(symbol)
    if crypto is not None:
        decimals = _CRYPTO_DECIMALS.get(crypto.group(1), 2)
        return Instrument(
            symbol=symbol, kind=InstrumentKind.CRYPTO, tick_size=10.0**-decimals, decimals=decimals
        )
    if _OPTION.fullmatch(symbol):
        return Instrument(symbol=symbol, kind=InstrumentKind.OPTION)
    if symbol in _ETFS:
        return Instrument(symbol=symbol, kind=InstrumentKind.ETF)
    if _EQUITY.fullmatch(symbol):
        return Instrument(symbol=symbol, kind=InstrumentKind.EQUITY)
    return Instrument(symbol=symbol)


def is_symbol(written: str) -> bool:
    """Return whether a text in capitals is spelled as a symbol, or an option with its spaces, can be."""
    return (
        len(written) <= LONGEST_SYMBOL
        and not _FILE.fullmatch(written)
        and any(shape.fullmatch(written) for shape in _SHAPES)
    )


def check_symbol(written: str) -> None:
    """Refuse what no venue would list, before anybody waits for its prices.

    Raises:
        BadInput: with a sentence that says what to do instead.
    """
    if is_symbol(written):
        return
    shown = f"“{written}”" if written.isprintable() else "This"
    if _FILE.fullmatch(written):
        how = "is a file, not a symbol. To watch the symbols in it, drop it onto the window."
    elif len(written) > LONGEST_SYMBOL:
        how = f"is no symbol: the longest has {LONGEST_SYMBOL} characters."
    else:
        how = "is no symbol. Symbols are written like AAPL, BRK.B, /ESZ26, $TICK, EUR/USD or BTC-USD."
    raise BadInput([Fault("", f"{shown} {how}")])


def root_of(symbol: str) -> str:
    """Return a future without its contract month (``/ESU24`` → ``/ES``); others unchanged."""
    match = _FUTURE.fullmatch(symbol)
    return symbol if match is None else f"/{match.group(1)}"


def _future(symbol: str) -> Instrument:
    description, tick_size, decimals = _FUTURES.get(root_of(symbol)[1:], ("", 0.01, 2))
    return Instrument(
        symbol=symbol,
        kind=InstrumentKind.FUTURE,
        description=description,
        tick_size=tick_size,
        decimals=decimals,
    )
