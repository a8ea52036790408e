"""The sign-in at Schwab: from the button to new tokens, while the program goes on."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import SignInChanged
from tradeassist_desktop.domain.sign_in import SignInState, SignInStatus
from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.schwab.auth import TokenManager
from tradeassist_desktop.feeds.schwab.sign_in import CallbackAddress, SignInDenied, SignInVisit
from tradeassist_desktop.feeds.schwab.tokens import AppCredentials, SignInNeeded, TokenEndpoint, Tokens
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.sign_in.account import SchwabAccount
from tradeassist_desktop.services.sign_in.browser import OpenBrowser
from tradeassist_desktop.services.sign_in.mark import SignInMark
from tradeassist_desktop.services.sign_in.page import SignInPage
from tradeassist_desktop.services.sign_in.typed_app import typed_app

log = logging.getLogger(__name__)

_LOOK_S: Final = 1.0
_AGAIN_S: Final = 15.0
_AT_THE_PAGE: Final = (
    "Sign in on the page that has opened in your browser. Afterwards the browser warns of this "
    "computer's own certificate: go on. Or copy the address it shows then, and paste it here. "
    "Be quick then: what Schwab gives lives for half a minute."
)
_FOR_THIS_RUN: Final = (
    "There is no keyring open to keep the sign-in in: it holds until the program ends, unless one is "
    "opened before."
)
_KEYRING: Final = "What keeps the sign-in has not answered yet; a keyring may be asking for its password."
_TOO_LATE: Final = "The sign-in took longer than ten minutes. Begin anew."


class SignIn:
    """One sign-in at a time; each step is told on the bus as ``SignInChanged``.

    Args:
        base_url: Schwab's, without a slash at its end.
        tokens: Gets the new tokens; the feed and REST have theirs from it.
        callback: Returns the registered address, as the settings have it.
        folder: For the callback's certificate; for this user alone.
        on_signed_in: Called when there are other tokens, or another app: a refused feed tries again,
            or says anew what it needs.
    """

    def __init__(
        self,
        *,
        base_url: str,
        account: SchwabAccount,
        tokens: TokenManager,
        endpoint: TokenEndpoint,
        callback: Callable[[], str],
        folder: Path,
        mark: SignInMark,
        open_browser: OpenBrowser,
        on_signed_in: Callable[[], None],
        bus: Bus,
        clock: Clock,
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self._base_url = base_url
        self._account = account
        self._tokens = tokens
        self._endpoint = endpoint
        self._callback = callback
        self._folder = folder
        self._mark = mark
        self._open_browser = open_browser
        self._on_signed_in = on_signed_in
        self._bus = bus
        self._clock = clock
        self._page: SignInPage | None = None
        self._task: asyncio.Task[bool] | None = None
        self._is_loaded = False
        self.status = self._at_rest()

    # --- what the trader does

    async def use_app(self, key: str, secret: str) -> None:
        """Keep the key and secret of the trader's developer app, and use them from now on.

        Raises:
            UsageError: one of them cannot be such a thing.
        """
        self._access.require(Act.CREDENTIALS)
        app = typed_app(key, secret)
        await self.close()
        self._tokens.adopt(None, app)
        self._on_signed_in()
        self._rest(_KEYRING)
        where = await self._account.keep_app(app)
        kept = await self._account.tokens(app)
        if kept is not None:
            self._tokens.adopt(kept, app)
            self._on_signed_in()
        self._rest(_FOR_THIS_RUN if where == "memory" else "")

    async def begin(self) -> None:
        """Open Schwab's page and wait for the answer, in the background; anew if one waits already.

        Raises:
            TradeAssistError: there is no developer app yet, or the callback's setting is wrong.
        """
        self._access.require(Act.SIGN_IN)
        await self.close()
        app = self._tokens.app
        if app is None:
            raise TradeAssistError("Enter the key and secret of your Schwab developer app first.")
        try:
            callback = CallbackAddress(self._callback())
        except ValueError as error:
            raise TradeAssistError(f"schwab.callback: {error}") from None
        visit = SignInVisit(base_url=self._base_url, app_key=app.key, callback=callback, clock=self._clock)
        self._page = SignInPage(
            visit=visit,
            callback=callback,
            folder=self._folder,
            open_browser=self._open_browser,
            say=lambda detail: self._tell(replace(self.status, detail=detail)),
            clock=self._clock,
        )
        self._tell(
            replace(
                self._at_rest(),
                state=SignInState.WAITING,
                detail=_AT_THE_PAGE,
                address=visit.address,
                callback=callback.text,
            )
        )
        self._task = asyncio.create_task(self._sign_in(app, callback, self._page), name="sign-in")

    def paste(self, address: str) -> None:
        """Take the address that the browser showed after the sign-in.

        Raises:
            TradeAssistError: no sign-in waits, or this is not its answer; the text says what is wrong.
        """
        self._access.require(Act.SIGN_IN)
        if self._page is None or not self._page.takes_address:
            raise TradeAssistError("No sign-in waits for an address: begin one first.")
        self._page.paste(address)

    async def cancel(self) -> None:
        """Give up the sign-in that waits, if one does; what was before holds."""
        self._access.require(Act.SIGN_IN)
        await self.close()

    async def check(self) -> str:
        """Have Schwab renew the access token, which shows whether it takes app and sign-in; return in words.

        Raises:
            TradeAssistError: it does not, or could not be asked; the text says which.
        """
        self._access.require(Act.RESEND)
        tokens = self._tokens.tokens
        try:
            await self._tokens.replace("" if tokens is None else tokens.access_token)
        except SignInNeeded as refused:
            raise TradeAssistError(str(refused)) from None
        except ConnectionLost as lost:
            raise TradeAssistError(f"Schwab could not be asked: {lost.reason}.") from None
        return "Schwab takes the app and the sign-in: it has given another access token."

    async def forget(self, *, app: bool) -> None:
        """Use no sign-in any more, and no developer ``app``: what was kept of it was taken out."""
        self._access.require(Act.CREDENTIALS)
        await self.close()
        if app:
            self._tokens.forget()
        else:
            self._tokens.adopt(None)
        self._on_signed_in()
        self._rest()

    async def close(self) -> None:
        """Wait for nobody any more."""
        task, self._task = self._task, None
        self._page = None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._rest()

    async def finished(self) -> bool:
        """Wait for the end of the sign-in that is under way; return whether it brought tokens."""
        if self._task is None:
            return False
        await asyncio.wait([self._task])
        return not self._task.cancelled() and self._task.result()

    # --- running

    async def load(self) -> None:
        """Take up the developer app and the sign-in that are kept; a keyring may ask for its password."""
        app = await self._account.app(anew=True)
        kept = None if app is None else await self._account.tokens(app, anew=True)
        self._is_loaded = True
        self._take_up(app, kept, detail=_KEYRING if self._account.is_silent else "")

    async def load_at_once(self) -> None:
        """Take up what is there without the keyring, which is not answering; ``run`` waits for that."""
        app = await self._account.app(at_once=True)
        kept = None if app is None else await self._account.tokens(app, at_once=True)
        self._take_up(app, kept, detail=_KEYRING)

    async def run(self) -> None:
        """Notice a sign-in made beside this program, and a refusal of Schwab's, until cancelled."""
        async with asyncio.TaskGroup() as jobs:
            if not self._is_loaded:
                jobs.create_task(self._load_late(), name="sign-in from the keyring")
            await self._watch()

    async def _load_late(self) -> None:
        if not self.status.is_under_way:
            self._rest(_KEYRING)
        await self.load()
        while self._account.is_silent:
            await self._clock.sleep(_AGAIN_S)
            await self.load()

    async def _watch(self) -> None:
        refusal = self._tokens.refusal
        while True:
            await self._clock.sleep(_LOOK_S)
            if self._mark.is_new():
                await self.load()
            if self._tokens.refusal != refusal:
                refusal = self._tokens.refusal
                if not self.status.is_under_way:
                    self._rest()

    def _take_up(self, app: AppCredentials | None, kept: Tokens | None, *, detail: str = "") -> None:
        if self.status.is_under_way:
            return  # what comes of that is newer than anything kept
        now_ns = self._clock.now_ns()
        if app is not None and (self._tokens.app is None or _is_newer(kept, self._tokens.tokens, now_ns)):
            log.info("sign-in found", extra={"is_signed_in": kept is not None})
            self._tokens.adopt(kept, app)
            self._on_signed_in()
        self._rest(detail)

    # --- one sign-in

    async def _sign_in(self, app: AppCredentials, callback: CallbackAddress, page: SignInPage) -> bool:
        try:
            try:
                code = await page.code()
            finally:
                if self._page is page:
                    self._page = None  # nobody waits for an address any more
            self._tell(replace(self.status, state=SignInState.EXCHANGING, detail="", address=""))
            tokens = await self._endpoint.exchange(app, code, callback.text)
        except TimeoutError:
            return self._fail(_TOO_LATE)
        except ConnectionLost as lost:
            return self._fail(f"Schwab could not be asked: {lost.reason}. Begin anew.")
        except (SignInNeeded, SignInDenied) as refused:
            return self._fail(str(refused))
        except OSError as error:
            return self._fail(f"The sign-in needs to write into {self._folder}: {error.strerror}.")
        except Exception:  # nobody awaits this task in the window: it must not leave the trader waiting
            log.exception("sign-in broke")
            return self._fail("Something went wrong, and it is ours to mend. The log has the details.")
        self._tokens.adopt(tokens, app)
        self._on_signed_in()
        self._rest(_KEYRING)
        where = await self._account.keep_tokens(app, tokens)
        log.info("signed in", extra={"kept_in": where})
        try:
            self._mark.set()
        except OSError as error:
            log.warning("other processes not told of the sign-in", extra={"reason": error.strerror})
        self._rest("" if self._account.is_lasting else _FOR_THIS_RUN)
        return True

    # --- telling

    def _at_rest(self, detail: str = "") -> SignInStatus:
        refusal = self._tokens.refusal
        tokens = self._tokens.tokens
        return SignInStatus(
            state=SignInState.SIGNED_IN if refusal is None else SignInState.SIGNED_OUT,
            detail=detail or refusal or "",
            has_app=self._tokens.app is not None,
            expires_ns=tokens.refresh_expires_ns if tokens is not None and refusal is None else None,
        )

    def _rest(self, detail: str = "") -> None:
        self._tell(self._at_rest(detail))

    def _fail(self, reason: str) -> bool:
        """Say why it came to nothing; who was signed in before still is. Return that it is not done."""
        log.warning("sign-in failed", extra={"reason": reason})
        rest = self._at_rest(reason)
        is_in = rest.state is SignInState.SIGNED_IN
        self._tell(rest if is_in else replace(rest, state=SignInState.FAILED))
        return False

    def _tell(self, status: SignInStatus) -> None:
        if status != self.status:
            self.status = status
            self._bus.publish(SignInChanged(status=status))


def _is_newer(kept: Tokens | None, used: Tokens | None, now_ns: int) -> bool:
    """Whether another sign-in is kept than the one in use, not one from before it, nor one that is over."""
    if kept is None or used is None:
        return kept is not None
    is_older = (kept.authorized_ns or 0) < (used.authorized_ns or 0)
    is_over = kept.refresh_expires_ns is not None and kept.refresh_expires_ns <= now_ns
    return kept.refresh_token != used.refresh_token and not is_older and not is_over
