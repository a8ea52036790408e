"""Which symbols may stand in a condition without quotes."""

import re
from typing import Final

_BARE: Final = re.compile(r"[/$][A-Za-z0-9]+|[A-Za-z][A-Za-z0-9]*")
LONGEST_SYMBOL: Final = 40


def is_bare(symbol: str) -> bool:
    """Whether ``SYMBOL.last`` reads back without quotes around the symbol."""
    return _BARE.fullmatch(symbol) is not None
