"""What one connection subscribed: keys and fields by service, and what a command does to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tradeassist_desktop.simulator.board import Board, Shown
from tradeassist_desktop.simulator.fields import FIELD_NUMBERS, SERVICES
from tradeassist_desktop.simulator.layout import Layout
from tradeassist_desktop.simulator.past.candles import Candle

SUCCESS: Final = 0
LOGIN_DENIED: Final = 3
SERVICE_NOT_AVAILABLE: Final = 11
CLOSE_CONNECTION: Final = 12
SYMBOL_LIMIT: Final = 19
NOT_CONNECTED: Final = 20
BAD_COMMAND: Final = 21
STOP_STREAMING: Final = 30
FAILED: Final[Mapping[str, int]] = {"SUBS": 22, "UNSUBS": 23, "ADD": 24, "VIEW": 25}
"""The code with which each subscription command fails."""

Item = dict[str, object]
"""One content item of a data frame."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command is answered with, and the keys that are new by it."""

    code: int
    text: str
    fresh: tuple[str, ...] = ()


class Subscriptions:
    """Keys and fields of one connection.

    Args:
        symbol_limit: Keys of one service; more are discarded.
    """

    def __init__(self, *, board: Board, symbol_limit: int) -> None:
        self._board = board
        self._symbol_limit = symbol_limit
        self._keys: dict[str, dict[str, None]] = {service: {} for service in SERVICES}
        self._layouts = {service: Layout(service=service, numbers=()) for service in SERVICES}
        self._sequences = dict.fromkeys(SERVICES, 0)
        self._awaits_snapshot: set[str] = set()

    @property
    def symbols(self) -> frozenset[str]:
        """Return the keys of all services."""
        return frozenset(key for keys in self._keys.values() for key in keys)

    def of(self, service: str) -> tuple[str, ...]:
        """Return the keys of one service, in the order they came."""
        return tuple(self._keys[service])

    def change(self, service: str, command: str, parameters: Mapping[str, str]) -> Outcome:
        """Do what a command says.

        Args:
            service: One of ``SERVICES``.
            command: A key of ``FAILED``.
        """
        named = [key for key in (part.strip() for part in parameters.get("keys", "").split(",")) if key]
        numbers = [int(part) for part in parameters.get("fields", "").split(",") if part.strip().isdigit()]
        lacks_keys = command != "VIEW" and not named
        lacks_fields = command != "UNSUBS" and not numbers
        if lacks_keys or lacks_fields:
            return Outcome(FAILED[command], f"{command} command failed")
        if command != "UNSUBS":
            self._layouts[service] = Layout(service=service, numbers=numbers)
        keys = self._keys[service]
        before = set(keys)
        if command == "SUBS":
            keys.clear()
        if command == "UNSUBS":
            for key in named:
                keys.pop(key, None)
        elif command != "VIEW":
            keys.update(dict.fromkeys(named))
        discarded = list(keys)[self._symbol_limit :]
        for key in discarded:
            del keys[key]
        self._awaits_snapshot &= self.symbols
        fresh = tuple(key for key in keys if command == "SUBS" or key not in before)
        if discarded:
            limits = f"({service}={self._symbol_limit}, DISCARDED={len(discarded)})"
            return Outcome(SYMBOL_LIMIT, f"Symbol limit reached {limits}", fresh)
        return Outcome(SUCCESS, f"{command} command succeeded", fresh)

    def snapshots(self, service: str, keys: Iterable[str], *, is_delayed: bool) -> list[Item]:
        """Return the first items of those keys that the board has something to show of.

        The others' first update will be their snapshot. An unknown key was acknowledged like
        any other and stays silent for ever; so does one of another service.
        """
        if service not in FIELD_NUMBERS:
            return []
        listed = [key for key in keys if self._board.services.get(key) == service]
        self._awaits_snapshot.update(key for key in listed if not self._board.shown(key))
        return [self._snapshot(service, key, is_delayed) for key in listed if self._board.shown(key)]

    def update(self, symbol: str, shown: Shown, *, is_delayed: bool) -> tuple[str, Item] | None:
        """Return service and item of one update, already on the board; ``None`` if it is not subscribed."""
        service = self._board.services[symbol]
        if symbol not in self._keys[service]:
            return None
        if symbol in self._awaits_snapshot:
            self._awaits_snapshot.discard(symbol)
            return service, self._snapshot(service, symbol, is_delayed)
        return service, self._layouts[service].delta(symbol, shown)

    def bar(self, service: str, symbol: str, candle: Candle) -> Item:
        """Return the item of one finished minute of a subscribed chart, numbered."""
        item = self._layouts[service].bar(symbol, candle, self._sequences[service])
        self._sequences[service] += 1
        return item

    def _snapshot(self, service: str, symbol: str, is_delayed: bool) -> dict[str, Any]:
        board = self._board
        return self._layouts[service].snapshot(
            board.listings[symbol], board.words(symbol), board.shown(symbol), is_delayed=is_delayed
        )
