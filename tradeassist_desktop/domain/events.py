"""What is published on the bus for whoever likes to know. Nothing that must happen hangs on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.breakers import BreakerReading
from tradeassist_desktop.domain.delivery import Delivery
from tradeassist_desktop.domain.health import FeedStatus, HealthReport
from tradeassist_desktop.domain.market import TradingStatus
from tradeassist_desktop.domain.recordings import RecordingState
from tradeassist_desktop.domain.replay import ReplayState
from tradeassist_desktop.domain.rotation import RotationStep
from tradeassist_desktop.domain.sign_in import SignInStatus


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """An alert is safe on disk, or could not be saved (``is_saved`` false, neither of the times).

    Args:
        committed_ns: When its transaction was handed in, as it is written there.
        saved_ns: When that had come back from the disk.
    """

    alert: Alert
    deliveries: tuple[Delivery, ...]
    is_saved: bool
    committed_ns: int | None = None
    saved_ns: int | None = None


@dataclass(frozen=True, slots=True)
class AlertsSaved:
    """Alerts that could not be saved when they were raised are safe on disk now."""

    alert_ids: tuple[str, ...]
    committed_ns: int


@dataclass(frozen=True, slots=True)
class AlertsCounted:
    """Suppressed alerts stand for more firings than before, by alert id."""

    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AlertsAcknowledged:
    """The trader has seen these alerts; or takes that back (``is_acknowledged`` false)."""

    alert_ids: tuple[str, ...]
    is_acknowledged: bool = True


@dataclass(frozen=True, slots=True)
class VerdictsGiven:
    """The trader said of these alerts whether they were worth it, or took that back."""

    alert_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorthLearned:
    """Alerts are scored by something else from now on, or no longer."""


@dataclass(frozen=True, slots=True)
class DeliveryChanged:
    """A delivery reached another state."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class SilencesChanged:
    """A silence was added, ended, taken up again or is over."""


@dataclass(frozen=True, slots=True)
class FeedChanged:
    """The feed's status changed in a way a trader would notice."""

    status: FeedStatus


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """A service is left alone, tried again or back; or the trader decided so by hand."""

    reading: BreakerReading


@dataclass(frozen=True, slots=True)
class HistoryGrew:
    """Closed bars of the past came from the venue, and can be read."""

    symbol: str
    timeframe: str


@dataclass(frozen=True, slots=True)
class SymbolsFellSilent:
    """Nothing has come of symbols for too long, though their feed works: nothing is decided on them."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapsChanged:
    """The ledger of stretches without data has a new one, or one of them stands elsewhere."""


@dataclass(frozen=True, slots=True)
class SignInChanged:
    """The sign-in at the venue stands differently."""

    status: SignInStatus


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """Rules were added, changed, removed or switched."""

    uids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WatchlistChanged:
    """Symbols were added, removed or reordered."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TradingChanged:
    """A symbol was halted or closed, or trades again."""

    symbol: str
    status: TradingStatus


@dataclass(frozen=True, slots=True)
class ProposalsChanged:
    """Rolls, splits or renames to be carried over came, changed or went; so many there are."""

    count: int


@dataclass(frozen=True, slots=True)
class HealthMeasured:
    """A second has passed; here is how the desk is."""

    report: HealthReport


@dataclass(frozen=True, slots=True)
class StorageTroubled:
    """Storage began to fail (``reason``) or recovered (``None``)."""

    reason: str | None


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """One setting has another value now."""

    key: str


@dataclass(frozen=True, slots=True)
class ChannelSetUp:
    """The trader gave a channel other settings or credentials: what barred it may be mended."""

    channel: str


@dataclass(frozen=True, slots=True)
class SecretWritten:
    """Somebody (``who``, as the audit log names components) gave a secret another text, or took it out."""

    secret: str
    who: str


@dataclass(frozen=True, slots=True)
class SecretFound:
    """A secret was read for the first time in this run."""

    secret: str


@dataclass(frozen=True, slots=True)
class RotationStepped:
    """The rotation of a secret came to a step (``IDLE`` at its end), or failed in it for a reason."""

    secret: str
    step: RotationStep
    failure: str = ""


@dataclass(frozen=True, slots=True)
class CredentialsSeen:
    """More is known of the credentials than before; or of one of them something else."""


@dataclass(frozen=True, slots=True)
class ReplayMoved:
    """The replay is elsewhere, or goes on in another way; ten times a second at most, and on each change."""

    state: ReplayState


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    """A recording was begun, ended, written to or deleted; once a second while one is written."""

    state: RecordingState


@dataclass(frozen=True, slots=True)
class AuditGrew:
    """The audit log has further entries, up to this number."""

    number: int


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """Somebody else is at the desk, or it was locked."""


Event = (
    AlertRaised
    | AlertsSaved
    | AlertsCounted
    | AlertsAcknowledged
    | DeliveryChanged
    | SilencesChanged
    | FeedChanged
    | BreakerChanged
    | SignInChanged
    | SymbolsFellSilent
    | GapsChanged
    | RulesChanged
    | WatchlistChanged
    | TradingChanged
    | ProposalsChanged
    | HealthMeasured
    | StorageTroubled
    | SettingChanged
    | ChannelSetUp
    | SecretWritten
    | SecretFound
    | RotationStepped
    | CredentialsSeen
    | AccessChanged
    | ReplayMoved
    | RecordingChanged
    | AuditGrew
)
