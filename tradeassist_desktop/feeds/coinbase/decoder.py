"""Coinbase Exchange's messages into ticks: no I/O, and no date parsed per message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Final

import msgspec

from tradeassist_desktop.domain.market import NS_PER_SECOND, BadFrame, Tick

_AHEAD_AT_MOST_NS: Final = 60 * NS_PER_SECOND
_MINUTE: Final = len("2024-07-02T13:30")
_MICROSECONDS: Final = len("2024-07-02T13:30:00.061769Z")
_NANOSECOND_DIGITS: Final = 9
_NO_SESSION: Final = (None,) * 5


class Ticker(msgspec.Struct, tag_field="type", tag="ticker"):
    """The last trade with the best bid and ask after it; the first after a subscription is a snapshot.

    A cascade (one order that meets several others) makes one ticker, of its last trade, so trade
    ids may skip. The rolling figures (``open_24h``, ``high_24h``, ``low_24h``, ``volume_24h``) are
    those of no session and are not read (see ``coinbase_days``). Nor is there a cumulative volume:
    a bar's is the sum of the sizes that tickers tell.
    """

    product_id: str
    price: float
    time: str = ""
    sequence: int | None = None
    trade_id: int | None = None
    last_size: float | None = None
    best_bid: float | None = None
    best_bid_size: float | None = None
    best_ask: float | None = None
    best_ask_size: float | None = None


class Heartbeat(msgspec.Struct, tag_field="type", tag="heartbeat"):
    """Comes every second for each product; ``last_trade_id`` is 0 where Coinbase does not tell."""

    product_id: str
    time: str = ""
    last_trade_id: int = 0


class Channel(msgspec.Struct):
    """The products subscribed in a channel."""

    name: str
    product_ids: list[str] = []


class Subscriptions(msgspec.Struct, tag_field="type", tag="subscriptions"):
    """All that is subscribed now, after any command that was understood."""

    channels: list[Channel] = []


class Refusal(msgspec.Struct, tag_field="type", tag="error"):
    """What Coinbase could not do: ``ETH-XYZ is not a valid product``."""

    message: str = ""
    reason: str = ""

    @property
    def text(self) -> str:
        """The sentences as one."""
        return ": ".join(part for part in (self.message, self.reason) if part)


Message = Ticker | Heartbeat | Subscriptions | Refusal


class _AnyMessage(msgspec.Struct):
    type: str


@dataclass(slots=True)
class _Newest:
    """What was last taken of a product; ``sequence`` since it was subscribed."""

    event_ns: int
    trade_id: int | None
    sequence: int | None


class CoinbaseDecoder:
    """Turns frames into messages, and tickers into ticks without repetitions.

    ``repeats`` counts tickers left out because a newer one of the product had come before.
    """

    def __init__(self) -> None:
        # Not strict: prices are written as texts. What is no number is refused all the same.
        self._decoder = msgspec.json.Decoder(Message, strict=False)
        self._time = _Time()
        self._newest: dict[str, _Newest] = {}
        self.repeats = 0

    def begin(self, symbols: Iterable[str]) -> None:
        """Expect a snapshot of these products next: they are being subscribed."""
        for symbol in symbols:
            if symbol in self._newest:
                self._newest[symbol].sequence = None

    def read(self, frame: bytes) -> Message | None:
        """Return the frame's message; ``None`` for kinds that were not asked for.

        Raises:
            BadFrame: it cannot be read.
        """
        try:
            message: Message = self._decoder.decode(frame)
        except msgspec.ValidationError as error:
            if _is_of_another_kind(frame):
                return None
            raise BadFrame(str(error)) from None
        except (ValueError, RecursionError) as error:
            raise BadFrame(str(error)) from None
        return message

    def decode(self, frame: bytes, received_ns: int) -> Sequence[Tick]:
        """Return the frame's tick, if it has one.

        Raises:
            BadFrame: it cannot be read.
        """
        message = self.read(frame)
        tick = self.tick(message, received_ns) if isinstance(message, Ticker) else None
        return () if tick is None else (tick,)

    def tick(self, ticker: Ticker, received_ns: int) -> Tick | None:
        """Return what a ticker says that is new; ``None`` if it is out of its order.

        The trade of a snapshot that was heard before the connection broke is left out of it: it
        must not be counted twice. A stamp that is yet to come is for the intake to judge, which also
        knows when it is this computer's clock that is wrong; here it must not stand for later tickers.

        Raises:
            BadFrame: a number is not finite, or the stamp is none.
        """
        bid, ask = ticker.best_bid, ticker.best_ask
        size, bid_size, ask_size = ticker.last_size, ticker.best_bid_size, ticker.best_ask_size
        # A sum is not finite if one of its parts is not.
        numbers = ticker.price + (bid or 0.0) + (ask or 0.0) + (size or 0.0)
        if not isfinite(numbers + (bid_size or 0.0) + (ask_size or 0.0)):
            raise BadFrame(f"a number of {ticker.product_id} is not finite")
        event_ns = self._time.ns(ticker.time) if ticker.time else received_ns
        is_ahead = believable_ns(event_ns, received_ns) != event_ns
        product, trade_id, sequence = ticker.product_id, ticker.trade_id, ticker.sequence
        newest = self._newest.get(product)
        is_known_trade = False
        if newest is None:
            newest = self._newest[product] = _Newest(0 if is_ahead else event_ns, trade_id, sequence)
        else:
            if event_ns < newest.event_ns or (
                sequence is not None and newest.sequence is not None and sequence <= newest.sequence
            ):
                self.repeats += 1
                return None
            is_known_trade = trade_id is not None and trade_id == newest.trade_id
            newest.trade_id, newest.sequence = trade_id, sequence
            if not is_ahead:
                newest.event_ns = event_ns
        price: float | None = ticker.price
        trade_ns: int | None = event_ns
        if is_known_trade:
            price = size = trade_ns = None
        prices = (price, bid, ask, size, bid_size, ask_size)
        # Straight to the tuple: by the names of its fields it takes three times as long.
        return tuple.__new__(Tick, (product, event_ns, received_ns, *prices, *_NO_SESSION, trade_ns))

    def ns(self, text: str) -> int:
        """Return a stamp such as ``2024-07-02T13:30:00.061769Z``, UTC nanoseconds.

        Raises:
            BadFrame: it is none.
        """
        return self._time.ns(text)


def believable_ns(event_ns: int, received_ns: int) -> int:
    """Return a stamp, or the arrival where it is of over a minute later."""
    return event_ns if event_ns <= received_ns + _AHEAD_AT_MOST_NS else received_ns


class _Time:
    """Reads stamps; remembers the last minute, for most stamps are of the same one."""

    def __init__(self) -> None:
        self._minute = ""
        self._minute_ns = 0

    def ns(self, text: str) -> int:
        try:
            minute, second, fraction = text[:_MINUTE], text[_MINUTE + 1 : _MINUTE + 3], text[_MINUTE + 4 :]
            if minute != self._minute:
                moment = datetime.strptime(minute, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC)
                self._minute_ns = int(moment.timestamp()) * NS_PER_SECOND
                self._minute = minute
            digits = fraction[:-1] or "0"
            if not (text.endswith("Z") and second.isdecimal() and digits.isdecimal()):
                raise ValueError
            if len(text) == _MICROSECONDS:  # the usual
                return self._minute_ns + int(second) * NS_PER_SECOND + int(digits) * 1000
            part_ns = int(digits[:_NANOSECOND_DIGITS].ljust(_NANOSECOND_DIGITS, "0"))
            return self._minute_ns + int(second) * NS_PER_SECOND + part_ns
        except ValueError:
            raise BadFrame(f"{text[:40]!r} is no time") from None


def _is_of_another_kind(frame: bytes) -> bool:
    try:
        kind = msgspec.json.decode(frame, type=_AnyMessage).type
    except (ValueError, RecursionError):
        return False
    return kind not in ("ticker", "heartbeat", "subscriptions", "error")
