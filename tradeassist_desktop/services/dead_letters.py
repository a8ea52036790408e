"""What did not surely arrive and is not tried any more: to be seen, sent again, or put away."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Delivery, DeliveryKey
from tradeassist_desktop.services.changes import Change
from tradeassist_desktop.storage import dead_letters
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
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self._database = database
        self._resend = resend
        self._discarded: set[DeliveryKey] = set()

    async def newest(self) -> tuple[DeadLetter, ...]:
        """Return the newest ``SHOWN`` of them, newest first; none sent again or put away since."""
        rows = await self._database.read(partial(dead_letters.given_up, limit=SHOWN))
        return tuple(DeadLetter(alert, delivery) for alert, delivery in rows)

    async def resend(self, keys: Sequence[DeliveryKey]) -> int:
        """Send them again, each to its channel alone; return how many are on their way."""
        self._access.require(Act.RESEND)
        return len(await self._resend(keys))

    async def discard(self, keys: Sequence[DeliveryKey]) -> None:
        """Put them away: they are listed no more, and stay in the history of their alerts.

        Raises:
            StorageFailed: it could not be kept; they are listed still.
        """
        self._access.require(Act.RESEND)
        await self._database.run(lambda connection: dead_letters.discard(connection, keys), durable=True)
        self._discarded.update(keys)

    async def take_back(self, keys: Sequence[DeliveryKey]) -> None:
        """List them again; raises as ``discard`` does."""
        self._access.require(Act.RESEND)
        await self._database.run(lambda connection: dead_letters.take_back(connection, keys), durable=True)
        self._discarded.difference_update(keys)

    def are_discarded(self, keys: Sequence[DeliveryKey]) -> bool:
        """Whether all of these were put away in this run."""
        return self._discarded.issuperset(keys)


class Discarding:
    """Dead letters put away, as a change with a way back."""

    def __init__(self, *, letters: DeadLetters, keys: Sequence[DeliveryKey], words: str) -> None:
        self._letters = letters
        self._keys = tuple(keys)
        self._words = words

    @property
    def words(self) -> str:
        """What it does, as an order."""
        return self._words

    @property
    def is_done(self) -> bool:
        """Whether they are put away."""
        return self._letters.are_discarded(self._keys)

    @property
    def is_undone(self) -> bool:
        """Whether they are not."""
        return not self.is_done

    async def do(self) -> None:
        """Put them away.

        Raises:
            StorageFailed: it could not be kept; they are listed still.
        """
        await self._letters.discard(self._keys)

    async def undo(self) -> None:
        """List them again; raises as ``do`` does."""
        await self._letters.take_back(self._keys)

    def joined(self, later: Change) -> Change | None:
        """Return ``None``: each choice is a change of its own."""
        return None
