"""From when to when a session was recorded."""

from typing import Final


class SessionSpan:
    """Finds begin and end of a session while its rows are written or read, in their order.

    A session's file begins with how the market stood then: the last update of each symbol, oldest
    first. Some of these may be days old; the session begins with the newest of them.
    """

    __slots__ = ("_is_begun", "first_ns", "last_ns", "symbols")

    def __init__(self) -> None:
        self.symbols: Final[set[str]] = set()
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self._is_begun = False

    def note(self, event_ns: int, symbol: str) -> None:
        """Take the next row; an empty ``symbol`` is a timer's call."""
        if not self._is_begun:
            self._is_begun = not symbol or symbol in self.symbols
            if not self._is_begun or self.first_ns is None:
                self.first_ns = event_ns
        if self.last_ns is None or event_ns > self.last_ns:
            self.last_ns = event_ns
        if symbol:
            self.symbols.add(symbol)
