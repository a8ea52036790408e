"""Opens the sources a start was asked for, and writes down that it began."""

import logging
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from tradeassist_desktop.app.coinbase_source import coinbase_source
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.replay_source import replay_source
from tradeassist_desktop.app.side_by_side import SideBySide
from tradeassist_desktop.app.sources import Source, demo_source, feed_names, schwab_source
from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.recordings.replaying import Replaying
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.storage import alerts as alert_rows
from tradeassist_desktop.storage import runs
from tradeassist_desktop.storage.database import Database

log = logging.getLogger(__name__)


async def open_sources(
    *,
    launch: Launch,
    settings: Settings,
    secrets: SecretStore,
    clock: Clock,
    bus: Bus,
    breakers: Breakers,
    database: Database,
    stack: AsyncExitStack,
    reopen: Callable[[Opening | None], None],
    access: Gate,
) -> tuple[runs.Run, SideBySide, Replaying | None]:
    """Return the run, its sources, and what moves them where they are a replay.

    Raises:
        TradeAssistError: one cannot be opened; the message says why.
    """
    names = feed_names(launch, settings)
    if names == ("replay",):
        run, source, replay = await _open_replay(
            launch=launch, clock=clock, bus=bus, database=database, stack=stack, reopen=reopen, access=access
        )
        return run, SideBySide((source,)), replay
    sources: list[Source] = []
    for name in names:
        if name == "schwab":
            source = await schwab_source(
                launch=launch,
                settings=settings,
                secrets=secrets,
                clock=clock,
                bus=bus,
                breakers=breakers,
                stack=stack,
                access=access,
            )
        elif name == "coinbase":
            source = await coinbase_source(settings=settings, clock=clock, breakers=breakers, stack=stack)
        else:
            source = await demo_source(
                launch=launch, settings=settings, clock=clock, breakers=breakers, stack=stack
            )
        sources.append(source)
    run = await _begin_run(database, clock, feed=",".join(names), place="")
    return run, SideBySide(tuple(sources)), None


async def _open_replay(
    *,
    launch: Launch,
    clock: Clock,
    bus: Bus,
    database: Database,
    stack: AsyncExitStack,
    reopen: Callable[[Opening | None], None],
    access: Gate,
) -> tuple[runs.Run, Source, Replaying]:
    assert launch.replay_file is not None
    place = str(launch.replay_file.absolute())
    unfinished = None
    if launch.start_at_ns is None:
        unfinished = await database.read(lambda c: runs.resume(c, feed="replay", source=place))
    source, replay = await replay_source(
        launch=launch,
        clock=clock,
        bus=bus,
        resume_at_ns=unfinished.position_ns if unfinished else None,
        reopen=reopen,
        access=access,
    )
    stack.callback(replay.stop)
    if unfinished is not None:
        log.info("replay taken up again", extra={"run": unfinished.id})
        return unfinished, source, replay
    run = await _begin_run(database, clock, feed="replay", place=place)
    if launch.start_at_ns is not None:
        # A start at a time of the trader's choosing is no replay cut off, however it ends.
        await database.run(partial(runs.finish, run_id=run.id, now_ns=clock.now_ns()))
    start_at_ns = replay.opening.start_at_ns
    again = [id_ for id_, raised in launch.earlier_alerts.items() if raised.event_ns >= start_at_ns]
    if again:
        await database.run(partial(alert_rows.forget, ids=again))
    return run, source, replay


async def _begin_run(database: Database, clock: Clock, *, feed: str, place: str) -> runs.Run:
    run_id, now_ns = uuid.uuid4().hex, clock.now_ns()
    return await database.run(lambda c: runs.begin(c, run_id=run_id, feed=feed, source=place, now_ns=now_ns))
