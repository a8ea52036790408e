"""Builds every service, starts them, and stops them in order."""

import asyncio
import logging
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Final

from tradeassist_desktop.app.first_rules import kept_rules, read_rules
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.openings import open_sources
from tradeassist_desktop.app.side_by_side import SideBySide
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Channel
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.domain.rules import RulePhase
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.market.intake import Intake
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.garbage import collect_here
from tradeassist_desktop.runtime.supervise import supervise
from tradeassist_desktop.services.adjusting.adjustments import Adjustments
from tradeassist_desktop.services.adjusting.finder import ByCusip
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.desk import Desk
from tradeassist_desktop.services.dispatcher import Dispatcher
from tradeassist_desktop.services.feed_watch import FeedWatch
from tradeassist_desktop.services.gaps.ledger import GapLedger
from tradeassist_desktop.services.gaps.plan import GapPlan
from tradeassist_desktop.services.health import DeliveryReading, Health
from tradeassist_desktop.services.history import History
from tradeassist_desktop.services.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.services.notices import Notices
from tradeassist_desktop.services.recordings.folder import RecordingFolder
from tradeassist_desktop.services.recordings.recordings import Recordings
from tradeassist_desktop.services.rules import Rules
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.services.sign_in.warnings import SignInWarnings
from tradeassist_desktop.services.symbols import Symbols
from tradeassist_desktop.storage import arming, runs
from tradeassist_desktop.storage.adjustment_store import AdjustmentStore
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed
from tradeassist_desktop.storage.stores import GapStore, MarketStore, RuleStore

log = logging.getLogger(__name__)

_DRAIN_S: Final = 5.0
_POSITION_EVERY_S: Final = 0.25
_FIRST_WATCHLIST: Final = (
    "/ES", "/NQ", "/CL", "/GC", "$SPX", "$VIX", "$TICK", "$ADD", "AAPL", "MSFT", "SPY", "TLT",
)  # fmt: skip


