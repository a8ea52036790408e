"""Builds what replaces secrets: the same for the desk and for the command line."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.channels.kind import ChannelKind
from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.audit import AuditTrail
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.rotation.journal import Journal, KeptRotations
from tradeassist_desktop.services.rotation.kept_secrets import KeptSecrets
from tradeassist_desktop.services.rotation.key_rotation import KeyHolder, KeyRotation
from tradeassist_desktop.services.rotation.policies import Policies
from tradeassist_desktop.services.rotation.rotation import RotationService
from tradeassist_desktop.services.rotation.rotators import OwnRotator, Rotators
from tradeassist_desktop.services.rotation.sight import Sight
from tradeassist_desktop.services.rotation.telling import RotationNotices, Tells
from tradeassist_desktop.services.rotation.two_phase import TwoPhase
from tradeassist_desktop.services.rotation.works import Works
from tradeassist_desktop.services.settings import Settings


def build_rotation(
    *,
    secrets: SecretStore,
    kept: KeptRotations,
    own: Mapping[str, OwnRotator],
    key: KeyHolder | None,
    settings: Settings,
    notices: Tells,
    settle: Callable[[Sequence[str]], Awaitable[None]],
    on_replaced: Callable[[str], None],
    audit: AuditTrail,
    access: Gate,
    bus: Bus,
    clock: Clock,
    masked: Callable[[str], str] = str,
) -> RotationService:
    """Return the service.

    Args:
        own: The program's rotators, by the secrets they are for.
        key: What has the key of the secrets' copies on this computer; ``None`` where there are none.
        settle: Marks alerts as seen, by their ids.
        on_replaced: Told the name of each secret that is another now.
        masked: Takes known secrets out of what is stored and told of a failure.
    """
    rotators = Rotators(own=own, clock=clock)
    policies = Policies(settings=settings, rotators=rotators)
    journal = Journal(store=kept, audit=audit, bus=bus, clock=clock, masked=masked)
    asked = KeptSecrets(store=secrets, clock=clock)
    told = RotationNotices(notices=notices, settle=settle, clock=clock)
    return RotationService(
        journal=journal,
        works=Works(
            journal=journal,
            two_phase=TwoPhase(secrets=asked, journal=journal, clock=clock),
            key=None if key is None else KeyRotation(holder=key, journal=journal, clock=clock),
            notices=told,
            on_replaced=on_replaced,
        ),
        sight=Sight(
            secrets=asked,
            rotators=rotators,
            policy=policies.of,
            has_key=lambda: key is not None and key.has_key,
            clock=clock,
        ),
        policies=policies,
        notices=told,
        access=access,
        is_expected=lambda name: _is_expected(name, settings),
        bus=bus,
        clock=clock,
    )


def _is_expected(secret: str, settings: Settings) -> bool:
    """Return whether a channel that uses a secret is set up, or all are kept in Secret Manager."""
    if SecretManagerPlace.of(settings.text).is_set:
        return True
    fields = [field for kind in CHANNELS.values() for field in kind.fields if _uses(kind, secret)]
    return any(settings.get(field.key) != setting(field.key).default for field in fields if not field.secret)


def _uses(kind: ChannelKind, secret: str) -> bool:
    return any(field.secret == secret for field in kind.fields)
