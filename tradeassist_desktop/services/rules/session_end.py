"""When the session ends until which a rule is snoozed."""

from tradeassist_desktop.domain.market import InstrumentKind
from tradeassist_desktop.engine.calendars.sessions import regular, whole


def session_end_ns(kind: InstrumentKind, now_ns: int) -> int:
    """Return the end of the session that runs, the regular one first; else of the one to come."""
    for calendar in (regular(kind), whole(kind)):
        stretch = calendar.at(now_ns)
        if stretch.is_open:
            return stretch.end_ns
    return calendar.at(stretch.end_ns).end_ns
