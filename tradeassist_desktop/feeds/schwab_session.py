"""The talk on one connection to Schwab's streamer: login, then subscriptions, one command at a time."""

import asyncio
import itertools
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.health import Remedy
from tradeassist_desktop.feeds.failures import ConnectionLost, FeedRefused
from tradeassist_desktop.feeds.schwab_fields import ITEMS, REQUESTED, service_of
from tradeassist_desktop.feeds.schwab_frames import Answer, Content
from tradeassist_desktop.feeds.streaming import Send
from tradeassist_desktop.feeds.wanted import Wanted

log = logging.getLogger(__name__)

_SUCCESS: Final = frozenset({0, 26, 27, 28, 29})
LOGIN_DENIED: Final = 3
_NOT_AVAILABLE: Final = 11
_OTHER_CONNECTION: Final = 12
_SYMBOL_LIMIT: Final = 19
_BAD_COMMAND: Final = 21
_COMMAND_FAILED: Final = frozenset({22, 23, 24, 25})
_STOP_STREAMING: Final = 30
_SERVICE_WORDS: Final[Mapping[str, str]] = {
    "LEVELONE_EQUITIES": "shares and indices",
    "LEVELONE_FUTURES": "futures",
}


@dataclass(frozen=True, slots=True)
class StreamerInfo:
    """What ``userPreference`` says a streaming client needs."""

    url: str
    customer_id: str
    correlation_id: str
    channel: str
    function_id: str


def refuse_or_lose(content: Content) -> None:
    """Act on a notice's code, whatever service it names.

    Raises:
        FeedRefused: another program is connected as this user (12).
        ConnectionLost: any other code that ends a stream.
    """
    if content.code == _OTHER_CONNECTION:
        raise FeedRefused(
            "Another program is connected to Schwab with your login, and Schwab allows one. "
            "Taking over here ends the other one's stream.",
            remedy=Remedy.TAKE_OVER,
        )
    if content.code == _STOP_STREAMING:
        raise ConnectionLost("Schwab stopped the stream")
    if content.code not in _SUCCESS:
        raise ConnectionLost(f"Schwab sent notice {content.code}")


class SchwabSession:
    """One connection's commands, serialised: the next goes out when the last is answered.

    Args:
        answer_s: An answer later than this many seconds means the connection is not sound.
    """

    def __init__(self, *, info: StreamerInfo, send: Send, answer_s: float) -> None:
        self._info = info
        self._send = send
        self._answer_s = answer_s
        self._ids = itertools.count(1)
        self._waiting: tuple[str, asyncio.Future[Content]] | None = None
        self._subscribed: dict[str, set[str]] = {service: set() for service in ITEMS}
        self._is_open: dict[str, bool] = dict.fromkeys(ITEMS, True)
        self._troubles: dict[str, str] = {}

    @property
    def troubles(self) -> tuple[str, ...]:
        """Return what is not as asked for, in sentences for the trader."""
        return tuple(self._troubles.values())

    def on_answer(self, answer: Answer) -> None:
        """Take the answer to a command; late ones, to commands given up, are ignored."""
        if self._waiting is not None and str(answer.requestid) == self._waiting[0]:
            future = self._waiting[1]
            if not future.done():
                future.set_result(answer.content)

    async def log_in(self, access_token: str) -> None:
        """Present the access token.

        Raises:
            ConnectionLost: it was not accepted, or not answered.
        """
        parameters = {
            "Authorization": access_token,
            "SchwabClientChannel": self._info.channel,
            "SchwabClientFunctionId": self._info.function_id,
        }
        content = await self._command("ADMIN", "LOGIN", parameters)
        if content.code == LOGIN_DENIED:
            raise ConnectionLost("Schwab denied the login")
        if content.code not in _SUCCESS:
            refuse_or_lose(content)

    async def keep_subscribed(self, wanted: Wanted, on_settled: Callable[[], None]) -> None:
        """Make the subscriptions what is wanted, and again at each change, until cancelled.

        ``on_settled`` is called each time they agree.
        """
        while True:
            wanted.changed.clear()
            for service in ITEMS:
                symbols = {symbol for symbol in wanted.symbols if service_of(symbol) == service}
                await self._bring_to(service, symbols)
            if not wanted.changed.is_set():
                on_settled()
                await wanted.changed.wait()

    async def _bring_to(self, service: str, symbols: set[str]) -> None:
        if not self._is_open[service]:
            return
        current = self._subscribed[service]
        if service in self._troubles and symbols and symbols != current:
            # Which keys were taken is not known, so the whole set is asked for anew.
            await self._subscribe(service, "SUBS", symbols)
            self._subscribed[service] = symbols
            return
        gone, fresh = current - symbols, symbols - current
        if gone:
            await self._subscribe(service, "UNSUBS", gone)
        if fresh:
            # SUBS replaces all keys of the service, so it is only right where there are none.
            await self._subscribe(service, "ADD" if current - gone else "SUBS", fresh)
        self._subscribed[service] = symbols

    async def _subscribe(self, service: str, command: str, symbols: set[str]) -> None:
        parameters = {"keys": ",".join(sorted(symbols))}
        if command != "UNSUBS":
            parameters["fields"] = REQUESTED[service]
        content = await self._command(service, command, parameters)
        if content.code in _COMMAND_FAILED:
            content = await self._command(service, command, parameters)
        words = _SERVICE_WORDS[service]
        if content.code in _SUCCESS:
            if command == "SUBS":
                self._troubles.pop(service, None)
        elif content.code == _NOT_AVAILABLE:
            self._is_open[service] = False
            self._troubles[service] = f"Schwab does not offer {words} now."
        elif content.code == _SYMBOL_LIMIT:
            self._troubles[service] = f"Schwab's limit of symbols is reached for {words}: some bring no data."
        elif content.code == _BAD_COMMAND or content.code in _COMMAND_FAILED:
            log.error("command refused", extra={"service": service, "command": command, "code": content.code})
            self._troubles[service] = f"Schwab refused a subscription of {words} (code {content.code})."
        else:
            refuse_or_lose(content)

    async def _command(self, service: str, command: str, parameters: Mapping[str, str]) -> Content:
        request_id = str(next(self._ids))
        future: asyncio.Future[Content] = asyncio.get_running_loop().create_future()
        self._waiting = (request_id, future)
        request = {
            "requestid": request_id,
            "service": service,
            "command": command,
            "SchwabClientCustomerId": self._info.customer_id,
            "SchwabClientCorrelId": self._info.correlation_id,
            "parameters": parameters,
        }
        await self._send(json.dumps({"requests": [request]}))
        try:
            async with asyncio.timeout(self._answer_s):
                return await future
        except TimeoutError:
            raise ConnectionLost(f"Schwab did not answer {command} within {self._answer_s:.0f} s") from None
        finally:
            self._waiting = None
