"""Which column of a file is what, by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault

TIME_NAMES: Final = ("timestamp", "time", "datetime", "date", "timestamp_utc", "ts_event")
SYMBOL_NAMES: Final = ("symbol",)

# In the order of the fields of a row, see ``tally.Row``.
TICK_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "last": ("last", "price"),
    "bid": ("bid",),
    "ask": ("ask",),
    "last_size": ("last_size", "size"),
    "bid_size": ("bid_size",),
    "ask_size": ("ask_size",),
    "volume": ("volume",),
}
BAR_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    name: (name,) for name in ("open", "high", "low", "close", "volume")
}
# What only a recording of a live session has, see ``writer``; its arrival times tell it from other files.
LIVE_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "open": ("session_open",),
    "high": ("session_high",),
    "low": ("session_low",),
    "prev_close": ("prev_close",),
}
STAMP_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "time of the trade": ("trade_time",),
    "time of arrival": ("received_time",),
}
LOST_NAME: Final = "sight_lost"
_PRICES_OF_A_TICK: Final = ("last", "bid", "ask")
_PRICES_OF_A_BAR: Final = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where to find what, as 0-based positions; ``None`` where the file has no such column.

    ``fields`` are the positions of ``TICK_COLUMNS`` or, if ``is_bars``, of ``BAR_COLUMNS``. Of the recording
    of a live session they go on with those of ``LIVE_COLUMNS``, and ``stamps`` are those of
    ``STAMP_COLUMNS``; of any other file ``stamps`` is empty. ``lost`` is where such a recording tells
    that sight was lost, see ``blindness``.
    """

    names: tuple[str, ...]
    time: int
    symbol: int | None
    fields: tuple[int | None, ...]
    is_bars: bool
    stamps: tuple[int | None, ...] = ()
    lost: int | None = None


def find_columns(names: Sequence[str], *, place: str) -> Columns:
    """Recognise the columns by name, in any case.

    Args:
        names: The header, in file order.
        place: The file, for the message.

    Raises:
        BadInput: no time, no prices, or two columns that could be the same thing.
    """
    plain = [name.strip().lower() for name in names]
    time = _find(plain, "time", TIME_NAMES, place)
    if time is None:
        message = f"there is no time column ({', '.join(TIME_NAMES)}) among its columns, {_listed(names)}"
        raise _refusal(place, message)
    ticks = {name: _find(plain, name, aliases, place) for name, aliases in TICK_COLUMNS.items()}
    bars = {name: _find(plain, name, aliases, place) for name, aliases in BAR_COLUMNS.items()}
    tick_prices = [name for name in _PRICES_OF_A_TICK if ticks[name] is not None]
    is_bars = all(bars[name] is not None for name in _PRICES_OF_A_BAR)
    if is_bars and tick_prices:
        raise _refusal(
            place,
            f"columns {', '.join(tick_prices)} are a tick's and {', '.join(_PRICES_OF_A_BAR)} are a bar's; "
            "keep one kind",
        )
    if not is_bars and not tick_prices:
        raise _refusal(
            place,
            "there is neither last, bid or ask nor all of open, high, low, close among its columns, "
            f"{_listed(names)}",
        )
    symbol = _find(plain, "symbol", SYMBOL_NAMES, place)
    stamps: tuple[int | None, ...] = ()
    lost: int | None = None
    if not is_bars and symbol is not None and STAMP_COLUMNS["time of arrival"][0] in plain:
        stamps = tuple(_find(plain, name, aliases, place) for name, aliases in STAMP_COLUMNS.items())
        ticks |= {name: _find(plain, name, aliases, place) for name, aliases in LIVE_COLUMNS.items()}
        lost = _find(plain, "loss of sight", (LOST_NAME,), place)
    return Columns(
        names=tuple(name.strip() for name in names),
        time=time,
        symbol=symbol,
        fields=tuple((bars if is_bars else ticks).values()),
        is_bars=is_bars,
        stamps=stamps,
        lost=lost,
    )


def _find(names: Sequence[str], wanted: str, aliases: tuple[str, ...], place: str) -> int | None:
    found = [position for position, name in enumerate(names) if name in aliases]
    if len(found) > 1:
        both = " and ".join(f"{names[position]} (column {position + 1})" for position in found)
        raise _refusal(place, f"{both} could each be the {wanted}; keep one")
    return found[0] if found else None


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name.strip() for name in names[:12])
    return repr(shown if len(shown) <= 120 else shown[:117] + "...")


def _refusal(place: str, message: str) -> BadInput:
    return BadInput([Fault(place=place, message=message)])


def faulty_price(fields: Sequence[float | None]) -> tuple[int, str] | None:
    """Return which price of a bar row cannot be, as a position in ``BAR_COLUMNS``, and what is wrong."""
    first, second, third, fourth = fields[:4]
    if (
        first is not None
        and second is not None
        and third is not None
        and fourth is not None
        and isfinite(first + second + third + fourth)
    ):
        return None
    for position in range(len(_PRICES_OF_A_BAR)):
        price = fields[position]
        if price is None or not isfinite(price):
            return position, f"expected a price, found {'nothing' if price is None else price}"
    return None
