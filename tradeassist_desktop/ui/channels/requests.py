"""What a trader asks for on a toast or a notification; the window listens."""

from PySide6.QtCore import QObject, Signal


class AlertRequests(QObject):
    """One object for all channels, made before the window is."""

    acknowledge = Signal(tuple)
    """These alerts were seen: a tuple of ids."""
    explain = Signal(str)
    """Open the window at this alert."""
    chart = Signal(str, object)
    """Show this symbol's chart at this instant (event time, ns)."""
    alerts = Signal()
    """Open the window at the list of alerts."""
