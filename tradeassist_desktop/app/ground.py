"""What a desk's services are built on."""

from collections.abc import Mapping
from dataclasses import dataclass

from tradeassist_desktop.app.ending import Ending
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.side_by_side import SideBySide
from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.channels import Channel
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.recordings.replaying import Replaying
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.storage import runs
from tradeassist_desktop.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All that is there before any service.

    Args:
        replay: What moves the main source; ``None`` where that is live.
    """

    launch: Launch
    settings: Settings
    secrets: SecretStore
    channels: Mapping[str, Channel]
    channel_secrets: ChannelSecrets
    clock: Clock
    bus: Bus
    breakers: Breakers
    database: Database
    audit: AuditLog
    access: Gate
    run: runs.Run
    sources: SideBySide
    replay: Replaying | None
    ending: Ending
