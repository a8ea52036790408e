"""Where the toasts stand: in the room that the window leaves them, or in a corner of the screen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect
from PySide6.QtGui import QScreen

_IN_WINDOW: Final = "in_window"
_ELSE: Final = "top_right"  # the system's own notifications mostly come at the bottom
_MARGIN_PX: Final = 16
SLIM_MARGIN_PX: Final = 8  # within the window every row counts
LEAST_ROOM_PX: Final = 160  # one card, with all that it says
LOW_ROOM_PX: Final = 104  # one card that says less, with hardly a margin


@dataclass(frozen=True, slots=True)
class Spot:
    """A corner or edge of an area.

    Args:
        area: On the screen, px.
        vertical: ``top`` or ``bottom``.
        horizontal: ``left``, ``middle`` or ``right``.
        margin_px: Kept free around.
    """

    area: QRect
    vertical: str
    horizontal: str
    margin_px: int

    @property
    def height_px(self) -> int:
        """How high something may be in here."""
        return self.area.height() - 2 * self.margin_px

    @property
    def is_low(self) -> bool:
        """Whether a card here must say less."""
        return self.area.height() < LEAST_ROOM_PX

    def of(self, width: int, height: int) -> QRect:
        """Return the place of something of this size."""
        area, margin = self.area, self.margin_px
        lefts = {
            "left": area.left() + margin,
            "middle": area.center().x() - width // 2,
            "right": area.right() - width - margin,
        }
        top = area.bottom() - height - margin if self.vertical == "bottom" else area.top() + margin
        return QRect(lefts[self.horizontal], top, width, height)


def spot_of(
    position: str, room: Callable[[], Spot | None], screen: Callable[[], QScreen | None]
) -> Spot | None:
    """Return where toasts stand by the setting ``toast.position``; ``None`` without a screen.

    Args:
        room: Returns what the window leaves to toasts; ``None`` where it has no room.
    """
    if position == _IN_WINDOW:
        found = room()
        if found is not None:
            return found
        position = _ELSE
    shown_on = screen()
    if shown_on is None:
        return None
    vertical, _, horizontal = position.partition("_")
    return Spot(shown_on.availableGeometry(), vertical, horizontal, _MARGIN_PX)
