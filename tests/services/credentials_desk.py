"""The credentials of a desk: real store, rotation, audit log and channels, over keepers in memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes import MemoryKeeper
from tests.services.rotation.desk import RotationDesk, rotation_desk
from tradeassist_desktop.channels import CHANNELS, build_channels
from tradeassist_desktop.channels.kind import ChannelContext
from tradeassist_desktop.domain.access import OPEN, Gate
from tradeassist_desktop.domain.audit import AuditEntry
from tradeassist_desktop.domain.channels import Receipt
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.secret import SecretKeeper
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.audit.anchoring import Anchoring
from tradeassist_desktop.services.audit.book import AuditBook
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.services.credentials.credential import Credential
from tradeassist_desktop.services.credentials.credentials import Credentials
from tradeassist_desktop.services.credentials.trying import Trying
from tradeassist_desktop.services.rotation.rotators import OwnRotator
from tradeassist_desktop.services.sign_in.sign_in import SignIn
from tradeassist_desktop.storage.audit_store import AuditStore


@dataclass
class CredentialsDesk:
    """What a test looks at and moves."""

    rotation: RotationDesk
    credentials: Credentials
    audit_store: AuditStore
    changed: list[str] = field(default_factory=list)

    def one(self, name: str) -> Credential:
        return next(each for each in self.credentials.all() if each.name == name)

    @property
    def entries(self) -> list[AuditEntry]:
        return self.rotation.trail.entries


@asynccontextmanager
async def credentials_desk(
    folder: Path,
    *,
    keepers: Sequence[SecretKeeper],
    own: Mapping[str, OwnRotator] | None = None,
    sign_in: SignIn | None = None,
    access: Gate = OPEN,
    given: Mapping[str, str] | None = None,
) -> AsyncIterator[CredentialsDesk]:
    async with rotation_desk(folder, keepers=keepers, own=own, given=given, runs=False) as rotation:
        bus, changed = Bus(), list[str]()
        secrets = ChannelSecrets(store=rotation.secrets, clock=SystemClock())
        channels = build_channels(
            ChannelContext(
                settings=rotation.settings,
                read_secret=secrets.read,
                clock=SystemClock(),
                mask=lambda texts: None,
                is_dev=True,
            )
        )

        async def send_test(name: str, message: Message) -> Receipt:
            return await channels[name].send(message)

        store = AuditStore(transactions=rotation.database)
        trail = AuditLog(clock=rotation.clock, mask=SecretMask())
        credentials = Credentials(
            secrets=rotation.secrets,
            rotation=rotation.service,
            audit=AuditBook(
                access=OPEN,
                who=lambda: "admin",
                store=store,
                trail=trail,
                anchoring=Anchoring(
                    store=store,
                    trail=trail,
                    keeper=MemoryKeeper(),
                    clock=rotation.clock,
                    tell=lambda broken: None,
                ),
                clock=rotation.clock,
            ),
            trail=rotation.trail,
            trying=Trying(
                secrets=rotation.secrets,
                settings=rotation.settings,
                channel_setup=ChannelSetup(
                    channels=channels,
                    kinds=CHANNELS,
                    send_test=send_test,
                    settings=rotation.settings,
                    secrets=secrets,
                    bus=bus,
                    clock=rotation.clock,
                ),
                kinds=CHANNELS,
                sign_in=sign_in,
            ),
            sign_in=sign_in,
            on_changed=changed.append,
            access=access,
            bus=bus,
            clock=rotation.clock,
        )
        try:
            yield CredentialsDesk(rotation, credentials, store, changed)
        finally:
            await secrets.close()
            for channel in channels.values():
                await channel.close()
