"""In which order a channel's messages go out, and when they are put together."""

from collections import deque

from tradeassist_desktop.services.delivery.item import Batch, Item


class WaitingLine:
    """Items in the order they came, until there are more than ``digest_above``.

    Then those of urgent alerts go first, each by itself; only more than ``digest_above`` of them make
    a digest of their own. All others go out as one digest: an urgent alert is never a line among them.
    """

    def __init__(self, *, digest_above: int) -> None:
        self._digest_above = max(1, digest_above)
        self._urgent: deque[Item] = deque()
        self._others: deque[Item] = deque()
        self._count = 0

    def __len__(self) -> int:
        return len(self._urgent) + len(self._others)

    def add(self, item: Item) -> None:
        """Put an item at the end."""
        self._count += 1
        item.order = self._count
        (self._urgent if item.is_urgent else self._others).append(item)

    def oldest_ns(self) -> int | None:
        """Return when the first that waits was planned; ``None`` for none."""
        heads = [line[0].delivery.created_ns for line in (self._urgent, self._others) if line]
        return min(heads, default=None)

    def take(self) -> Batch:
        """Return what is to go out next; there must be something."""
        if len(self) <= self._digest_above:
            heads = [line for line in (self._urgent, self._others) if line]
            return Batch((min(heads, key=lambda line: line[0].order).popleft(),))
        if 0 < len(self._urgent) <= self._digest_above:
            return Batch((self._urgent.popleft(),))
        line = self._urgent or self._others
        batch = Batch(tuple(line))
        line.clear()
        return batch
