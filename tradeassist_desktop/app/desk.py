"""Opens a desk: its services are built and started, and stopped in order."""

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

from tradeassist_desktop.app.breakers import open_breakers
from tradeassist_desktop.app.building import Services, build
from tradeassist_desktop.app.credential_parts import credentials_of, google_cloud_of
from tradeassist_desktop.app.ending import Ending
from tradeassist_desktop.app.first_rules import kept_rules, read_rules
from tradeassist_desktop.app.ground import Ground
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.openings import open_sources
from tradeassist_desktop.app.side_by_side import SideBySide
from tradeassist_desktop.domain.access import OPEN, Act
from tradeassist_desktop.domain.channels import Channel
from tradeassist_desktop.domain.events import AccessChanged
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.domain.watching import symbols_of
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.garbage import collect_here
from tradeassist_desktop.runtime.supervise import supervise
from tradeassist_desktop.runtime.turns import quick_turns, wake_promptly
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.services.access.guarded import guarded
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.backtesting.backtests import Backtests
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.desk import Desk
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.services.sign_in.warnings import SignInWarnings
from tradeassist_desktop.services.templates.own import OwnTemplates
from tradeassist_desktop.services.testing.fire_drill import FireDrill
from tradeassist_desktop.services.testing.sweeps import Sweeps
from tradeassist_desktop.storage import arming
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore, RuleStore

log = logging.getLogger(__name__)

_FIRST_WATCHLIST: Final = (
    "/ES", "/NQ", "/CL", "/GC", "$SPX", "$VIX", "$TICK", "$ADD", "AAPL", "MSFT", "SPY", "TLT",
)  # fmt: skip


@asynccontextmanager
async def open_desk(
    *,
    launch: Launch,
    settings: Settings,
    secrets: SecretStore,
    channels: Mapping[str, Channel],
    channel_secrets: ChannelSecrets,
    clock: Clock,
    bus: Bus,
    audit: AuditLog,
    early_breakers: Sequence[Breaker] = (),
    reopen: Callable[[Opening | None], None],
    lock: DeskLock | None = None,
) -> AsyncIterator[Desk]:
    """Build and start everything; on leaving, stop it.

    Args:
        audit: Written to the database while this desk is open.
        early_breakers: Made before the desk, and shown with its own.
        reopen: Asked for another desk in place of this one: on a recording, or on the live feed.
        lock: Of the people at it; ``None`` where nobody is to be kept from anything.

    The order of stopping: the feed, the alerts and what the market was (never ahead of them), the
    outbox (at most 5 s for both), the audit log, the database (at most 8 s for all). What is not done
    by then waits on disk for the next start.

    Raises:
        TradeAssistError: the database cannot be used, or credentials are missing.
        BadInput: the rule file or the replayed file cannot be read.
    """
    ending = Ending(clock=clock)
    access = OPEN if lock is None else lock.access
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_turns())
        wake_promptly()
        given_rules = read_rules(launch)
        # Before the storage thread is: it must not finalise what is the loop's.
        await stack.enter_async_context(_running("garbage", lambda: collect_here(clock), clock, ending))
        database = Database(path=launch.places.database, bus=bus, now_ns=clock.now_ns)
        stack.push_async_callback(ending.end, "database", database.stop)
        await database.start()
        audit.open(AuditStore(transactions=database))
        stack.push_async_callback(ending.end, "audit log", audit.close)
        await stack.enter_async_context(_running("audit log", audit.run, clock, ending))
        breakers = await open_breakers(clock=clock, bus=bus, database=database, stack=stack, access=access)
        for breaker in early_breakers:
            breakers.adopt(breaker)
        run, sources, replay = await open_sources(
            launch=launch,
            settings=settings,
            secrets=secrets,
            clock=clock,
            bus=bus,
            breakers=breakers,
            database=database,
            stack=stack,
            reopen=reopen,
            access=access,
        )
        ground = Ground(
            launch=launch,
            settings=settings,
            secrets=secrets,
            channels=channels,
            channel_secrets=channel_secrets,
            clock=clock,
            bus=bus,
            breakers=breakers,
            database=database,
            audit=audit,
            access=access,
            run=run,
            sources=sources,
            replay=replay,
            ending=ending,
        )
        store = MarketStore(database=database, venue=sources.main.venue, beside=sources.beside)
        rule_store = RuleStore(database=database, now_ns=clock.now_ns)
        kept = await store.watchlist()
        services = build(
            ground,
            store=store,
            rule_store=rule_store if given_rules is None else None,
            watchlist=_watchlist(sources, kept=symbols_of(kept)),
            watch_groups=kept,
        )
        if given_rules is None:
            given_rules = await kept_rules(rule_store, is_demo="demo" in sources.venues)
        services.rules.load(given_rules)
        if sources.main.is_live:
            services.market.restore_arming(await database.read(arming.load))
        await _start(services, ground, stack)
        work = _work(services, ground)
        if lock is not None:
            stack.callback(lock.access.listen(lambda: bus.publish(AccessChanged())))
            work["app lock"] = lock.app_lock.run
        for name, job in work.items():
            await stack.enter_async_context(_running(name, job, clock, ending))
        log.info("desk ready", extra={"source": sources.label, "rules": len(given_rules)})
        try:
            yield _desk(services, ground, reopen, lock)
        finally:
            log.info("desk stopping")
            ending.begin()
            database.hurry(ending.drain_s)


