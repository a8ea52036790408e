"""What the price did at any time, beside what it did after a rule fired."""

from dataclasses import replace

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.directions import Direction
from tradeassist_desktop.engine.studies.suggesting.chance import any_time
from tradeassist_desktop.services.testing.preview import Preview


def at_any_time(found: Preview) -> Rule | None:
    """Return a rule that fires every five minutes and looks the way the given one looked.

    ``None`` where that one looked no way, or not the same way on each of its symbols.
    """
    ways = {report.direction for report in found.reports}
    if len(ways) != 1 or None in ways:
        return None
    usual = replace(any_time(found.rule), uid=f"{found.rule.uid}.any")
    # It looks up as it is.
    return usual if ways == {Direction.UP} else replace(usual, when="last < 1000000000")
