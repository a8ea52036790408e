"""Schwab's page: the browser is sent there, and the code comes back by itself or is pasted."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tradeassist_desktop.feeds.schwab.sign_in import LIFE_S, CallbackAddress, SignInDenied, SignInVisit
from tradeassist_desktop.feeds.schwab.sign_in_callback import CallbackServer, CallbackUnavailable
from tradeassist_desktop.feeds.schwab.sign_in_certificate import callback_context
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.sign_in.browser import OpenBrowser

log = logging.getLogger(__name__)

_NO_BROWSER: Final = (
    "No browser could be opened here. Open the address below in one, sign in, "
    "then paste the address it shows afterwards, within half a minute."
)
_NO_PORT: Final = "{reason} Once you have signed in, paste the address the browser shows."


class SignInPage:
    """One visit to it. Made where a loop runs.

    Args:
        folder: For the callback's certificate; for this user alone.
        say: Told what the trader has to do instead, where no browser or no port is to be had.
    """

    def __init__(
        self,
        *,
        visit: SignInVisit,
        callback: CallbackAddress,
        folder: Path,
        open_browser: OpenBrowser,
        say: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._visit = visit
        self._callback = callback
        self._folder = folder
        self._open_browser = open_browser
        self._say = say
        self._clock = clock
        self._pasted: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def takes_address(self) -> bool:
        """Whether none was pasted yet that ends the visit."""
        return not self._pasted.done()

    def paste(self, address: str) -> None:
        """Take the address that the browser showed, while ``takes_address``.

        Raises:
            WrongAnswer: this is not the visit's answer; the text says what is wrong.
        """
        try:
            self._pasted.set_result(self._visit.code_in_address(address))
        except SignInDenied as denied:
            self._pasted.set_exception(denied)

    async def code(self) -> str:
        """Open the page, and return the code that comes of it.

        Raises:
            TimeoutError: none came in time.
            SignInDenied: Schwab's answer is no.
            OSError: the callback's certificate cannot be written.
        """
        return await within(self._clock, LIFE_S, self._code())

    async def _code(self) -> str:
        context = await asyncio.to_thread(callback_context, self._folder, now_ns=self._clock.now_ns())
        is_ready = asyncio.Event()
        listening = asyncio.create_task(self._listen(context, is_ready))
        try:
            await is_ready.wait()
            if not await self._open_browser(self._visit.address):
                self._say(_NO_BROWSER)
            await asyncio.wait({listening, self._pasted}, return_when=asyncio.FIRST_COMPLETED)
            return self._pasted.result() if self._pasted.done() else listening.result()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, context: ssl.SSLContext, is_ready: asyncio.Event) -> str:
        server = CallbackServer(address=self._callback, context=context, code_in=self._visit.code_in)
        try:
            return await server.wait_for_code(is_ready.set)
        except CallbackUnavailable as reason:
            log.warning("callback port not had", extra={"port": self._callback.port})
            self._say(_NO_PORT.format(reason=reason))
            is_ready.set()
            an_address_may_be_pasted: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            return await an_address_may_be_pasted