def _watchlist(sources: SideBySide, kept: tuple[str, ...]) -> tuple[str, ...]:
    source = sources.main
    if not source.is_live:  # what is recorded, in the trader's order
        order = kept or _FIRST_WATCHLIST
        kept = tuple(sorted(source.symbols, key=lambda symbol: _place(symbol, order)))
    return sources.watchlist(kept, usual=_FIRST_WATCHLIST)


async def _start(services: Services, ground: Ground, stack: AsyncExitStack) -> None:
    """Start what must be there before the first update; what is started last is stopped first."""
    ending = ground.ending
    stack.push_async_callback(ending.end, "previews", services.past.previews.close)
    stack.push_async_callback(ending.end, "audit anchor", services.audit.anchoring.close)
    await services.history.start()
    await services.past.verdicts.load()
    stack.push_async_callback(services.history.stop)
    stack.push_async_callback(ending.end, "position", services.position.end)
    # Before the first alert is: it must not get past a silence.
    await services.routed.silences.load(keeps_acknowledged=ground.sources.main.is_live)
    await services.dispatcher.start()
    stack.push_async_callback(ending.end, "outbox", lambda: services.dispatcher.stop(drain_s=ending.drain_s))
    stack.callback(services.market.beats.keep)
    await services.alerting.start()
    stack.push_async_callback(ending.end, "alerting", lambda: services.alerting.stop(drain_s=ending.drain_s))
    # Before what sends is stopped: it may have something to tell.
    stack.push_async_callback(ending.end, "rotation", lambda: services.rotation.stop(drain_s=ending.drain_s))
    await services.market.start()
    stack.push_async_callback(ending.end, "recordings", services.recordings.close)
    if ground.launch.record_file is not None:
        await services.recordings.start_as_launched(ground.launch.record_file)
    stack.callback(services.market.beats.finish)
    if ground.sources.main.is_live:
        await services.routed.followups.start()
        stack.push_async_callback(services.routed.followups.stop)
        # Before the feeds, whose first word it must hear.
        await stack.enter_async_context(_running("feed watch", services.feed_watch.run, ground.clock, ending))
        await services.adjustments.start()
        stack.callback(services.adjustments.stop)
    else:
        # Follow-ups, which do it on the live market, rest; a change of routing holds at once all the same.
        stack.callback(services.routed.policy.follow(ground.bus, lambda: None))


