"""Everything a window or a headless run needs, in one value."""

from collections.abc import Callable
from dataclasses import dataclass

from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.health import RequestLoad
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.services.adjusting.adjustments import Adjustments
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.audit.book import AuditBook
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.services.credentials.credentials import Credentials
from tradeassist_desktop.services.credentials.google_cloud import GoogleCloud
from tradeassist_desktop.services.dead_letters import DeadLetters
from tradeassist_desktop.services.delivery_figures import DeliveryFigures
from tradeassist_desktop.services.gaps.ledger import GapLedger
from tradeassist_desktop.services.health import Health
from tradeassist_desktop.services.history import History
from tradeassist_desktop.services.market.market_view import MarketView
from tradeassist_desktop.services.market.watchlist import Watchlist
from tradeassist_desktop.services.recordings.recordings import Recordings
from tradeassist_desktop.services.recordings.replaying import Replaying
from tradeassist_desktop.services.rotation.rotation import RotationService
from tradeassist_desktop.services.routing.routing import Routing
from tradeassist_desktop.services.routing.silences import Silences
from tradeassist_desktop.services.rule_drafts import RuleDrafts
from tradeassist_desktop.services.rules import Rules
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.services.sign_in.sign_in import SignIn
from tradeassist_desktop.services.suggesting.suggestions import Suggestions
from tradeassist_desktop.services.symbols import Symbols
from tradeassist_desktop.services.templates.own import OwnTemplates
from tradeassist_desktop.services.testing.fire_drill import FireDrill
from tradeassist_desktop.services.testing.older_days import OlderDays
from tradeassist_desktop.services.testing.previews import Previews
from tradeassist_desktop.services.testing.sweeps import Sweeps
from tradeassist_desktop.services.verdicts import Verdicts
from tradeassist_desktop.services.worth.worth import Worth


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The running services.

    Args:
        source: What the data is, for people: ``Demo market``, ``Schwab``, ``Replay of …``.
        reconnect: Has the feed of that name try again now.
        replay: The replay that is its feed; ``None`` where that is live.
        reopen: Has this desk closed and another opened: on a recording, or (``None``) on the live feed.
        notices: What the trader should know of this start: a damaged file set aside, a backup made.
        sign_in: Of the venue that wants one of its trader; ``None`` where none does.
        symbols: Proposes symbols while one is typed.
        requests: Returns how busy the venue's answers to single requests are; ``None`` where it has none.
        access: Says who may do what now.
        lock: What opens the desk; ``None`` where nobody sits at it (headless).
        own_templates: Rules that the trader keeps as templates of others.
        previews: Says where a rule would have fired.
        older_days: Has more of the past kept to look at.
        sweeps: Tries a rule with other numbers.
        fire_drill: Fires a rule as a test.
        suggestions: Says what the past suggests about a rule.
        worth: Says how likely an alert is worth its trader's time.
        is_dev: Whether the program runs with endpoint overrides allowed.
    """

    bus: Bus
    clock: Clock
    market: MarketView
    watchlist: Watchlist
    reconnect: Callable[[str], None]
    rules: Rules
    drafts: RuleDrafts
    adjustments: Adjustments
    history: History
    delivery_figures: DeliveryFigures
    gaps: GapLedger
    health: Health
    breakers: Breakers
    settings: Settings
    alerting: Alerting
    routing: Routing
    silences: Silences
    channel_setup: ChannelSetup
    dead_letters: DeadLetters
    audit: AuditBook
    source: str
    recordings: Recordings
    replay: Replaying | None
    reopen: Callable[[Opening | None], None]
    notices: tuple[str, ...]
    sign_in: SignIn | None
    rotation: RotationService
    credentials: Credentials
    google_cloud: GoogleCloud
    symbols: Symbols
    own_templates: OwnTemplates
    previews: Previews
    older_days: OlderDays
    sweeps: Sweeps
    fire_drill: FireDrill
    suggestions: Suggestions
    verdicts: Verdicts
    worth: Worth
    requests: Callable[[], RequestLoad] | None
    access: Gate
    lock: DeskLock | None
    is_dev: bool
