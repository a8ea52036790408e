"""Where a rule would have fired."""

from typing import NamedTuple


class PreviewMark(NamedTuple):
    """One firing in the past, event time; ``price`` is what the condition read, ``None`` for none."""

    symbol: str
    event_ns: int
    price: float | None = None
