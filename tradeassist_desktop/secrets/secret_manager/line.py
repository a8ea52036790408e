"""The line to Secret Manager: one connection, made when first asked for; each call through the breaker."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from tradeassist_desktop.domain.breakers import BreakerState
from tradeassist_desktop.domain.secret import KeeperError, KeeperRefused, KeeperSilent
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import Limit
from tradeassist_desktop.secrets.secret_manager.failures import NAME, MissingPermission, failure
from tradeassist_desktop.secrets.secret_manager.google_library import Login, arguments, load_login, read_error
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

_NS_PER_S: Final = 1_000_000_000
_LEAST_S: Final = 0.05
_LOADING_S: Final = 1.0
_PATIENCE_S: Final = 5.0
_PATIENCE_MOST_S: Final = 120.0
_ASKED_MOST_S: Final = 3_600.0
_GRACE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a few calls are made for.

    Args:
        place: As the settings had it when the errand began.
        until_ns: When it is to have ended, by the monotonic clock.
    """

    place: SecretManagerPlace
    until_ns: int


@dataclass(frozen=True, slots=True)
class _Open:
    login: Login
    client: Any


class Line:
    """Makes calls where an errand's place says; who asks first waits for the library to be there.

    A call that gets no answer takes the connection with it: one that is dead without a word would
    swallow the next call too, and after a refusal the key file may have been replaced.
    """

    def __init__(self, *, breaker: Breaker, clock: Clock) -> None:
        self._breaker = breaker
        self._clock = clock
        self._asked: SecretManagerPlace | None = None
        self._open: _Open | None = None
        self._opening: dict[SecretManagerPlace, asyncio.Task[_Open]] = {}
        self._calls: set[asyncio.Task[Any]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._quiet_until_ns = 0
        self._refusals_of_more = 0

    def errand(self, place: SecretManagerPlace, *, seconds: float) -> Errand:
        """Return an errand that begins now."""
        return Errand(place=place, until_ns=self._clock.monotonic_ns() + round(seconds * _NS_PER_S))

    async def ask(self, errand: Errand, method: str, request: Mapping[str, Any]) -> Any:
        """Return Google's answer to one call.

        Args:
            method: As the client names it.

        Raises:
            KeeperSilent: there is none, or it is to be left alone for a while.
            KeeperRefused: it is a refusal, or there are no credentials.
            Unfit: it is not as the request took it to be.
        """
        self._notice(errand.place)
        quiet_s = (self._quiet_until_ns - self._clock.monotonic_ns()) / _NS_PER_S
        if quiet_s > 0:
            raise KeeperSilent(
                f"Secret Manager is asked too often, and is left alone for {quiet_s:.0f} s",
                keeper=NAME,
                retry_after_s=quiet_s,
            )
        call = asyncio.create_task(
            self._breaker.call(partial(self._ask, errand, method, request)), name="secret manager call"
        )
        self._calls.add(call)
        call.add_done_callback(self._called)
        try:
            # Shielded: of a call that whoever waits for it breaks off, the breaker would learn nothing, and a
            # server that hangs would never trip it.
            return await asyncio.shield(call)
        except BreakerOpen as refusal:
            raise KeeperSilent(
                f"{refusal}: {refusal.cause or 'it was out of order'}",
                keeper=NAME,
                retry_after_s=refusal.retry_after_s,
            ) from None

    async def login(self, errand: Errand) -> Login:
        """Return what it signs in with.

        Raises:
            KeeperError: there are no credentials, or it takes too long to find them.
        """
        return (await self._opened(errand)).login

    async def close(self) -> None:
        """Hang up."""
        # A call that ends may hang up, and so begin what is to be ended too.
        while ending := (*self._calls, *self._opening.values(), *self._closing):
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
        if self._open is not None:
            await self._open.client.transport.grpc_channel.close()
            self._open = None

    def _called(self, call: asyncio.Task[Any]) -> None:
        self._calls.discard(call)
        if not call.cancelled():
            call.exception()  # where nobody waits any more, nobody misses it

    # --- one call

    def _notice(self, place: SecretManagerPlace) -> None:
        """Let what an earlier place did count no more: the trader may just have corrected it."""
        if self._asked not in (None, place):
            self._quiet_until_ns = self._refusals_of_more = 0
            if self._breaker.reading.state is BreakerState.OPEN:
                self._breaker.reset()
        self._asked = place

    async def _ask(self, errand: Errand, method: str, request: Mapping[str, Any]) -> Any:
        opened = await self._opened(errand)
        from google.api_core.exceptions import GoogleAPICallError
        from grpc.aio import UsageError

        limit_s = self._left_s(errand)
        call = getattr(opened.client, method)
        try:
            async with Limit(self._clock, limit_s):
                answer = await call(request=request, **arguments(limit_s))
        except TimeoutError:
            self._hang_up(opened)
            raise KeeperSilent(f"no answer from {opened.login.place.host} in time", keeper=NAME) from None
        except UsageError:  # another call has just hung up, before this one was sent
            raise KeeperSilent(
                "the line to Secret Manager is being opened anew", keeper=NAME, retry_after_s=_LOADING_S
            ) from None
        except GoogleAPICallError as error:
            failed = failure(
                read_error(error), place=opened.login.place, account=opened.login.account.address
            )
            self._learn(failed, opened)
            raise failed from error
        self._refusals_of_more = 0
        return answer

    def _learn(self, failed: KeeperError, opened: _Open) -> None:
        if isinstance(failed, KeeperRefused) and not isinstance(failed, MissingPermission):
            self._hang_up(opened)
        if not isinstance(failed, KeeperSilent):
            return
        if failed.retry_after_s is None:
            self._hang_up(opened)
            return
        # 0 where it asks for patience without saying for how long.
        ours_s = min(_PATIENCE_S * 2.0 ** min(self._refusals_of_more, 10), _PATIENCE_MOST_S)
        failed.retry_after_s = min(failed.retry_after_s or ours_s, _ASKED_MOST_S)
        self._refusals_of_more += 1
        self._quiet_until_ns = self._clock.monotonic_ns() + round(failed.retry_after_s * _NS_PER_S)

    def _left_s(self, errand: Errand) -> float:
        return max(_LEAST_S, (errand.until_ns - self._clock.monotonic_ns()) / _NS_PER_S)

    # --- the connection

    async def _opened(self, errand: Errand) -> _Open:
        place = errand.place
        if self._open is not None:
            if self._open.login.place == place:
                return self._open
            self._hang_up(self._open)
        opening = self._opening.get(place)
        if opening is None:
            opening = asyncio.create_task(self._make(place), name="secret manager sign-in")
            self._opening[place] = opening
            opening.add_done_callback(partial(self._made, place))
        try:
            async with Limit(self._clock, self._left_s(errand)):
                # Shielded: others wait for it too, and who comes next finds it done.
                return await asyncio.shield(opening)
        except TimeoutError:
            raise KeeperSilent(
                "Google's client library or the credentials are not there yet",
                keeper=NAME,
                retry_after_s=_LOADING_S,
            ) from None

    async def _make(self, place: SecretManagerPlace) -> _Open:
        login = await aside(partial(load_login, place), name="secret manager sign-in")
        opened = _Open(login, login.client())
        if self._open is not None:
            self._hang_up(self._open)
        self._open = opened
        return opened

    def _made(self, place: SecretManagerPlace, opening: asyncio.Task[_Open]) -> None:
        del self._opening[place]
        if not opening.cancelled():
            opening.exception()  # who waited has it; where nobody did any more, the next one asks anew

    def _hang_up(self, opened: _Open) -> None:
        if self._open is not opened:
            return
        self._open = None
        closing = asyncio.create_task(
            # Others may still wait for answers on it.
            opened.client.transport.grpc_channel.close(_GRACE_S),
            name="secret manager hang-up",
        )
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
