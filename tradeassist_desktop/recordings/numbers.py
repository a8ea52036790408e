"""Numbers as files write them; recordings repeat the same few prices, so each is read once."""

import re
from typing import Final

_PLAIN = re.compile(
    r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf|infinity)", re.ASCII | re.IGNORECASE
)
_CACHED: Final = 65_536


class NumberReader(dict[str, float | None]):
    """``numbers[text]``: the number in a field, ``None`` for an empty one.

    ``nan`` and ``inf`` are read as such: the engine's gates count and refuse them.

    Raises:
        ValueError: the text is no number; ``float`` alone would take ``1_000`` and digits of
            other scripts.
    """

    def __missing__(self, text: str) -> float | None:
        """Read a text not met before."""
        stripped = text.strip()
        if stripped and _PLAIN.fullmatch(stripped) is None:
            raise ValueError(f"expected a number, found {shown(stripped)}")
        number = float(stripped) if stripped else None
        if len(self) >= _CACHED:
            self.clear()
        self[text] = number
        return number


def shown(text: str) -> str:
    """Return ``text`` quoted for a message, shortened and without control characters."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
