"""What is to be done about stretches without data."""

from collections.abc import Callable
from dataclasses import dataclass

from tradeassist_desktop.domain.feed import FetchGap
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.gaps.alone import GapMarket
from tradeassist_desktop.services.gaps.ledger import GapLedger
from tradeassist_desktop.services.gaps.repair import GapRepair
from tradeassist_desktop.services.gaps.telling import PastTelling
from tradeassist_desktop.services.gaps.watch import GapWatch
from tradeassist_desktop.services.market.event_time import EventTime
from tradeassist_desktop.services.market.feed_line import FeedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPlan:
    """Where they are written down, and how far they are repaired.

    Args:
        fetch_gap: Asks the feed for the bars of such a stretch; ``None`` where it has none to offer.
        repair_s: How long updates may wait for them, seconds.
        repair_hours: How far back they are asked for.
    """

    ledger: GapLedger
    fetch_gap: FetchGap | None
    repair_s: Callable[[], float]
    repair_hours: Callable[[], float]

    def watch(
        self,
        *,
        engine: Engine,
        market: GapMarket,
        telling: PastTelling,
        instruments: Callable[[str], Instrument],
        line_of: Callable[[str], FeedLine],
        is_clock_apart: Callable[[], bool],
        time: EventTime,
        clock: Clock,
    ) -> GapWatch:
        """Return what notices a market's gaps and has them repaired."""
        repair = GapRepair(
            engine=engine,
            market=market,
            past=telling,
            ledger=self.ledger,
            clock=clock,
            instruments=instruments,
            fetch_gap=self.fetch_gap,
            limit_s=self.repair_s,
            is_clock_apart=is_clock_apart,
        )
        return GapWatch(
            engine=engine,
            ledger=self.ledger,
            repair=repair,
            telling=telling,
            line_of=line_of,
            time=time,
            clock=clock,
            hours=self.repair_hours,
        )
