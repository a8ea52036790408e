"""How what is on the board is written on the wire for one connection."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tradeassist_desktop.simulator.board import Shown
from tradeassist_desktop.simulator.fields import CHART_EQUITY, CHART_NUMBERS, FIELD_NUMBERS
from tradeassist_desktop.simulator.past.candles import Candle
from tradeassist_desktop.simulator.source import Listing

_EXCHANGE = ZoneInfo("America/New_York")


class Layout:
    """How the fields one connection asked for of one service are written.

    Args:
        service: One of ``SERVICES``.
        numbers: Fields asked for; unknown ones are ignored, as Schwab does.
    """

    def __init__(self, *, service: str, numbers: Iterable[int]) -> None:
        wanted = frozenset(numbers)
        table = FIELD_NUMBERS.get(service) or CHART_NUMBERS[service]
        self._service = service
        self._texts = {name: str(number) for name, number in table.items() if number in wanted}

    def delta(self, symbol: str, shown: Shown) -> dict[str, object]:
        """Return the content item of one update: the key and what came."""
        texts = self._texts
        item: dict[str, object] = {"key": symbol}
        for name, value in shown.items():
            if name in texts:
                item[texts[name]] = value
        return item

    def snapshot(
        self, listing: Listing, words: Mapping[str, object], shown: Shown, *, is_delayed: bool
    ) -> dict[str, object]:
        """Return the first content item of a key: all that was asked for, and four words more."""
        item: dict[str, object] = {"delayed": is_delayed, "assetMainType": listing.main_type}
        if listing.sub_type is not None:
            item["assetSubType"] = listing.sub_type
        if listing.cusip is not None:
            item["cusip"] = listing.cusip
        for name, text in self._texts.items():
            value = shown.get(name, words.get(name))
            if value is not None:
                item[text] = value
        # Captures show the key at any place in the object; last, so that no client relies on the first.
        item["key"] = listing.symbol
        return item

    def bar(self, symbol: str, candle: Candle, seq: int) -> dict[str, object]:
        """Return the content item of one finished minute."""
        values: dict[str, object] = candle._asdict()
        if self._service == CHART_EQUITY:
            start = datetime.fromtimestamp(candle.start_ms / 1000, UTC)
            local = start.astimezone(_EXCHANGE)
            values["sequence"] = local.hour * 60 + local.minute
            values["day"] = candle.start_ms // 86_400_000
        item: dict[str, object] = {"seq": seq, "key": symbol}
        for name, text in self._texts.items():
            value = values[name]
            item[text] = int(value) if isinstance(value, float) and value.is_integer() else value
        return item