@asynccontextmanager
async def open_desk(
    *,
    launch: Launch,
    settings: Settings,
    channels: Mapping[str, Channel],
    clock: Clock,
    bus: Bus,
    reopen: Callable[[Opening | None], None],
) -> AsyncIterator[Desk]:
    """Build and start everything; on leaving, stop it.

    Args:
        reopen: Asked for another desk in place of this one: on a recording, or on the live feed.

    The order of stopping: the feed, what the engine must remember, the alerts and the outbox
    (at most 5 s each), the database.

    Raises:
        TradeAssistError: the database cannot be used, or credentials are missing.
        BadInput: the rule file or the replayed file cannot be read.
    """
    async with AsyncExitStack() as stack:
        given_rules = read_rules(launch)
        # Before the storage thread is: it must not finalise what is the loop's.
        await stack.enter_async_context(_running("garbage", lambda: collect_here(clock), clock))
        database = Database(path=launch.places.database, bus=bus, now_ns=clock.now_ns)
        stack.push_async_callback(database.stop)
        await database.start()
        run, sources, replay = await open_sources(
            launch=launch,
            settings=settings,
            clock=clock,
            bus=bus,
            database=database,
            stack=stack,
            reopen=reopen,
        )
        source = sources.main
        keeper = MarketStore(database=database, venue=source.venue, beside=sources.beside)
        rule_keeper = RuleStore(database=database, now_ns=clock.now_ns)
        instruments = InstrumentBook()

        def routing(alert: Alert) -> tuple[str, ...]:
            return settings.names(f"notify.{alert.priority}") if alert.channels is None else alert.channels

        engine = Engine(instruments=instruments.lookup, run_id=run.id)
        dispatcher = Dispatcher(database=database, bus=bus, clock=clock, channels=channels)
        alerting = Alerting(database=database, bus=bus, clock=clock, routing=routing, dispatcher=dispatcher)
        notices = Notices(alerting=alerting, clock=clock)
        history = History(database=database, bus=bus, clock=clock)
        kept_watchlist = await keeper.watchlist()
        if not source.is_live:  # what is recorded, in the trader's order
            kept_watchlist = tuple(
                sorted(source.symbols, key=lambda symbol: _place(symbol, kept_watchlist or _FIRST_WATCHLIST))
            )
        # A recording went through it when it was made.
        intake = Intake(
            instruments=instruments.lookup, limit_percent=lambda: settings.number("gates.bad_print_percent")
        )
        gaps = GapLedger(store=GapStore(database=database), bus=bus)
        market = MarketData(
            engine=engine,
            feeds=sources.feeds,
            alerting=alerting,
            store=keeper if source.is_live else None,
            instruments=instruments,
            bus=bus,
            clock=clock,
            watchlist=sources.watchlist(kept_watchlist, usual=_FIRST_WATCHLIST),
            records_ticks=lambda: settings.flag("storage.record_ticks"),
            keeps_time=source.is_live,
            venue=source.venue,
            quiet_until_ns=lambda: 0 if replay is None else replay.control.quiet_until_ns,
            stale_s=lambda: settings.number("feed.stale_seconds"),
            fetch_bars=sources.fetch_bars,
            gap_plan=GapPlan(
                ledger=gaps,
                fetch_gap=sources.fetch_gap,
                repair_s=lambda: settings.number("feed.repair_seconds"),
                repair_hours=lambda: settings.number("feed.repair_hours"),
            ),
            intake=intake if source.is_live else None,
        )
        rules = Rules(
            engine=engine,
            store=rule_keeper if given_rules is None else None,
            bus=bus,
            clock=clock,
            new_uid=lambda: uuid.uuid4().hex,
            on_symbols_changed=market.subscriptions.renew,
            on_changed=market.want_history,
            event_now_ns=market.view.event_now_ns,
            instrument=instruments.lookup,
        )
        adjustments = Adjustments(
            market=market.view,
            watch_also=market.subscriptions.watch_also,
            rules=rules,
            store=AdjustmentStore(database=database, venue=source.venue, now_ns=clock.now_ns),
            bus=bus,
            clock=clock,
            by_cusip=_by_cusip(sources),
            expiry_days=lambda: settings.number("rules.expiry_days"),
            tell=partial(notices.tell, about_ns=0),  # once, however often the program is started
        )
        if given_rules is None:
            given_rules = await kept_rules(rule_keeper, is_demo="demo" in sources.venues)
        rules.load(given_rules)
        if source.is_live:
            market.restore_arming(await database.read(arming.load))

        recordings = Recordings(
            folder=RecordingFolder(folder=launch.places.recordings),
            market=market,
            venue=source.venue,
            is_live=source.is_live,
            settings=settings,
            bus=bus,
            clock=clock,
        )

        def delivery() -> DeliveryReading:
            return DeliveryReading(
                decided_ns=alerting.decided_ns,
                saved_ns=alerting.saved_ns,
                outbox_pending=dispatcher.pending_count,
                storage_queue=database.queue_length,
                storage_error=database.trouble,
                channels=dispatcher.states(),
            )

        health = Health(
            market=market.view,
            bus=bus,
            clock=clock,
            database_file=launch.places.database,
            delivery=delivery,
        )

        async def keep_position() -> None:
            # One write at a time: a disk that stands still must not pile them up.
            kept_ns = -1
            while market.view.feed_status.state is not FeedState.FINISHED:
                await clock.sleep(_POSITION_EVERY_S)
                position_ns = engine.clock_ns
                if position_ns != kept_ns:
                    with suppress(StorageFailed):  # the trader hears of it by StorageTroubled
                        await database.run(partial(runs.set_position, run_id=run.id, position_ns=position_ns))
                        kept_ns = position_ns
            await end_run()

        async def end_run() -> None:
            # A replay that did not come to its end is taken up again by the next start.
            if source.is_live or market.view.feed_status.state is FeedState.FINISHED:
                await alerting.drain(_DRAIN_S)
                with suppress(StorageFailed):
                    await database.run(partial(runs.finish, run_id=run.id, now_ns=clock.now_ns()))

        await history.start()
        stack.push_async_callback(history.stop)
        stack.push_async_callback(end_run)
        await dispatcher.start()
        stack.push_async_callback(dispatcher.stop, drain_s=_DRAIN_S)
        await alerting.start()
        stack.push_async_callback(alerting.stop, drain_s=_DRAIN_S)
        await market.start()
        stack.push_async_callback(recordings.close)
        if launch.record_file is not None:
            await recordings.start(launch.record_file)
        stack.callback(market.finish)
        if source.is_live:
            feed_watch = FeedWatch(
                bus=bus,
                clock=clock,
                notices=notices,
                limit_s=lambda: settings.number("feed.notice_seconds"),
                blind_rules=lambda: _count_blind(rules),
            )
            # Before the feeds, whose first word it must hear.
            await stack.enter_async_context(_running("feed watch", feed_watch.run, clock))
        services: dict[str, Callable[[], Awaitable[None]]] = {
            **{f"feed {line.name}": line.run for line in market.lines},
            "market data": market.run,
            "health": health.run,
            "recordings": recordings.run,
        }
        if market.gaps is not None:
            services["gap repair"] = market.gaps.repair.run
        if source.is_live:
            await adjustments.start()
            stack.callback(adjustments.stop)
            services["rules"] = rules.run
            services["adjustments"] = adjustments.run
            services["feed's history"] = market.fetch_history
        else:
            services["position"] = keep_position
        login = sources.login
        if login is not None:
            warnings = SignInWarnings(tokens=login.tokens, notices=notices, clock=clock)
            services["sign-in"] = login.sign_in.run
            services["sign-in warnings"] = warnings.run
        for name, work in services.items():
            await stack.enter_async_context(_running(name, work, clock))
        log.info("desk ready", extra={"source": sources.label, "rules": len(given_rules)})
        yield Desk(
            bus=bus,
            clock=clock,
            market=market.view,
            watchlist=market.watchlist,
            reconnect=market.subscriptions.reconnect,
            rules=rules,
            adjustments=adjustments,
            history=history,
            gaps=gaps,
            health=health,
            settings=settings,
            alerting=alerting,
            source=sources.label,
            recordings=recordings,
            replay=replay,
            reopen=reopen,
            notices=database.notices,
            sign_in=login.sign_in if login is not None else None,
            requests=None if sources.rest is None else sources.rest.load,
            symbols=Symbols(
                searches=() if sources.rest is None else (sources.rest.search,),
                known=lambda: _known(market, instruments, sources),
                clock=clock,
            ),
            is_dev=launch.is_dev,
        )
        log.info("desk stopping")


