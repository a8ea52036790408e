"""Builds what looks at the past: where rules would have fired, what that suggests, what alerts were worth."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.events import HistoryGrew
from tradeassist_desktop.domain.feed import FetchGap
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.backtesting.backtests import Backtests
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.services.suggesting.suggestions import Suggestions
from tradeassist_desktop.services.testing.older_days import OlderDays
from tradeassist_desktop.services.testing.preview import MarketFile
from tradeassist_desktop.services.testing.previews import Previews
from tradeassist_desktop.services.verdicts import Verdicts
from tradeassist_desktop.services.worth.worth import Worth
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore
from tradeassist_desktop.storage.verdicts import VerdictStore


@dataclass(frozen=True, slots=True, kw_only=True)
class PastParts:
    """The parts."""

    previews: Previews
    older_days: OlderDays
    suggestions: Suggestions
    verdicts: Verdicts
    worth: Worth


def past_parts(
    *,
    database: Database,
    store: MarketStore,
    instrument: Callable[[str], Instrument],
    event_now_ns: Callable[[], int],
    replayed: Opening | None,
    fetch_gap: FetchGap | None,
    settings: Settings,
    bus: Bus,
    clock: Clock,
    access: Gate,
) -> PastParts:
    """Return the parts of one desk.

    Args:
        replayed: The recording that is its feed; ``None`` live.
        fetch_gap: Asks the feed for minutes of the past; ``None`` where it has none.
    """
    previews = Previews(
        database=database.path,
        venue_of=store.venue_of,
        instrument=instrument,
        event_now_ns=event_now_ns,
        recording=None
        if replayed is None
        else MarketFile(replayed.file, symbol=replayed.symbol, bar_label=replayed.bar_label),
    )
    verdicts = Verdicts(store=VerdictStore(database=database), bus=bus, clock=clock, access=access)
    return PastParts(
        previews=previews,
        older_days=OlderDays(
            fetch=fetch_gap,
            keep=store.keep_bars,
            clock=clock,
            on_grown=lambda symbol, timeframe: bus.publish(HistoryGrew(symbol, timeframe)),
        ),
        suggestions=Suggestions(
            past=previews,
            # One processor is left to the live market.
            backtests=Backtests(most_workers=max(1, (os.cpu_count() or 2) - 1)),
            instrument=instrument,
        ),
        verdicts=verdicts,
        worth=Worth(
            database=database,
            verdicts=verdicts,
            venue_of=store.venue_of,
            bus=bus,
            clock=clock,
            is_wanted=lambda: settings.flag("score.enabled"),
        ),
    )