def _work(services: Services, ground: Ground) -> dict[str, Callable[[], Awaitable[None]]]:
    """Return what goes on for as long as the desk is open, the feeds first."""
    market = services.market
    work: dict[str, Callable[[], Awaitable[None]]] = {
        **{f"feed {line.name}": line.run for line in market.lines},
        "market data": market.beats.run,
        "health": services.health.run,
        "recordings": services.recordings.run,
        "rotation": services.rotation.run,
        "audit anchor": services.audit.anchoring.run,
        "audit retention": services.audit.retention.run,
        "settings": partial(ground.settings.follow, ground.clock),
    }
    if market.gaps is not None:
        work["gap repair"] = market.gaps.repair.run
    if ground.sources.main.is_live:
        work["rules"] = services.rules.run
        work["blind watch"] = services.blind_watch.run
        work["follow-ups"] = services.routed.followups.run
        work["adjustments"] = services.adjustments.run
        if not ground.launch.is_headless:
            work["score"] = services.past.worth.run  # only a window shows it
        work["feed's history"] = market.archive.fetch_history
    else:
        work["position"] = services.position.keep
    login = ground.sources.login
    if login is not None:
        warnings = SignInWarnings(
            tokens=login.tokens,
            notices=services.notices,
            settle=services.history.settle,
            bus=ground.bus,
            clock=ground.clock,
        )
        work["sign-in"] = login.sign_in.run
        work["sign-in warnings"] = warnings.run
    return work


def _desk(
    services: Services, ground: Ground, reopen: Callable[[Opening | None], None], lock: DeskLock | None
) -> Desk:
    login, rest = ground.sources.login, ground.sources.rest
    return Desk(
        bus=ground.bus,
        clock=ground.clock,
        market=services.market.view,
        watchlist=services.market.watchlist,
        reconnect=guarded(ground.access, Act.RECONNECT, services.market.subscriptions.reconnect),
        rules=services.rules,
        drafts=services.drafts,
        adjustments=services.adjustments,
        history=services.history,
        delivery_figures=services.delivery_figures,
        gaps=services.gaps,
        health=services.health,
        breakers=services.breakers,
        settings=ground.settings,
        alerting=services.alerting,
        routing=services.routed.routing,
        silences=services.routed.silences,
        channel_setup=services.channel_setup,
        dead_letters=services.dead_letters,
        audit=services.audit.book,
        source=ground.sources.label,
        recordings=services.recordings,
        replay=ground.replay,
        reopen=guarded(ground.access, Act.REPLAY, reopen),
        notices=ground.database.notices,
        sign_in=login.sign_in if login is not None else None,
        rotation=services.rotation,
        credentials=credentials_of(ground, services),
        google_cloud=google_cloud_of(ground),
        requests=None if rest is None else rest.load,
        symbols=services.symbols,
        own_templates=OwnTemplates(file=ground.launch.places.templates, access=ground.access),
        previews=services.past.previews,
        older_days=services.past.older_days,
        sweeps=Sweeps(
            # One processor is left to the live market.
            backtests=Backtests(most_workers=max(1, (os.cpu_count() or 2) - 1)),
            previews=services.past.previews,
        ),
        fire_drill=FireDrill(
            routing=services.routed.routing,
            channel_setup=services.channel_setup,
            explain=services.rules.explain,
            quote=services.market.view.quote,
            instrument=services.market.view.instrument,
            event_now_ns=services.market.view.event_now_ns,
            access=ground.access,
        ),
        suggestions=services.past.suggestions,
        verdicts=services.past.verdicts,
        worth=services.past.worth,
        access=ground.access,
        lock=lock,
        is_dev=ground.launch.is_dev,
    )


@asynccontextmanager
async def _running(
    name: str, work: Callable[[], Awaitable[None]], clock: Clock, ending: Ending
) -> AsyncIterator[None]:
    backoff = Backoff(base_s=0.5, cap_s=30.0, rng=random.Random())
    task = asyncio.create_task(supervise(name=name, work=work, clock=clock, backoff=backoff), name=name)
    try:
        yield
    finally:
        task.cancel()
        await ending.end(name, lambda: asyncio.wait([task]))


def _place(symbol: str, order: Sequence[str]) -> tuple[int, str]:
    """Return what sorts symbols by an order, and what is not in it behind, by name."""
    return (order.index(symbol) if symbol in order else len(order)), symbol
