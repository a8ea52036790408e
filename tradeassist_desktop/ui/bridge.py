"""Carries events of the bus to Qt signals; alerts are gathered per frame."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from tradeassist_desktop.domain.delivery import Delivery
from tradeassist_desktop.domain.events import (
    AccessChanged,
    AlertRaised,
    AlertsAcknowledged,
    AlertsCounted,
    AlertsSaved,
    AuditGrew,
    BreakerChanged,
    ChannelSetUp,
    CredentialsSeen,
    DeliveryChanged,
    FeedChanged,
    GapsChanged,
    HealthMeasured,
    HistoryGrew,
    ProposalsChanged,
    RecordingChanged,
    ReplayMoved,
    RotationStepped,
    RulesChanged,
    SecretWritten,
    SettingChanged,
    SignInChanged,
    SilencesChanged,
    StorageTroubled,
    TradingChanged,
    VerdictsGiven,
    WatchlistChanged,
    WorthLearned,
)
from tradeassist_desktop.runtime.bus import Bus

_FRAME_MS: Final = 100
_APART_MS: Final = 250
"""Between two frames: in a storm, lists drawn anew ten times a second took a tenth of the loop's time."""


class Bridge(QObject):
    """Panels connect here. Ends its subscriptions with ``close``."""

    alerts_raised = Signal(list)
    """A frame's ``AlertRaised``, in order."""
    alerts_changed = Signal()
    """Raised, acknowledged, counted again, or a delivery moved on: records of history differ from before."""
    alerts_acknowledged = Signal(tuple)
    """The ids of alerts that were acknowledged just now."""
    deliveries_changed = Signal(list)
    """A frame's changed ``Delivery`` values, in order."""
    audit_grew = Signal()
    breaker_changed = Signal(object)
    channel_set_up = Signal(str)
    """A channel was given other settings or credentials."""
    credentials_seen = Signal()
    """More is known of the credentials."""
    feed_changed = Signal(object)
    gaps_changed = Signal()
    """The ledger of gaps differs from before, once a frame."""
    history_grew = Signal(str, str)
    """More of the past of a symbol and timeframe can be read."""
    recording_changed = Signal(object)
    replay_moved = Signal(object)
    rotation_stepped = Signal(object)
    secret_written = Signal(str)
    """Somebody gave this secret another text, or took it out."""
    sign_in_changed = Signal(object)
    rules_changed = Signal(tuple)
    watchlist_changed = Signal(tuple)
    health_measured = Signal(object)
    storage_troubled = Signal(object)
    setting_changed = Signal(str)
    silences_changed = Signal()
    """Something was snoozed, muted or paused, or is no longer."""
    trading_changed = Signal(str)
    """A symbol was halted, or trades again."""
    proposals_changed = Signal()
    worth_changed = Signal()
    """Verdicts were given, or alerts are scored by something else."""
    access_changed = Signal()
    """Somebody else is at the desk, or it was locked."""

    def __init__(self, *, bus: Bus, parent: QObject) -> None:
        super().__init__(parent)
        self._raised: list[AlertRaised] = []
        self._deliveries: list[Delivery] = []
        self._are_alerts_changed = False
        self._are_gaps_changed = False
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.timeout.connect(self._flush)
        self._since_last = QElapsedTimer()
        self._unsubscribe: list[Callable[[], None]] = [
            bus.subscribe(AlertRaised, self._on_alert),
            bus.subscribe(AlertsAcknowledged, self._on_acknowledged),
            bus.subscribe(AlertsSaved, self._on_records_changed),
            bus.subscribe(AlertsCounted, self._on_records_changed),
            bus.subscribe(DeliveryChanged, self._on_delivery),
            bus.subscribe(AuditGrew, lambda event: self.audit_grew.emit()),
            bus.subscribe(BreakerChanged, lambda event: self.breaker_changed.emit(event.reading)),
            bus.subscribe(ChannelSetUp, lambda event: self.channel_set_up.emit(event.channel)),
            bus.subscribe(CredentialsSeen, lambda event: self.credentials_seen.emit()),
            bus.subscribe(FeedChanged, lambda event: self.feed_changed.emit(event.status)),
            bus.subscribe(GapsChanged, self._on_gaps_changed),
            bus.subscribe(HistoryGrew, lambda event: self.history_grew.emit(event.symbol, event.timeframe)),
            bus.subscribe(RecordingChanged, lambda event: self.recording_changed.emit(event.state)),
            bus.subscribe(ReplayMoved, lambda event: self.replay_moved.emit(event.state)),
            bus.subscribe(RotationStepped, self.rotation_stepped.emit),
            bus.subscribe(SecretWritten, lambda event: self.secret_written.emit(event.secret)),
            bus.subscribe(SignInChanged, lambda event: self.sign_in_changed.emit(event.status)),
            bus.subscribe(RulesChanged, lambda event: self.rules_changed.emit(event.uids)),
            bus.subscribe(WatchlistChanged, lambda event: self.watchlist_changed.emit(event.symbols)),
            bus.subscribe(HealthMeasured, lambda event: self.health_measured.emit(event.report)),
            bus.subscribe(StorageTroubled, lambda event: self.storage_troubled.emit(event.reason)),
            bus.subscribe(TradingChanged, lambda event: self.trading_changed.emit(event.symbol)),
            bus.subscribe(ProposalsChanged, lambda event: self.proposals_changed.emit()),
            bus.subscribe(SilencesChanged, lambda event: self.silences_changed.emit()),
            bus.subscribe(SettingChanged, lambda event: self.setting_changed.emit(event.key)),
            bus.subscribe(VerdictsGiven, lambda event: self.worth_changed.emit()),
            bus.subscribe(WorthLearned, lambda event: self.worth_changed.emit()),
            bus.subscribe(AccessChanged, lambda event: self.access_changed.emit()),
        ]

    def close(self) -> None:
        """Hear no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self._frame.stop()

    def _on_alert(self, event: AlertRaised) -> None:
        self._raised.append(event)
        self._due()

    def _on_delivery(self, event: DeliveryChanged) -> None:
        self._deliveries.append(event.delivery)
        self._due()

    def _on_acknowledged(self, event: AlertsAcknowledged) -> None:
        self._on_records_changed(event)
        self._frame.start(_FRAME_MS)  # the trader's own doing shows at once, also in a storm
        if event.is_acknowledged:
            self.alerts_acknowledged.emit(event.alert_ids)

    def _on_records_changed(self, event: AlertsAcknowledged | AlertsSaved | AlertsCounted) -> None:
        self._are_alerts_changed = True
        self._due()

    def _on_gaps_changed(self, event: GapsChanged) -> None:
        self._are_gaps_changed = True
        self._due()

    def _due(self) -> None:
        if not self._frame.isActive():
            is_first = not self._since_last.isValid()
            left_ms = 0 if is_first else _APART_MS - self._since_last.elapsed()
            self._frame.start(max(_FRAME_MS, left_ms))

    def _flush(self) -> None:
        self._since_last.start()
        raised, self._raised = self._raised, []
        deliveries, self._deliveries = self._deliveries, []
        are_changed, self._are_alerts_changed = self._are_alerts_changed, False
        are_gaps_changed, self._are_gaps_changed = self._are_gaps_changed, False
        if are_gaps_changed:
            self.gaps_changed.emit()
        if raised:
            self.alerts_raised.emit(raised)
        if deliveries:
            self.deliveries_changed.emit(deliveries)
        if raised or are_changed or deliveries:
            self.alerts_changed.emit()
