"""Everything a window or a headless run needs, in one value."""

from dataclasses import dataclass

from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.health import Health
from tradeassist_desktop.services.history import History
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.services.rules import Rules
from tradeassist_desktop.services.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The running services.

    Args:
        source: What the data is, for people: ``Demo market``, ``Schwab``, ``Replay of …``.
        notices: What the trader should know of this start: a damaged file set aside, a backup made.
        is_dev: Whether the program runs with endpoint overrides allowed.
    """

    bus: Bus
    clock: Clock
    market: MarketData
    rules: Rules
    history: History
    health: Health
    settings: Settings
    alerting: Alerting
    source: str
    notices: tuple[str, ...]
    is_dev: bool
