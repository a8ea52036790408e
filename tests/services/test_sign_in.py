"""The sign-in against a real simulator, with a browser that follows its redirect over real TLS."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes import MemoryKeeper, store_of
from tradeassist_desktop.app.schwab_login import SchwabLogin
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import SignInChanged
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.secret import SCHWAB_APP, SCHWAB_TOKEN, KeeperSilent
from tradeassist_desktop.domain.sign_in import SignInState
from tradeassist_desktop.feeds.schwab.auth import AppCredentials, TokenManager, Tokens
from tradeassist_desktop.feeds.schwab.tokens import REFRESH_LIFE_NS, SignInNeeded, TokenEndpoint
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.services.sign_in.account import SchwabAccount
from tradeassist_desktop.services.sign_in.mark import SignInMark
from tradeassist_desktop.services.sign_in.sign_in import SignIn
from tradeassist_desktop.simulator import DemoMarket, Simulator


@dataclass
class Trader:
    """A trader at this desk: a browser, the sign-in, and what came of it."""

    simulator: Simulator
    sign_in: SignIn
    tokens: TokenManager
    account: SchwabAccount
    keeper: MemoryKeeper
    folder: Path
    states: list[SignInState] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    reconnects: int = 0
    has_browser: bool = True

    async def visit_schwab(self, address: str | None = None) -> str:
        """Sign in at Schwab's page; return the address that it sends the browser to."""
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(address or self.sign_in.status.address)
            assert answer.status_code == 302, answer.text
            return str(answer.headers["Location"])

    async def go_back(self, address: str) -> int:
        """Follow the redirect, over the certificate's warning; return the callback's status."""
        trust = ssl.create_default_context(cafile=str(self.folder / "callback.pem"))
        async with httpx.AsyncClient(verify=trust, trust_env=False) as browser:
            return (await browser.get(address)).status_code

    async def sign_in_in_the_browser(self) -> None:
        await self.begin()
        assert await self.go_back(await self.visit_schwab()) == 200
        await self.sign_in.finished()

    async def begin(self) -> None:
        """Press the button; return once the browser was asked to open the page."""
        self.opened.clear()
        await self.sign_in.begin()
        async with asyncio.timeout(10):
            while not self.opened:
                await asyncio.sleep(0.01)


