"""The talk on one connection to Schwab's streamer: login, then subscriptions, one command at a time."""

import asyncio
import itertools
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.patience import AnswerPatience
from tradeassist_desktop.feeds.schwab.codes import (
    BAD_COMMAND,
    COMMAND_FAILED,
    NOT_AVAILABLE,
    SUCCESS,
    SYMBOL_LIMIT,
    discarded_count,
    refuse_or_lose,
)
from tradeassist_desktop.feeds.schwab.fields import (
    ITEMS,
    REQUESTED,
    SERVICES,
    WORDS,
    chart_service_of,
    service_of,
)
from tradeassist_desktop.feeds.schwab.frames import Answer, Content
from tradeassist_desktop.feeds.streaming import Send
from tradeassist_desktop.feeds.wanted import Wanted
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamerInfo:
    """What ``userPreference`` says a streaming client needs."""

    url: str
    customer_id: str
    correlation_id: str
    channel: str
    function_id: str


class SchwabSession:
    """One connection's commands, serialised: the next goes out when the last is answered.

    Args:
        patience: An answer that comes later means that the connection is not sound.
        ask_again_s: After how many seconds a service that was not offered, or refused what was asked,
            is asked again.
    """

    def __init__(
        self, *, info: StreamerInfo, send: Send, clock: Clock, patience: AnswerPatience, ask_again_s: float
    ) -> None:
        self._info = info
        self._send = send
        self._clock = clock
        self._patience = patience
        self._ask_again_s = ask_again_s
        self._ids = itertools.count(1)
        self._waiting: tuple[str, asyncio.Future[Content]] | None = None
        self._keys = {service: _Keys() for service in SERVICES}

    @property
    def troubles(self) -> tuple[str, ...]:
        """Return what is not as asked for, in sentences for the trader."""
        return tuple(keys.trouble for keys in self._keys.values() if keys.trouble)

    @property
    def discarded(self) -> tuple[str, ...]:
        """Return the symbols that were asked for and of which nothing will come, sorted."""
        return tuple(sorted(symbol for service in ITEMS for symbol in self._keys[service].discarded))

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
            FeedRefused: another program is connected.
        """
        parameters = {
            "Authorization": access_token,
            "SchwabClientChannel": self._info.channel,
            "SchwabClientFunctionId": self._info.function_id,
        }
        refuse_or_lose(await self._command("ADMIN", "LOGIN", parameters))

    async def keep_subscribed(self, wanted: Wanted, on_settled: Callable[[], None]) -> None:
        """Make the subscriptions what is wanted, and again at each change, until cancelled.

        What changes while commands are under way is taken up together after them. ``on_settled``
        is called each time all agree.
        """
        while True:
            wanted.changed.clear()
            by_service = _by_service(wanted)
            for service in SERVICES:
                await self._bring_to(service, by_service.get(service, ()))
            if not wanted.changed.is_set():
                on_settled()
                await self._until_due(wanted)

    async def _until_due(self, wanted: Wanted) -> None:
        """Wait for a change of what is wanted; for what was refused, not for ever."""
        refused = [keys for keys in self._keys.values() if keys.is_refused]
        if not refused:
            await wanted.changed.wait()
            return
        try:
            await within(self._clock, self._ask_again_s, wanted.changed.wait())
        except TimeoutError:
            for keys in refused:
                keys.ask_anew()

    async def _bring_to(self, service: str, symbols: Sequence[str]) -> None:
        keys = self._keys[service]
        if keys.is_off:
            keys.discarded = tuple(symbols)
            return
        if list(symbols) == keys.asked:
            return
        before, asked = set(keys.asked), set(symbols)
        if keys.trouble and symbols:
            # Which keys were taken is not certain, or one taken may now matter less than one
            # discarded: the whole set is asked for anew.
            await self._subscribe(service, "SUBS", symbols)
        else:
            if gone := sorted(before - asked):
                await self._subscribe(service, "UNSUBS", gone)
            if fresh := [symbol for symbol in symbols if symbol not in before]:
                # SUBS replaces all keys of the service, so it is only right where there are none.
                await self._subscribe(service, "ADD" if before & asked else "SUBS", fresh)
        keys.asked = list(symbols)

    async def _subscribe(self, service: str, command: str, symbols: Sequence[str]) -> None:
        parameters = {"keys": ",".join(symbols)}
        if command != "UNSUBS":
            parameters["fields"] = REQUESTED[service]
        content = await self._command(service, command, parameters)
        if content.code in COMMAND_FAILED:
            content = await self._command(service, command, parameters)
        self._keys[service].note(service, command, symbols, content)

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
        asked = f"{service} {command}"
        limit_s = self._patience.limit_s(asked)
        try:
            async with asyncio.timeout(limit_s):
                content = await future
        except TimeoutError:
            self._patience.on_missed(asked)
            raise ConnectionLost(f"Schwab did not answer {command} within {limit_s:.3g} s") from None
        finally:
            self._waiting = None
        self._patience.on_answer(asked)
        return content


class _Keys:
    """One service's keys: what was asked for, in order, and what is wrong with it.

    ``discarded`` are the symbols asked for that are not streamed; ``is_off`` that the service is
    not offered now; ``is_refused`` that another time it may be, or take what it refused.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.discarded: tuple[str, ...] = ()
        self.trouble = ""
        self.is_off = False
        self.is_refused = False

    def ask_anew(self) -> None:
        """Have the whole set asked for again."""
        self.is_off = self.is_refused = False
        self.asked = []

    def note(self, service: str, command: str, symbols: Sequence[str], content: Content) -> None:
        """Take a command's verdict.

        Raises:
            ConnectionLost: the verdict is about the connection.
            FeedRefused: as ``refuse_or_lose``.
        """
        words = WORDS[service]
        if content.code in SUCCESS:
            if command == "SUBS" or (command == "UNSUBS" and set(symbols) >= set(self.asked)):
                self.trouble, self.discarded, self.is_refused = "", (), False
        elif content.code == NOT_AVAILABLE:
            self.is_off = self.is_refused = True
            self.trouble, self.discarded = f"Schwab does not offer {words} now.", tuple(symbols)
        elif content.code == SYMBOL_LIMIT:
            # The first keys up to the limit are taken; all are in doubt where their number is not told.
            count = discarded_count(content.msg)
            lost = tuple(symbols if count is None else symbols[max(0, len(symbols) - count) :])
            self.discarded = lost if command == "SUBS" else (*self.discarded, *lost)
            self.trouble = f"Schwab's limit of symbols is reached for {words}: some bring no data."
        elif content.code == BAD_COMMAND or content.code in COMMAND_FAILED:
            log.error("command refused", extra={"service": service, "command": command, "code": content.code})
            self.trouble = f"Schwab refused a subscription of {words} (code {content.code})."
            if command != "UNSUBS":
                self.is_refused = content.code in COMMAND_FAILED  # a bad format stays one
                self.discarded = tuple(dict.fromkeys((*self.discarded, *symbols)))
        else:
            refuse_or_lose(content)


def _by_service(wanted: Wanted) -> dict[str, list[str]]:
    """Return the keys of each service, in the order in which they are to be asked for."""
    found: dict[str, list[str]] = {}
    for symbol in wanted.by_importance():
        found.setdefault(service_of(symbol), []).append(symbol)
        chart = chart_service_of(symbol)
        if chart is not None:
            found.setdefault(chart, []).append(symbol)
    return found
