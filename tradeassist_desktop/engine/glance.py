"""A rule that is being written, looked at over the market as it is known: it decides nothing."""

from collections.abc import Callable

from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.shared import Shared
from tradeassist_desktop.engine.telling.explaining import explain
from tradeassist_desktop.engine.telling.sample import sample_message


class Glance:
    """Reads the very streams that rules at work read; no update touches it, and nobody hears of it.

    A crossing is true in the look that finds it crossed since the look before.

    Args:
        instance: Compiled apart.
        shared: What its streams are taken from, and given back to.
        book_of: Returns a symbol's book, made if there was none.
        clock_ns: Returns the event clock.
    """

    def __init__(
        self,
        *,
        instance: Instance,
        shared: Shared,
        book_of: Callable[[str], Book],
        clock_ns: Callable[[], int],
    ) -> None:
        self._instance = instance
        self._shared = shared
        self._book_of = book_of
        self._clock_ns = clock_ns
        self._is_open = True

    def look(self) -> Explanation:
        """Return every comparison with its values and truth now."""
        instance, now_ns = self._instance, self._clock_ns()
        instance.blind = {book.symbol: book.blind for book in instance.books if book.blind is not None}
        instance.root.evaluate(now_ns)
        return explain(instance, now_ns)

    def message(self) -> Message:
        """Return what it would say if it fired now."""
        return sample_message(self._instance, self._clock_ns(), self._book_of)

    def close(self) -> None:
        """Give back what only this has read; what stays open goes on being computed with every update."""
        if self._is_open:
            self._is_open = False
            self._instance.unhook(self._shared)
