"""When a futures contract ends and which one follows, by its product's rules.

Month letters and last trading days are those of CME Group's contract specifications (CBOT, NYMEX
and COMEX products included) and of Cboe for VX, as they stood in 2024. A venue that tells a
contract's end itself is to be believed before these; of a product that is not here nothing is known.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from tradeassist_desktop.domain.market import InstrumentKind
from tradeassist_desktop.engine.calendars.sessions import is_trading_day

_LETTERS: Final = "FGHJKMNQUVXZ"
_CONTRACT: Final = re.compile(r"(/[A-Z0-9]{1,4}?)([FGHJKMNQUVXZ])([0-9]{1,2})((?::[A-Z]+)?)")
_FRIDAY: Final = 4
_WEDNESDAY: Final = 2


def _is_business_day(day: date) -> bool:
    return is_trading_day(InstrumentKind.EQUITY, day)


def _back(day: date, count: int) -> date:
    """Return the business day so many before a day."""
    while count:
        day -= timedelta(days=1)
        count -= _is_business_day(day)
    return day


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _next_month(year: int, month: int, count: int = 1) -> tuple[int, int]:
    months = year * 12 + month - 1 + count
    return months // 12, months % 12 + 1


def _third_friday(year: int, month: int) -> date:
    day = _nth(year, month, _FRIDAY, 3)
    return day if _is_business_day(day) else _back(day, 1)


def _last_friday(year: int, month: int) -> date:
    after = date(*_next_month(year, month), 1)
    day = after - timedelta(days=(after.weekday() - _FRIDAY - 1) % 7 + 1)
    return day if _is_business_day(day) else _back(day, 1)


def _before_third_wednesday(business_days: int) -> Callable[[int, int], date]:
    return lambda year, month: _back(_nth(year, month, _WEDNESDAY, 3), business_days)


def _before_the_25th(business_days: int) -> Callable[[int, int], date]:
    """Return what counts back from the 25th of the month before delivery, or the business day before it."""

    def ends(year: int, month: int) -> date:
        day = date(*_next_month(year, month, -1), 25)
        return _back(day if _is_business_day(day) else _back(day, 1), business_days)

    return ends


def _before_delivery(business_days: int) -> Callable[[int, int], date]:
    return lambda year, month: _back(date(year, month, 1), business_days)


def _from_month_end(business_days: int) -> Callable[[int, int], date]:
    """Return what counts from the last business day of the month, itself 1."""
    return lambda year, month: _back(date(*_next_month(year, month), 1), business_days)


def _before_the_15th(year: int, month: int) -> date:
    return _back(date(year, month, 15), 1)


def _volatility(year: int, month: int) -> date:
    """Return the Wednesday 30 days before the third Friday of the month after."""
    day = _third_friday(*_next_month(year, month)) - timedelta(days=30)
    return day if _is_business_day(day) else _back(day, 1)


_Product = tuple[str, Callable[[int, int], date]]
_QUARTERS: Final = "HMUZ"
_INDEX: Final[_Product] = (_QUARTERS, _third_friday)
_CURRENCY: Final[_Product] = (_QUARTERS, _before_third_wednesday(2))
_LONG_RATE: Final[_Product] = (_QUARTERS, _from_month_end(8))
_SHORT_RATE: Final[_Product] = (_QUARTERS, _from_month_end(1))
_FUEL: Final[_Product] = (_LETTERS, _before_delivery(1))
_GOLD: Final[_Product] = ("GJMQVZ", _from_month_end(3))
_METAL: Final[_Product] = ("HKNUZ", _from_month_end(3))
_GRAIN: Final[_Product] = ("HKNUZ", _before_the_15th)
_COIN: Final[_Product] = (_LETTERS, _last_friday)

_PRODUCTS: Final[dict[str, _Product]] = {
    **dict.fromkeys(("ES", "MES", "NQ", "MNQ", "RTY", "M2K", "YM", "MYM"), _INDEX),
    **dict.fromkeys(("6A", "6B", "6E", "6J", "6S"), _CURRENCY),
    "6C": (_QUARTERS, _before_third_wednesday(1)),
    **dict.fromkeys(("ZB", "ZN"), _LONG_RATE),
    **dict.fromkeys(("ZF", "ZT"), _SHORT_RATE),
    "CL": (_LETTERS, _before_the_25th(3)),
    "MCL": (_LETTERS, _before_the_25th(4)),
    "NG": (_LETTERS, _before_delivery(3)),
    **dict.fromkeys(("RB", "HO"), _FUEL),
    **dict.fromkeys(("GC", "MGC"), _GOLD),
    **dict.fromkeys(("SI", "HG"), _METAL),
    "PL": ("FJNV", _from_month_end(3)),
    **dict.fromkeys(("ZC", "ZW"), _GRAIN),
    "ZS": ("FHKNQUX", _before_the_15th),
    **dict.fromkeys(("BTC", "MBT"), _COIN),
    "VX": (_LETTERS, _volatility),
}
"""Month letters that are traded most, and the last day of trading, by root."""


def next_contract(symbol: str) -> str | None:
    """Return the contract after this one (``/ESU24`` → ``/ESZ24``), spelled alike.

    ``None`` for a root, for what is no future, and for a product whose months are not known.
    """
    found = _CONTRACT.fullmatch(symbol)
    if found is None:
        return None
    root, letter, year, exchange = found.groups()
    product = _PRODUCTS.get(root[1:])
    if product is None:
        return None
    months = product[0]
    later = next((each for each in months if _LETTERS.index(each) > _LETTERS.index(letter)), None)
    if later is None:
        later, year = months[0], f"{(int(year) + 1) % 10 ** len(year):0{len(year)}d}"
    return f"{root}{later}{year}{exchange}"


def expiry_day(symbol: str, today: date) -> date | None:
    """Return the last day on which a contract trades, in its exchange's zone.

    Args:
        today: Tells the decade of a year of one or two digits.

    Returns:
        ``None`` where that is not known, and for a root, which never ends.
    """
    found = _CONTRACT.fullmatch(symbol)
    product = None if found is None else _PRODUCTS.get(found.group(1)[1:])
    if found is None or product is None:
        return None
    year, span = int(found.group(3)), 10 ** len(found.group(3))
    # A contract is listed some years ahead and spoken of a few years after its end.
    years = [today.year - today.year % span + year + offset for offset in (-span, 0, span)]
    nearest = min(years, key=lambda each: abs(each - today.year - 2))
    return product[1](nearest, _LETTERS.index(found.group(2)) + 1)
