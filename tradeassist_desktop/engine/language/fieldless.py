"""A symbol that stands where a value has to, without the field that would make it one: ``SPY > 500``."""

import re
from typing import Final, NamedTuple

from tradeassist_desktop.engine.language.advice import VALUES
from tradeassist_desktop.engine.language.checker import is_known_word
from tradeassist_desktop.engine.language.symbols import is_bare

_FIELD: Final = "last"
# In capitals, as symbols are written: a small word is more likely a misspelt field.
_ALONE: Final = re.compile(
    r"""
    (?<! [\w."/$] )
    (?: "[A-Za-z0-9/$][A-Za-z0-9 ./$^=_-]{0,39}"
      | [/$][A-Za-z0-9]+
      | [A-Z0-9]{1,12}-(?:USD|USDC|USDT|EUR|GBP|BTC|ETH)
      | [A-Z][A-Z0-9]*(?:\.[A-Z]{1,2})?
    )
    (?! [\w."(\[] )
    """,
    re.VERBOSE | re.ASCII,
)


class Fieldless(NamedTuple):
    """A symbol without a field, and what to write in its place.

    Args:
        start: From which character on it stands there; it ends before ``end``.
        instead: ``SPY.last``.
    """

    symbol: str
    start: int
    end: int
    instead: str


def fieldless_at(text: str, column: int) -> Fieldless | None:
    """Return the symbol without a field that stands at a column (1-based); ``None`` for anything else."""
    for found in _ALONE.finditer(text):
        if found.start() < column <= found.end():
            symbol = found[0].strip('"')
            if is_known_word(symbol.lower()) or symbol.lower() in VALUES:
                return None
            return Fieldless(symbol.upper(), found.start(), found.end(), with_field(symbol))
    return None


def with_field(symbol: str) -> str:
    """Return a symbol with the field that is most likely meant: ``SPY.last``, ``"BRK.B".last``."""
    called = symbol.upper()
    return f"{called}.{_FIELD}" if is_bare(called) else f'"{called}".{_FIELD}'
