"""What several rules read is computed once, and no longer than one of them reads it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeVar

from tradeassist_desktop.engine.market.bars import BarStream
from tradeassist_desktop.engine.market.book import FORMULAS, Book
from tradeassist_desktop.engine.market.history import Change, History
from tradeassist_desktop.engine.market.streams import Derived, MovingLevel, Read, Stream
from tradeassist_desktop.engine.operands.specification import BarOperand

Key = Hashable
Drop = Callable[[], None]

_T = TypeVar("_T")
_USERS: Final = 0
_THING: Final = 1
_DROP: Final = 2


class Shared:
    """Streams by what they mean, counted by the rules that read them.

    Each method returns what is asked for, made if it was not there, and notes its key in
    ``keys``, once; ``release`` gives all of them back.

    Args:
        book_of: Returns a symbol's book, made if there was none.
    """

    def __init__(self, *, book_of: Callable[[str], Book]) -> None:
        self._book_of = book_of
        self._entries: dict[Key, list[Any]] = {}

    def release(self, keys: Iterable[Key]) -> None:
        """Give back what a rule has read; what nobody reads any longer is dropped."""
        # The last first: what is computed of others goes before them.
        for key in reversed(tuple(keys)):
            entry = self._entries[key]
            entry[_USERS] -= 1
            if not entry[_USERS]:
                del self._entries[key]
                entry[_DROP]()

    def field(self, symbol: str, name: str, keys: dict[Key, None]) -> Stream:
        """Return a tick field other than ``age``."""
        book = self._book_of(symbol)
        if name not in FORMULAS:
            return book.raw(name)

        def make() -> tuple[Derived, Drop]:
            derived = book.new_field(name)
            return derived, lambda: book.drop_field(derived)

        return self._acquire(("field", symbol, name), make, keys)

    def change(
        self, symbol: str, field: str, duration_ns: int, symbols: Iterable[str], keys: dict[Key, None]
    ) -> Change:
        """Return the change of a field; it goes on with the updates of every one of ``symbols``."""
        stream = self.field(symbol, field, keys)
        book = self._book_of(symbol)

        def make_history() -> tuple[History, Drop]:
            history = History(symbol=symbol, field=field, stream=stream)
            history.step(book.event_ns, [])
            return history, lambda: None

        history = self._acquire(("history", symbol, field), make_history, keys)
        for each in sorted({symbol, *symbols}):
            self._acquire(
                ("history of", symbol, field, each), _hook_history(history, self._book_of(each)), keys
            )

        def make() -> tuple[Change, Drop]:
            change = history.change(duration_ns, book.event_ns)
            return change, lambda: history.forget_change(duration_ns)

        return self._acquire(("change", symbol, field, duration_ns), make, keys)

    def bars(
        self,
        symbol: str,
        timeframe: str,
        operand: Key,
        make_operand: Callable[[], BarOperand],
        bars_needed: int,
        ago: int,
        keys: dict[Key, None],
    ) -> BarStream:
        """Return an operand over closed bars, warmed by those known."""
        series = self._book_of(symbol).want_series(timeframe)
        key = ("bars", symbol, timeframe, operand, ago)

        def make() -> tuple[BarStream, Drop]:
            stream = BarStream(make=make_operand, bars_needed=bars_needed, ago=ago)
            series.add_stream(key, stream)
            return stream, lambda: series.drop_stream(key)

        return self._acquire(key, make, keys)

    def expression(
        self,
        key: Key,
        read: Read,
        symbols: Iterable[str],
        bar_streams: Iterable[BarStream],
        keys: dict[Key, None],
    ) -> Derived:
        """Return a computed value; it goes on with updates of ``symbols`` and bars of ``bar_streams``."""

        def make() -> tuple[Derived, Drop]:
            derived = Derived(read=read)
            for stream in bar_streams:
                stream.derivations[derived] = None
            derived.refresh(max((self._book_of(each).event_ns for each in symbols), default=0), [])
            return derived, lambda: _unhook(derived, bar_streams)

        derived = self._acquire(("expression", key), make, keys)
        for each in symbols:
            self._acquire(("expression of", key, each), _hook_expression(derived, self._book_of(each)), keys)
        return derived

    def moving_level(
        self,
        stream_key: Key,
        stream: Stream,
        key: Key,
        read: Read,
        bar_streams: Iterable[BarStream],
        keys: dict[Key, None],
    ) -> MovingLevel:
        """Return a level made of closed bars on a stream of tick values."""

        def make() -> tuple[MovingLevel, Drop]:
            level = MovingLevel(stream=stream, read=read)
            for each in bar_streams:
                each.derivations[level] = None
            stream.add_moving(level)
            if level.move(0, []):
                stream.put_moving()

            def drop() -> None:
                _unhook(level, bar_streams)
                stream.drop_moving(level)

            return level, drop

        return self._acquire(("level", stream_key, key), make, keys)

    def _acquire(self, key: Key, make: Callable[[], tuple[_T, Drop]], keys: dict[Key, None]) -> _T:
        entry = self._entries.get(key)
        if entry is None:
            thing, drop = make()
            entry = self._entries[key] = [0, thing, drop]
        if key not in keys:
            keys[key] = None
            entry[_USERS] += 1
        found: _T = entry[_THING]
        return found


def _hook_history(history: History, book: Book) -> Callable[[], tuple[None, Drop]]:
    def make() -> tuple[None, Drop]:
        book.add_history(history)
        return None, lambda: book.drop_history(history)

    return make


def _hook_expression(derived: Derived, book: Book) -> Callable[[], tuple[None, Drop]]:
    def make() -> tuple[None, Drop]:
        book.add_expression(derived)
        return None, lambda: book.drop_expression(derived)

    return make


def _unhook(derivation: Derived | MovingLevel, bar_streams: Iterable[BarStream]) -> None:
    for stream in bar_streams:
        stream.derivations.pop(derivation, None)
