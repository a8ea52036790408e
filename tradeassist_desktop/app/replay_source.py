"""Builds the replay that was asked for, in place of a live feed."""

import asyncio
from collections.abc import Callable

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.sources import Source
from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.errors import UsageError
from tradeassist_desktop.domain.events import ReplayMoved
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.feeds.replay import ReplayFeed
from tradeassist_desktop.feeds.replay_control import ReplayControl
from tradeassist_desktop.recordings.alert_lines import utc_text
from tradeassist_desktop.recordings.survey import survey
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.recordings.replaying import Replaying


async def replay_source(
    *,
    launch: Launch,
    clock: Clock,
    bus: Bus,
    resume_at_ns: int | None,
    reopen: Callable[[Opening | None], None],
    access: Gate,
) -> tuple[Source, Replaying]:
    """Return the replay of the launch's file, which was read through to know that it can be.

    Args:
        resume_at_ns: Where a replay that was cut off is taken up again.

    Raises:
        BadInput: it cannot.
        UsageError: it is over before it is to start.
    """
    file = launch.replay_file
    assert file is not None
    summary = launch.summary
    if summary is None:
        summary = await asyncio.to_thread(survey, file, symbol=launch.symbol, bar_label=launch.bar_label)
    start_at_ns = launch.start_at_ns
    if start_at_ns is not None and start_at_ns > summary.last_ns:
        raise UsageError(f"--start-at {utc_text(start_at_ns)}: {file} ends at {utc_text(summary.last_ns)}")
    speed = (0.0 if launch.is_headless else 1.0) if launch.speed is None else launch.speed
    control = ReplayControl(
        clock=clock,
        speed=speed,
        start_at_ns=resume_at_ns if start_at_ns is None else start_at_ns,
        is_paused=launch.is_paused,
        quiet_until_ns=start_at_ns or 0,
        span=(summary.first_ns, summary.last_ns),
        tell=lambda state: bus.publish(ReplayMoved(state=state)),
    )
    feed = ReplayFeed(
        paths=[file], clock=clock, symbol=launch.symbol, bar_label=launch.bar_label, control=control
    )
    opening = Opening(
        file=file,
        symbol=launch.symbol,
        bar_label=launch.bar_label,
        speed=speed,
        is_paused=launch.is_paused,
        start_at_ns=start_at_ns or 0,
        earlier_alerts=launch.earlier_alerts,
        summary=summary,
    )
    replaying = Replaying(
        opening=opening, summary=summary, control=control, bus=bus, reopen=reopen, access=access
    )
    source = Source(
        feed=feed,
        venue="replay",
        label=f"Replay of {file.name}",
        symbols=summary.symbols,
        is_live=False,
    )
    return source, replaying
