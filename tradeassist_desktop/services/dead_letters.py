"""What did not surely arrive and is not tried any more: to be seen, and to be sent again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Delivery, DeliveryKey
from tradeassist_desktop.storage import outbox
from tradeassist_desktop.storage.database import Database

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One delivery that was given up, and the alert it was of."""

    alert: Alert
    delivery: Delivery


class DeadLetters:
    """Asks the outbox.

    Args:
        resend: Announces alerts once more on the channels of these deliveries.
    """

    def __init__(
        self,
        *,
        database: Database,
        resend: Callable[[Sequence[DeliveryKey]], Awaitable[tuple[Delivery, ...]]],
    ) -> None:
        self._database = database
        self._resend = resend

    async def newest(self) -> tuple[DeadLetter, ...]:
        """Return the newest ``SHOWN`` of them, the newest first; none that was sent again since."""
        rows = await self._database.read(partial(outbox.given_up, limit=SHOWN))
        return tuple(DeadLetter(alert, delivery) for alert, delivery in rows)

    async def resend(self, keys: Sequence[DeliveryKey]) -> int:
        """Send them again, each to its channel alone; return how many are on their way."""
        return len(await self._resend(keys))
