"""What is carried while lines of the watchlist are dragged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QByteArray, QMimeData

from tradeassist_desktop.ui.models.watchlist.lines import GroupHead, Line

MIME: Final = "application/x-tradeassist-watchlist"


@dataclass(frozen=True, slots=True)
class Carried:
    """Symbols, or a whole group by its name."""

    symbols: tuple[str, ...] = ()
    group: str = ""


def carried(lines: Sequence[Line]) -> QMimeData:
    """Return these lines as they are dragged; a group's head goes alone."""
    head = next((line for line in lines if isinstance(line, GroupHead)), None)
    symbols = [line.symbol for line in lines if not isinstance(line, GroupHead)]
    made = QMimeData()
    content = {"group": head.name, "symbols": []} if head is not None else {"group": "", "symbols": symbols}
    made.setData(MIME, QByteArray(json.dumps(content).encode()))
    made.setText("\n".join(symbols))  # for whatever else takes texts
    return made


def read_carried(data: QMimeData) -> Carried | None:
    """Return what is dragged; ``None`` where it is not of this list."""
    if not data.hasFormat(MIME):
        return None
    content = json.loads(bytes(data.data(MIME).data()))
    return Carried(tuple(content["symbols"]), content["group"])
