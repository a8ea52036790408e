"""What reading a file came to: rows, symbols, span, and the rows that could not be read."""

from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.recordings.span import SessionSpan

Row = tuple[int, str, tuple[Any, ...]]
"""UTC nanoseconds, symbol, and the fields in the order of ``columns.TICK_COLUMNS`` or ``BAR_COLUMNS``.

Fields are ``float`` or ``None``. Of the recording of a live session they go on with ``LIVE_COLUMNS``, the
nanoseconds of ``STAMP_COLUMNS``, and at last why sight of the symbol was lost (as ``read_lost`` returns
it); there, a row without symbol and fields is a call of the engine's timer.
"""

SHOWN_FAULTS: Final = 5


class Tally:
    """Counts kept while one file is read.

    ``first_ns`` and ``last_ns`` are the earliest and latest event, of a session as ``SessionSpan`` tells;
    ``faults`` the first five of the ``unreadable`` rows; ``bytes_read`` counts the file's own bytes and is
    ``None`` where that is not known.

    Args:
        place: The file as the user named it.
        is_strict: An unreadable row ends the reading.
    """

    def __init__(self, *, place: str, is_strict: bool) -> None:
        self.place = place
        self.is_strict = is_strict
        self.rows = 0
        self.bytes_read: int | None = None
        self.unreadable = 0
        self.faults: list[Fault] = []
        self.symbols: set[str] = set()
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self._session = SessionSpan()

    def note(self, event_ns: int, symbol: str) -> None:
        """Count a row that was read; an empty ``symbol`` is a timer's call."""
        self.rows += 1
        if self.last_ns is None or self.first_ns is None:
            self.first_ns = self.last_ns = event_ns
        elif event_ns > self.last_ns:
            self.last_ns = event_ns
        elif event_ns < self.first_ns:
            self.first_ns = event_ns
        if symbol and symbol not in self.symbols:
            self.symbols.add(symbol)

    def note_live(self, event_ns: int, symbol: str) -> None:
        """Count a row of a session's recording."""
        self.rows += 1
        span = self._session
        span.note(event_ns, symbol)
        self.first_ns, self.last_ns, self.symbols = span.first_ns, span.last_ns, span.symbols

    def note_bytes(self, bytes_read: int) -> None:
        """Note how far into the file the reading has come."""
        self.bytes_read = bytes_read

    def refuse(self, row: int, column: str, message: str) -> None:
        """Count a row that cannot be read; rows are numbered from 1, a CSV's header included.

        Raises:
            BadInput: the reading is strict.
        """
        where = f"{self.place}: row {row}" + (f", column {column}" if column else "")
        fault = Fault(place=where, message=message)
        if self.is_strict:
            raise BadInput([fault])
        self.unreadable += 1
        if len(self.faults) < SHOWN_FAULTS:
            self.faults.append(fault)

    def require_rows(self) -> None:
        """Refuse a file of which nothing could be read.

        Raises:
            BadInput: it has no rows, or none is readable.
        """
        if self.rows:
            return
        if self.faults:
            first = self.faults[0]
            raise BadInput([Fault(place=first.place, message=f"{first.message}; no row can be read")])
        raise BadInput([Fault(place=self.place, message="there are no rows")])
