"""The shapes of Schwab's frames: answers, notices, and the parts of a data frame."""

import msgspec

from tradeassist_desktop.feeds.schwab.fields import (
    CHART_EQUITY,
    CHART_FUTURES,
    EQUITIES,
    FOREX,
    FUTURES,
    OPTIONS,
    EquityChartItem,
    EquityItem,
    ForexItem,
    FutureChartItem,
    FutureItem,
    Milliseconds,
    OptionItem,
)


class Content(msgspec.Struct):
    """Schwab's verdict: 0 is success; the other codes are in ``schwab_codes``."""

    code: int
    msg: str = ""


class Answer(msgspec.Struct):
    """What Schwab says to one of our commands."""

    content: Content
    requestid: str | int = ""
    service: str = ""
    command: str = ""


class Notice(msgspec.Struct):
    """A heartbeat, or a verdict nobody asked for (12, 30)."""

    heartbeat: str | int | None = None
    content: Content | None = None


class EquityPart(msgspec.Struct, tag_field="service", tag=EQUITIES):
    """Updates of shares and indices."""

    content: list[EquityItem] = []
    timestamp: Milliseconds | None = None


class FuturePart(msgspec.Struct, tag_field="service", tag=FUTURES):
    """Updates of futures."""

    content: list[FutureItem] = []
    timestamp: Milliseconds | None = None


class OptionPart(msgspec.Struct, tag_field="service", tag=OPTIONS):
    """Updates of options."""

    content: list[OptionItem] = []
    timestamp: Milliseconds | None = None


class ForexPart(msgspec.Struct, tag_field="service", tag=FOREX):
    """Updates of currencies."""

    content: list[ForexItem] = []
    timestamp: Milliseconds | None = None


class EquityChartPart(msgspec.Struct, tag_field="service", tag=CHART_EQUITY):
    """Minute bars of shares."""

    content: list[EquityChartItem] = []


class FutureChartPart(msgspec.Struct, tag_field="service", tag=CHART_FUTURES):
    """Minute bars of futures."""

    content: list[FutureChartItem] = []


class Frame(msgspec.Struct):
    """One frame; Schwab fills one of the three lists."""

    data: list[EquityPart | FuturePart | OptionPart | ForexPart | EquityChartPart | FutureChartPart] = []
    response: list[Answer] = []
    notify: list[Notice] = []