@pytest.fixture
def seat(tmp_path: Path) -> Callable[..., Any]:
    """``async with seat() as trader``: a trader with a developer app, signed out."""

    @asynccontextmanager
    async def open_(
        *,
        app: AppCredentials | None = None,
        has_app: bool = True,
        port: int | None = None,
        is_keyring_locked: bool = False,
        has_environment: bool = False,
    ) -> AsyncIterator[Trader]:
        clock, bus = SystemClock(), Bus()
        callback = f"https://127.0.0.1:{port or free_port()}"
        async with (
            Simulator(source=DemoMarket(clock=clock), clock=clock, callback=callback) as simulator,
            httpx.AsyncClient(trust_env=False) as http,
        ):
            keys = simulator.sign_in.keys
            keeper = MemoryKeeper()
            variables = {
                "SCHWAB_APP_KEY": keys.key,
                "SCHWAB_APP_SECRET": keys.secret,
                "SCHWAB_REFRESH_TOKEN": simulator.sign_in.refresh_token,
            }
            environment = EnvironmentKeeper(environment=variables if has_environment else {})
            account = SchwabAccount(secrets=store_of(keeper, environment), mask=lambda _: None)
            given = app or AppCredentials(key=keys.key, secret=keys.secret)

            async def keep(fresh: Tokens) -> None:
                await account.keep_tokens(given, fresh)

            tokens = TokenManager(
                base_url=simulator.http_url,
                app=given if has_app else None,
                tokens=None,
                http=http,
                clock=clock,
                on_tokens=keep,
            )
            folder = tmp_path / "sign-in"

            async def open_browser(address: str) -> bool:
                trader.opened.append(address)
                return trader.has_browser

            def on_signed_in() -> None:
                trader.reconnects += 1

            sign_in = SignIn(
                base_url=simulator.http_url,
                account=account,
                tokens=tokens,
                endpoint=TokenEndpoint(base_url=simulator.http_url, http=http, clock=clock),
                callback=lambda: callback,
                folder=folder,
                mark=SignInMark(folder=folder),
                open_browser=open_browser,
                on_signed_in=on_signed_in,
                bus=bus,
                clock=clock,
            )
            trader = Trader(simulator, sign_in, tokens, account, keeper, folder)
            if is_keyring_locked:
                keeper.is_open.clear()
            login = SchwabLogin(account=account, tokens=tokens, sign_in=sign_in)
            await login.load(clock=clock, patience_s=0.1 if is_keyring_locked else 10)
            running = asyncio.create_task(sign_in.run())
            bus.subscribe(SignInChanged, lambda event: trader.states.append(event.status.state))
            yield trader
            keeper.is_open.set()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await sign_in.cancel()

    return open_


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_signing_in_in_the_browser_brings_tokens_that_work(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        with pytest.raises(SignInNeeded, match="not signed in"):
            await trader.tokens.access_token()

        await trader.sign_in_in_the_browser()

        assert trader.simulator.sign_in.accepts(await trader.tokens.access_token())
        assert list(dict.fromkeys(trader.states)) == [
            SignInState.WAITING,
            SignInState.EXCHANGING,
            SignInState.SIGNED_IN,
        ]
        assert trader.reconnects == 1


async def test_a_sign_in_is_kept_with_its_time_and_its_app(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        before_ns = SystemClock().now_ns()
        await trader.sign_in_in_the_browser()

        kept = trader.keeper.kept[SCHWAB_TOKEN]
        assert kept["app_key"] == trader.simulator.sign_in.keys.key
        assert kept.keys() == {"app_key", "refresh_token", "authorized_ns"}
        assert before_ns <= int(kept["authorized_ns"]) <= SystemClock().now_ns()
        expires_ns = trader.sign_in.status.expires_ns
        assert expires_ns == int(kept["authorized_ns"]) + REFRESH_LIFE_NS


async def test_the_address_can_be_pasted_instead(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        await trader.begin()

        trader.sign_in.paste(f"  {await trader.visit_schwab()}\n")

        assert await trader.sign_in.finished()


async def test_where_no_browser_is_found_the_trader_is_told_to_paste(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        trader.has_browser = False
        await trader.begin()
        await asyncio.sleep(0)

        assert "No browser could be opened" in trader.sign_in.status.detail
        assert trader.sign_in.status.address.startswith(trader.simulator.http_url)


async def test_where_the_port_is_taken_pasting_still_works(seat: Callable[..., Any]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        async with seat(port=port) as trader:
            await trader.begin()
            assert f"Port {port} of this computer cannot be had" in trader.sign_in.status.detail

            trader.sign_in.paste(await trader.visit_schwab())

            assert await trader.sign_in.finished()


async def test_row_97_what_does_not_belong_to_this_sign_in_is_exchanged_for_nothing(
    seat: Callable[..., Any],
) -> None:
    async with seat() as trader:
        await trader.begin()
        first = await trader.visit_schwab()
        await trader.begin()  # anew: the first visit's answer is another flow's now

        status = await trader.go_back(first)
        with pytest.raises(TradeAssistError, match="another sign-in"):
            trader.sign_in.paste(first)

        assert status == 400
        assert trader.simulator.sign_in.token_requests == 0
        assert trader.sign_in.status.state is SignInState.WAITING


async def test_row_97_an_answer_is_exchanged_once(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        await trader.begin()
        address = await trader.visit_schwab()
        await trader.go_back(address)
        await trader.sign_in.finished()

        with pytest.raises(TradeAssistError, match="No sign-in waits for an address"):
            trader.sign_in.paste(address)
        with pytest.raises(httpx.ConnectError):
            await trader.go_back(address)

        assert trader.simulator.sign_in.token_requests == 1


async def test_row_38_a_renewal_takes_over_while_the_old_sign_in_still_works(
    seat: Callable[..., Any],
) -> None:
    async with seat() as trader:
        await trader.sign_in_in_the_browser()
        old = await trader.tokens.access_token()

        await trader.begin()
        while_waiting = await trader.tokens.access_token()
        await trader.go_back(await trader.visit_schwab())
        await trader.sign_in.finished()

        assert while_waiting == old
        assert await trader.tokens.access_token() != old
        assert trader.reconnects == 2


async def test_a_failed_renewal_leaves_the_sign_in_that_was(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        await trader.sign_in_in_the_browser()
        old = await trader.tokens.access_token()
        await trader.begin()

        status = await trader.go_back(
            f"{trader.sign_in.status.callback}/?error=access_denied&"
            + trader.sign_in.status.address.partition("&response_type=code&")[2]
        )
        assert not await trader.sign_in.finished()
        assert status == 400
        assert trader.sign_in.status.state is SignInState.SIGNED_IN
        assert "not allowed" in trader.sign_in.status.detail
        assert await trader.tokens.access_token() == old


async def test_wrong_keys_are_told_as_such(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        await trader.sign_in.use_app(trader.simulator.sign_in.keys.key, "not-the-secret")
        await trader.begin()
        trader.sign_in.paste(await trader.visit_schwab())

        assert not await trader.sign_in.finished()
        assert trader.sign_in.status.state is SignInState.FAILED
        assert "check them" in trader.sign_in.status.detail


async def test_the_developer_app_can_be_entered(seat: Callable[..., Any]) -> None:
    async with seat(has_app=False) as trader:
        assert not trader.sign_in.status.has_app
        with pytest.raises(TradeAssistError, match="Enter the key and secret"):
            await trader.sign_in.begin()
        keys = trader.simulator.sign_in.keys

        await trader.sign_in.use_app(f" {keys.key} ", keys.secret)
        assert trader.keeper.kept[SCHWAB_APP] == {"key": keys.key, "secret": keys.secret}
        assert trader.sign_in.status.has_app
        await trader.sign_in_in_the_browser()

        assert trader.sign_in.status.state is SignInState.SIGNED_IN


@pytest.mark.parametrize("key", ["", "two words", "colon:inside", "ключ"])
async def test_what_cannot_be_an_app_key_is_refused(seat: Callable[..., Any], key: str) -> None:
    async with seat(has_app=False) as trader:
        with pytest.raises(TradeAssistError, match="app key"):
            await trader.sign_in.use_app(key, "secret")
        assert trader.keeper.kept == {}


@pytest.mark.parametrize(
    ("key", "secret", "words"),
    [
        pytest.param("abc", "def", "at least 32 characters, these have 6", id="far too short"),
        pytest.param("k" * 31, "s" * 16, "app key has 31 characters", id="a character of the key missing"),
        pytest.param("k" * 32, "s" * 17, "app secret has 17 characters", id="one too many in the secret"),
    ],
)
async def test_a_key_or_secret_of_no_possible_length_is_refused_in_words(
    seat: Callable[..., Any], key: str, secret: str, words: str
) -> None:
    async with seat(has_app=False) as trader:
        with pytest.raises(TradeAssistError, match=words):
            await trader.sign_in.use_app(key, secret)
        assert trader.keeper.kept == {}


async def test_once_the_app_is_kept_the_feed_asks_for_the_sign_in_only(seat: Callable[..., Any]) -> None:
    async with seat(has_app=False) as trader:
        keys = trader.simulator.sign_in.keys

        await trader.sign_in.use_app(keys.key, keys.secret)

        assert trader.reconnects == 1  # it tries, and is told what is missing now
        with pytest.raises(SignInNeeded, match="You are not signed in to Schwab: sign in"):
            await trader.tokens.access_token()


async def test_cancelling_goes_back_to_what_was(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        await trader.begin()
        address = await trader.visit_schwab()

        await trader.sign_in.cancel()

        assert trader.sign_in.status.state is SignInState.SIGNED_OUT
        with pytest.raises(httpx.ConnectError):
            await trader.go_back(address)
        with pytest.raises(TradeAssistError, match="begin one first"):
            trader.sign_in.paste(address)


async def test_a_code_that_is_too_old_is_told_as_such(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        await trader.begin()
        address = httpx.URL(await trader.visit_schwab())

        trader.sign_in.paste(str(address.copy_set_param("code", "C0.forgotten@")))

        assert not await trader.sign_in.finished()
        assert trader.sign_in.status.state is SignInState.FAILED
        assert "half a minute" in trader.sign_in.status.detail


async def test_a_refusal_while_the_program_runs_is_told(
    seat: Callable[..., Any], until: Callable[..., Any]
) -> None:
    async with seat() as trader:
        await trader.sign_in_in_the_browser()
        trader.simulator.sign_in.revoke_refresh_tokens()

        with pytest.raises(SignInNeeded):
            await trader.tokens.replace(await trader.tokens.access_token())

        await until(lambda: trader.sign_in.status.state is SignInState.SIGNED_OUT)
        assert trader.sign_in.status.detail == "Schwab's sign-in has run out: sign in again."


async def test_a_sign_in_made_by_another_process_is_taken_up(
    seat: Callable[..., Any], until: Callable[..., Any]
) -> None:
    async with seat() as trader:
        keys = trader.simulator.sign_in.keys
        trader.keeper.kept[SCHWAB_APP] = {"key": keys.key, "secret": keys.secret}
        trader.keeper.kept[SCHWAB_TOKEN] = {
            "app_key": keys.key,
            "refresh_token": trader.simulator.sign_in.refresh_token,
            "authorized_ns": str(5 * NS_PER_SECOND),
        }

        SignInMark(folder=trader.folder).set()

        await until(lambda: trader.sign_in.status.state is SignInState.SIGNED_IN)
        assert trader.reconnects == 1
        assert trader.simulator.sign_in.accepts(await trader.tokens.access_token())


async def test_without_a_keyring_the_sign_in_holds_for_this_run_and_says_so(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        trader.keeper.can_write = False

        await trader.sign_in_in_the_browser()

        assert trader.sign_in.status.state is SignInState.SIGNED_IN
        assert "no keyring" in trader.sign_in.status.detail


async def test_a_keyring_that_asks_for_its_password_is_waited_for_while_the_rest_goes_on(
    seat: Callable[..., Any], until: Callable[..., Any]
) -> None:
    async with seat(has_app=False) as trader:
        keys = trader.simulator.sign_in.keys
        await until(lambda: "developer app" in trader.sign_in.status.detail)
        trader.keeper.is_open.clear()
        trader.keeper.kept[SCHWAB_APP] = {"key": keys.key, "secret": keys.secret}
        trader.keeper.kept[SCHWAB_TOKEN] = {
            "app_key": keys.key,
            "refresh_token": trader.simulator.sign_in.refresh_token,
        }

        loading = asyncio.create_task(trader.sign_in.load())
        await asyncio.sleep(0.05)
        assert trader.sign_in.status.state is SignInState.SIGNED_OUT
        trader.keeper.is_open.set()
        await loading

        assert trader.sign_in.status.state is SignInState.SIGNED_IN


async def test_an_older_sign_in_that_the_keyring_brings_late_does_not_win(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        keys = trader.simulator.sign_in.keys
        trader.keeper.kept[SCHWAB_APP] = {"key": keys.key, "secret": keys.secret}
        await trader.sign_in_in_the_browser()
        new = trader.keeper.kept[SCHWAB_TOKEN]["refresh_token"]
        trader.keeper.kept[SCHWAB_TOKEN] = {
            "app_key": keys.key,
            "refresh_token": "from-last-week",
            "authorized_ns": str(5 * NS_PER_SECOND),
        }

        await trader.sign_in.load()

        assert trader.tokens.tokens is not None
        assert trader.tokens.tokens.refresh_token == new


async def test_a_locked_keyring_does_not_keep_the_environment_from_signing_in(
    seat: Callable[..., Any], until: Callable[..., Any]
) -> None:
    async with seat(has_app=False, is_keyring_locked=True, has_environment=True) as trader:
        await until(lambda: "keyring may be asking" in trader.sign_in.status.detail)

        assert trader.sign_in.status.state is SignInState.SIGNED_IN
        assert trader.simulator.sign_in.accepts(await trader.tokens.access_token())


async def test_a_keyring_opened_late_brings_the_sign_in_whose_time_is_known(
    seat: Callable[..., Any], until: Callable[..., Any]
) -> None:
    async with seat(has_app=False, is_keyring_locked=True, has_environment=True) as trader:
        keep_in_the_keyring(trader, refresh_token="of-this-week", authorized_ns=time.time_ns())

        trader.keeper.is_open.set()

        await until(lambda: trader.tokens.tokens.refresh_token == "of-this-week")


async def test_a_keyring_opened_late_brings_no_sign_in_that_is_over(
    seat: Callable[..., Any], until: Callable[..., Any]
) -> None:
    async with seat(has_app=False, is_keyring_locked=True, has_environment=True) as trader:
        keep_in_the_keyring(
            trader, refresh_token="of-last-week", authorized_ns=time.time_ns() - REFRESH_LIFE_NS
        )

        trader.keeper.is_open.set()

        await until(lambda: not trader.sign_in.status.detail)
        assert trader.tokens.tokens.refresh_token == trader.simulator.sign_in.refresh_token


def keep_in_the_keyring(trader: Trader, *, refresh_token: str, authorized_ns: int) -> None:
    keys = trader.simulator.sign_in.keys
    trader.keeper.kept[SCHWAB_APP] = {"key": keys.key, "secret": keys.secret}
    trader.keeper.kept[SCHWAB_TOKEN] = {
        "app_key": keys.key,
        "refresh_token": refresh_token,
        "authorized_ns": str(authorized_ns),
    }


async def test_a_sign_in_whose_keeper_does_not_answer_is_not_called_absent(seat: Callable[..., Any]) -> None:
    async with seat(has_app=False) as trader:
        trader.keeper.failure = KeeperSilent("no answer", keeper="keyring")

        await trader.sign_in.load()

        assert "has not answered yet" in trader.sign_in.status.detail


async def test_a_check_has_another_access_token_given_and_spends_no_sign_in(
    seat: Callable[..., Any],
) -> None:
    async with seat() as trader:
        await trader.sign_in_in_the_browser()
        before = trader.tokens.tokens

        words = await trader.sign_in.check()

        after = trader.tokens.tokens
        assert words.startswith("Schwab takes the app and the sign-in")
        assert after.access_token != before.access_token
        assert after.refresh_token == before.refresh_token


async def test_a_check_without_a_sign_in_says_what_is_wanting(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        with pytest.raises(TradeAssistError, match="not signed in"):
            await trader.sign_in.check()


async def test_a_sign_in_that_was_taken_out_is_used_no_more_and_comes_back_with_an_undo(
    seat: Callable[..., Any],
) -> None:
    async with seat() as trader:
        await trader.sign_in_in_the_browser()
        app = trader.tokens.app
        trader.keeper.kept[SCHWAB_APP] = {"key": app.key, "secret": app.secret}

        await trader.sign_in.forget(app=False)
        without = trader.sign_in.status.state
        await trader.sign_in.load()

        assert without is SignInState.SIGNED_OUT
        assert trader.sign_in.status.state is SignInState.SIGNED_IN


async def test_a_developer_app_that_was_taken_out_is_asked_for_anew(seat: Callable[..., Any]) -> None:
    async with seat() as trader:
        await trader.sign_in.forget(app=True)

        assert not trader.sign_in.status.has_app