def _known(market: MarketData, instruments: InstrumentBook, sources: SideBySide) -> list[Instrument]:
    """Return what a typed symbol is first compared with: the watched, then what the feeds told of."""
    listed = (symbol for each in sources.sources for symbol in each.symbols)
    told = (instrument.symbol for instrument in instruments.told())
    return [
        instruments.lookup(symbol) for symbol in dict.fromkeys((*market.watchlist.symbols, *listed, *told))
    ]


def _by_cusip(sources: SideBySide) -> ByCusip | None:
    rest = sources.rest
    if rest is None:
        return None

    async def ask(cusip: str) -> str | None:
        found = await rest.instrument_by_cusip(cusip)
        return None if found is None else found.symbol

    return ask


def _count_blind(rules: Rules) -> int:
    return sum(
        any(status.phase is RulePhase.BLIND for status in rules.statuses(rule.uid)) for rule in rules.all()
    )


@asynccontextmanager
async def _running(name: str, work: Callable[[], Awaitable[None]], clock: Clock) -> AsyncIterator[None]:
    backoff = Backoff(base_s=0.5, cap_s=30.0, rng=random.Random())
    task = asyncio.create_task(supervise(name=name, work=work, clock=clock, backoff=backoff), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _place(symbol: str, order: Sequence[str]) -> tuple[int, str]:
    """Return what sorts symbols by an order, and what is not in it behind, by name."""
    return (order.index(symbol) if symbol in order else len(order)), symbol
