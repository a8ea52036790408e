"""Builds what feeds end in, and what knows their symbols."""

from collections.abc import Callable, Sequence

from tradeassist_desktop.app.ground import Ground
from tradeassist_desktop.app.side_by_side import SideBySide
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.watching import WatchGroup
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.market.intake import Intake
from tradeassist_desktop.services.adjusting.finder import ByCusip
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.gaps.ledger import GapLedger
from tradeassist_desktop.services.gaps.plan import GapPlan
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.services.symbols import Symbols
from tradeassist_desktop.storage.stores import MarketStore


def build_market(
    ground: Ground,
    *,
    engine: Engine,
    alerting: Alerting,
    store: MarketStore,
    instruments: InstrumentBook,
    watchlist: Sequence[str],
    watch_groups: Sequence[WatchGroup],
    gaps: GapLedger,
) -> MarketData:
    """Return where all feeds of one desk end."""
    settings, sources, replay = ground.settings, ground.sources, ground.replay
    is_live = sources.main.is_live
    # A recording went through it when it was made.
    intake = Intake(
        instruments=instruments.lookup, limit_percent=lambda: settings.number("gates.bad_print_percent")
    )
    return MarketData(
        engine=engine,
        feeds=sources.feeds,
        alerting=alerting,
        store=store if is_live else None,
        instruments=instruments,
        bus=ground.bus,
        clock=ground.clock,
        watchlist=watchlist,
        watch_groups=watch_groups,
        records_ticks=lambda: settings.flag("storage.record_ticks"),
        keeps_time=is_live,
        venue=sources.main.venue,
        quiet_until_ns=lambda: 0 if replay is None else replay.control.quiet_until_ns,
        stale_s=lambda: settings.number("feed.stale_seconds"),
        fetch_bars=sources.fetch_bars,
        gap_plan=GapPlan(
            ledger=gaps,
            fetch_gap=sources.fetch_gap,
            repair_s=lambda: settings.number("feed.repair_seconds"),
            repair_hours=lambda: settings.number("feed.repair_hours"),
        ),
        intake=intake if is_live else None,
        access=ground.access,
    )


def build_symbols(
    ground: Ground, *, watched: Callable[[], Sequence[str]], instruments: InstrumentBook
) -> Symbols:
    """Return what finds a symbol by what is typed of it."""
    rest = ground.sources.rest
    return Symbols(
        searches=() if rest is None else (rest.search,),
        known=lambda: _known(watched(), instruments, ground.sources),
        clock=ground.clock,
    )


def by_cusip(sources: SideBySide) -> ByCusip | None:
    """Return what asks for a symbol by its CUSIP; ``None`` where no source can be asked."""
    rest = sources.rest
    if rest is None:
        return None

    async def ask(cusip: str) -> str | None:
        found = await rest.instrument_by_cusip(cusip)
        return None if found is None else found.symbol

    return ask


def _known(watched: Sequence[str], instruments: InstrumentBook, sources: SideBySide) -> list[Instrument]:
    """Return what a typed symbol is first compared with: the watched, then what the feeds told of."""
    listed = (symbol for each in sources.sources for symbol in each.symbols)
    told = (instrument.symbol for instrument in instruments.told())
    return [instruments.lookup(symbol) for symbol in dict.fromkeys((*watched, *listed, *told))]
