"""What a trader asks for on a toast or a notification; the window listens."""

from typing import Final

from PySide6.QtCore import QObject, Signal

SNOOZES_MIN: Final = (5, 15, 60)
"""For how many minutes an alert can be snoozed."""


class AlertRequests(QObject):
    """One object for all channels, made before the window is."""

    acknowledge = Signal(tuple)
    """These alerts were seen: a tuple of ids."""
    snooze = Signal(tuple, int)
    """What these alerts (a tuple of ids) are about is to be quiet for so many minutes."""
    explain = Signal(str)
    """Open the window at this alert."""
    chart = Signal(str, object)
    """Show this symbol's chart at this instant (event time, ns)."""
    alerts = Signal()
    """Open the window at the list of alerts."""
