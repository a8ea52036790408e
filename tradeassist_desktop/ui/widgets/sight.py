"""Whether anybody can see a widget."""

from PySide6.QtWidgets import QWidget


def is_in_sight(widget: QWidget) -> bool:
    """Return whether any of it is to be seen.

    A dock behind another's tab counts as visible in Qt, what is scrolled out of its view, too. Being raised
    or scrolled back is no show event: who looks at the market by the window's pulse asks at each beat.
    """
    return not widget.visibleRegion().isEmpty()
