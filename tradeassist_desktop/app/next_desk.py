"""Which desk is to be opened next; a replay is another desk than the live one, and so is the way back."""

import asyncio

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.domain.replay import Opening


class NextDesk:
    """Tells the present desk to close, and what comes after it.

    ``changed`` is set as soon as the present desk is to be closed.

    Args:
        launch: Of the first desk.
    """

    def __init__(self, *, launch: Launch) -> None:
        self._first = launch
        self._is_first = True
        self._openings: list[Opening | None] = []
        self._is_over = False
        self.changed = asyncio.Event()

    def take(self) -> Launch | None:
        """Return the launch of the desk to open now; ``None`` to end the program.

        Raises:
            UsageError: the recording that was asked for is gone.
        """
        if self._is_over:
            return None
        self.changed.clear()
        if self._is_first:
            self._is_first = False
            return self._first
        return self._first.reopened(self._openings.pop()) if self._openings else None

    @property
    def has_next(self) -> bool:
        """Whether another desk comes after the present one."""
        return bool(self._openings) and not self._is_over

    def reopen(self, opening: Opening | None) -> None:
        """Have a desk opened on a recording, or (``None``) on the live feed."""
        if not self._is_over:
            self._openings = [opening]
            self.changed.set()

    def quit(self) -> None:
        """Have the program end."""
        self._is_over = True
        self.changed.set()
