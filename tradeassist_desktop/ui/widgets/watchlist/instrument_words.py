"""What is told of an instrument: what it is, how it is priced, when it trades, who tells of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.market import NS_PER_SECOND, Instrument, InstrumentKind, Quote, TradingStatus
from tradeassist_desktop.engine.calendars.sessions import Calendar, regular, whole
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.session_words import AROUND_THE_CLOCK, moment

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

Fact = tuple[str, str]
"""What something is called, and what it is."""

_KINDS: Final = {
    InstrumentKind.EQUITY: "Share",
    InstrumentKind.ETF: "Exchange-traded fund",
    InstrumentKind.INDEX: "Index",
    InstrumentKind.INDICATOR: "Market internal",
    InstrumentKind.FUTURE: "Future",
    InstrumentKind.FOREX: "Currency pair",
    InstrumentKind.OPTION: "Option",
    InstrumentKind.CRYPTO: "Coin",
    InstrumentKind.UNKNOWN: "Unknown kind",
}
_FEEDS: Final = {"demo": "Demo market", "schwab": "Schwab", "coinbase": "Coinbase", "replay": "Recording"}
_SOON_NS: Final = 3 * 3_600 * NS_PER_SECOND


def facts_of(desk: "Desk", symbol: str) -> tuple[Fact, ...]:
    """Return what there is to tell of a symbol, now."""
    market = desk.market
    instrument, quote, now_ns = market.instrument(symbol), market.quote(symbol), market.event_now_ns()
    facts = [
        ("Kind", _KINDS[instrument.kind]),
        ("Price step", _step(instrument, quote)),
        *_session(instrument, now_ns),
        ("Source", _source(desk, symbol)),
    ]
    if market.trading(symbol) is not TradingStatus.NORMAL:
        facts.append(("Trading", f"{market.trading(symbol).value}, as its venue says"))
    if instrument.expires_ns is not None:
        facts.append(("Expires", _expiry(instrument.expires_ns, now_ns)))
    if instrument.active_symbol and instrument.active_symbol != symbol:
        facts.append(("Stands for", instrument.active_symbol))
    if quote is not None:
        facts += _day(quote, instrument)
    rules = sum(symbol in rule.symbols for rule in desk.rules.all())
    facts.append(("Rules", text.plural(rules, "rule") if rules else "none yet"))
    return tuple(facts)


def _step(instrument: Instrument, quote: Quote | None) -> str:
    step = f"{instrument.tick_size:.{max(instrument.decimals, 0)}f}"
    if float(step) != instrument.tick_size:
        step = f"{instrument.tick_size:.10f}".rstrip("0").rstrip(".")
    example = quote.last if quote is not None and quote.last is not None else 1234.5
    return f"{step}, shown as {text.price(example, instrument)}"


def _session(instrument: Instrument, now_ns: int) -> Sequence[Fact]:
    if instrument.kind in AROUND_THE_CLOCK:
        return (("Session", "around the clock"),)
    day, all_of_it = regular(instrument.kind), whole(instrument.kind)
    facts = [("Session", _open_or_not(day, now_ns))]
    if day.at(now_ns) != all_of_it.at(now_ns):
        facts.append(("Extended", _open_or_not(all_of_it, now_ns)))
    return facts


def _open_or_not(calendar: Calendar, now_ns: int) -> str:
    stretch = calendar.at(now_ns)
    word = "open" if stretch.is_open else "closed"
    left_ns = stretch.end_ns - now_ns
    left = f", {text.duration(left_ns)} left" if left_ns < _SOON_NS else ""
    return f"{word} until {moment(stretch.end_ns, now_ns)}{left}"


def _expiry(at_ns: int, now_ns: int) -> str:
    away = text.age(abs(at_ns - now_ns))
    return f"{text.local(at_ns):%d %b %Y}, {f'in {away}' if at_ns > now_ns else f'{away} ago'}"


def _source(desk: "Desk", symbol: str) -> str:
    name = desk.market.feed_of(symbol)
    title = _FEEDS.get(name, name)
    is_delayed = any(symbol in status.delayed for status in desk.market.feed_statuses if status.name == name)
    return f"{title}, delayed" if is_delayed else f"{title}, not delayed"


def _day(quote: Quote, instrument: Instrument) -> Sequence[Fact]:
    facts: list[Fact] = []
    if quote.low is not None and quote.high is not None:
        low, high = text.price(quote.low, instrument), text.price(quote.high, instrument)
        facts.append(("Day", f"{low} to {high}"))
    if quote.prev_close is not None:
        facts.append(("Prev. close", text.price(quote.prev_close, instrument)))
    return facts
