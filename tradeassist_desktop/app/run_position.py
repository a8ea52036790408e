"""Keeps how far a run has come, so that a replay that was cut off is taken up again."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.market.market_view import MarketView
from tradeassist_desktop.storage import runs
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed

_EVERY_S: Final = 0.25


class RunPosition:
    """Writes down where a run is, and that it has ended.

    Args:
        drain_s: Returns how long the end waits for alerts to be saved.
    """

    def __init__(
        self,
        *,
        run: runs.Run,
        is_live: bool,
        engine: Engine,
        market: MarketView,
        alerting: Alerting,
        database: Database,
        clock: Clock,
        drain_s: Callable[[], float],
    ) -> None:
        self._run = run
        self._is_live = is_live
        self._engine = engine
        self._market = market
        self._alerting = alerting
        self._database = database
        self._clock = clock
        self._drain_s = drain_s

    async def keep(self) -> None:
        """Write the engine's time down as it moves, until the feed has come to its end."""
        # One write at a time: a disk that stands still must not pile them up.
        kept_ns = -1
        while not self._is_finished:
            await self._clock.sleep(_EVERY_S)
            position_ns = self._engine.clock_ns
            if position_ns != kept_ns:
                with suppress(StorageFailed):  # the trader hears of it by StorageTroubled
                    await self._database.run(
                        partial(runs.set_position, run_id=self._run.id, position_ns=position_ns)
                    )
                    kept_ns = position_ns
        await self.end()

    async def end(self) -> None:
        """Write down that the run has ended; a replay's only once it came to its end, and all is saved."""
        if self._is_live or self._is_finished:
            await self._alerting.drain(self._drain_s())
            if self._alerting.unsaved_count:
                return  # the next start plays it again, and saves what it finds missing
            with suppress(StorageFailed):
                await self._database.run(
                    partial(runs.finish, run_id=self._run.id, now_ns=self._clock.now_ns())
                )

    @property
    def _is_finished(self) -> bool:
        return self._market.feed_status.state is FeedState.FINISHED
