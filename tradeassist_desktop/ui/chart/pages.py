"""How the charts are arranged: pages with panes in rows, remembered as text."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from tradeassist_desktop.domain.market import TIMEFRAMES

MOST_PANES: Final = 4
MOST_PAGES: Final = 12
_MOST_IN_A_ROW: Final = 2
_LONGEST_SYMBOL: Final = 64


@dataclass(frozen=True, slots=True)
class PaneState:
    """What one pane shows; one that is linked follows the watchlist."""

    symbol: str = ""
    timeframe: str = "1m"
    is_linked: bool = True


Rows = tuple[tuple[PaneState, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: panes in rows, from top to bottom."""

    rows: Rows = ((PaneState(),),)

    @property
    def panes(self) -> tuple[PaneState, ...]:
        """All panes, row by row."""
        return tuple(pane for row in self.rows for pane in row)

    @property
    def title(self) -> str:
        """What its tab says."""
        named = [f"{pane.symbol or 'Chart'} {pane.timeframe}" for pane in self.panes]
        return named[0] if len(named) == 1 else f"{named[0]} +{len(named) - 1}"

    def with_pane(self, number: int, state: PaneState) -> "Page":
        """Return the page with a pane in another state."""
        counted = iter(range(len(self.panes)))
        return Page(
            tuple(tuple(state if next(counted) == number else pane for pane in row) for row in self.rows)
        )

    def split(self, number: int, *, below: bool) -> "Page | None":
        """Return the page with one pane more, beside or below a pane; ``None`` where there is no room."""
        if len(self.panes) >= MOST_PANES:
            return None
        row, column = self._place(number)
        fresh = replace(self.panes[number])
        rows = [list(each) for each in self.rows]
        if below:
            if len(rows) < _MOST_IN_A_ROW:
                rows.insert(row + 1, [fresh])
            elif len(rows[1 - row]) < _MOST_IN_A_ROW:
                rows[1 - row].append(fresh)
            else:
                return None
        elif len(rows[row]) < _MOST_IN_A_ROW:
            rows[row].insert(column + 1, fresh)
        elif len(rows) < _MOST_IN_A_ROW:
            rows.append([fresh])
        else:
            rows[1 - row].append(fresh)
        return Page(tuple(tuple(each) for each in rows))

    def without(self, number: int) -> "Page":
        """Return the page with one pane less; the last one stays."""
        if len(self.panes) == 1:
            return self
        row, column = self._place(number)
        rows = [list(each) for each in self.rows]
        del rows[row][column]
        return Page(tuple(tuple(each) for each in rows if each))

    def _place(self, number: int) -> tuple[int, int]:
        for row, panes in enumerate(self.rows):
            if number < len(panes):
                return row, number
            number -= len(panes)
        raise IndexError(number)


def to_text(pages: tuple[Page, ...], chosen: int) -> str:
    """Return the pages as they are kept."""
    return json.dumps(
        {"chosen": chosen, "pages": [[list(map(asdict, row)) for row in p.rows] for p in pages]}
    )


def from_text(text: str) -> tuple[tuple[Page, ...], int]:
    """Return kept pages, and which is in front; of what cannot be read, one page anew."""
    try:
        kept = json.loads(text)
        pages = tuple(_page(rows) for rows in kept["pages"][:MOST_PAGES])
        chosen = int(kept["chosen"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return (Page(),), 0
    if not pages:
        return (Page(),), 0
    return pages, chosen if 0 <= chosen < len(pages) else 0


def _page(rows: Any) -> Page:
    read = tuple(tuple(_pane(pane) for pane in row[:_MOST_IN_A_ROW]) for row in rows[:_MOST_IN_A_ROW] if row)
    return Page(read) if read else Page()


def _pane(kept: Any) -> PaneState:
    symbol, timeframe = str(kept["symbol"])[:_LONGEST_SYMBOL], kept["timeframe"]
    return PaneState(
        symbol=symbol,
        timeframe=timeframe if timeframe in TIMEFRAMES else "1m",
        is_linked=bool(kept["is_linked"]),
    )
