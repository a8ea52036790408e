"""Only rotations of secrets, for commands that work without a desk."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from tradeassist_desktop.app.audit_trail import audit_trail
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.rotation_parts import build_rotation
from tradeassist_desktop.app.secret_places import open_secrets
from tradeassist_desktop.channels.slack_tokens import SlackTokens
from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.secret import SLACK_BOT
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.rotation.rotation import RotationService
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.rotations import RotationStore

_FINISH_S = 30.0


class NoNotices:
    """Tells nothing: who asked reads the outcome."""

    def tell(
        self, key: str, title: str, text: str, priority: Priority, *, about_ns: int | None = None
    ) -> str:
        """Return no alert's id."""
        return ""


@asynccontextmanager
async def rotation_desk(launch: Launch, bus: Bus, *, access: Gate) -> AsyncIterator[RotationService]:
    """Yield what replaces secrets when asked to; its scheduler does not run. The folder is this run's.

    Args:
        access: Asked before a person's change.

    Raises:
        TradeAssistError: the database cannot be used.
    """
    clock = SystemClock()
    settings = Settings(
        file=launch.places.settings,
        overrides=launch.overrides,
        environment=launch.environment,
        is_dev=launch.is_dev,
    )
    async with AsyncExitStack() as stack:
        audit = await stack.enter_async_context(audit_trail(launch, clock=clock))
        database = Database(path=launch.places.database, now_ns=clock.now_ns)
        stack.push_async_callback(database.stop)
        await database.start()
        secrets = await stack.enter_async_context(
            open_secrets(launch=launch, settings=settings, trail=audit, clock=clock)
        )
        service = build_rotation(
            secrets=secrets,
            kept=RotationStore(database=database),
            own={SLACK_BOT: SlackTokens(settings=settings, clock=clock)},
            key=secrets.copies,
            settings=settings,
            notices=NoNotices(),
            settle=_settle_nothing,
            on_replaced=lambda secret: None,
            audit=audit,
            access=access,
            bus=bus,
            clock=clock,
            masked=launch.mask,
        )
        try:
            yield service
        finally:
            await service.stop(drain_s=_FINISH_S)


async def _settle_nothing(alert_ids: Sequence[str]) -> None:
    """Do nothing: nothing was told."""
