"""``tradeassist sign-in``: sign in to Schwab, for a desk that runs or for the next start."""

import argparse
import asyncio
import getpass
import logging
import sys
from collections.abc import Callable
from typing import Any, Final

from tradeassist_desktop.cli.command_launch import command_launch
from tradeassist_desktop.domain.access import Act, Gate
from tradeassist_desktop.domain.errors import TradeAssistError

_HTTP_SECONDS: Final = 20.0
_KEYRING_S: Final = 300.0


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    parser = commands.add_parser(
        "sign-in",
        help="sign in to Schwab in the browser; a desk that runs takes it up at once",
        description="Sign in to Schwab. Asks for the app key and secret of your developer app where they are "
        "not known yet, opens Schwab's page in the browser, and waits for the answer: from the browser, or "
        "pasted here. Key, secret and sign-in are kept in the system's keyring.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="only print the address, to be opened elsewhere"
    )
    parser.add_argument(
        "--new-app", action="store_true", help="ask for app key and secret even if they are known"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Sign in; return 0 when it is done and kept.

    Raises:
        TradeAssistError: it came to nothing; the text says why.
    """
    from tradeassist_desktop import app

    launch = command_launch(arguments, for_people_from=logging.WARNING)
    app.claim(launch)
    asyncio.run(_unlocked(launch, arguments))
    return 0


async def _unlocked(launch: Any, arguments: argparse.Namespace) -> None:
    from tradeassist_desktop.app.command_gate import command_gate
    from tradeassist_desktop.cli.unlock import asker

    acts = (Act.SIGN_IN, Act.CREDENTIALS) if arguments.new_app else (Act.SIGN_IN,)
    async with command_gate(launch, *acts, ask=asker(arguments)) as gate:
        await _sign_in(launch, gate, is_asked_anew=arguments.new_app, has_browser=not arguments.no_browser)


async def _sign_in(launch: Any, gate: Gate, *, is_asked_anew: bool, has_browser: bool) -> None:
    import httpx

    from tradeassist_desktop.app.audit_trail import audit_trail
    from tradeassist_desktop.app.schwab_login import schwab_login
    from tradeassist_desktop.app.secret_places import open_secrets
    from tradeassist_desktop.runtime.bus import Bus
    from tradeassist_desktop.runtime.clock import SystemClock
    from tradeassist_desktop.runtime.input_lines import read_lines
    from tradeassist_desktop.services.settings import Settings

    settings = Settings(
        file=launch.places.settings,
        overrides=launch.overrides,
        environment=launch.environment,
        is_dev=launch.is_dev,
    )
    clock = SystemClock()
    async with (
        httpx.AsyncClient(timeout=_HTTP_SECONDS) as http,
        audit_trail(launch, clock=clock, is_claimed=False) as trail,
        open_secrets(launch=launch, settings=settings, trail=trail, clock=clock) as secrets,
    ):
        login = schwab_login(
            launch=launch,
            settings=settings,
            secrets=secrets,
            http=http,
            clock=clock,
            bus=Bus(),
            on_signed_in=lambda: None,
            open_browser=None if has_browser else _open_nothing,
            access=gate,
        )
        await login.load(clock=clock, patience_s=_KEYRING_S)
        sign_in = login.sign_in
        if is_asked_anew or login.tokens.app is None:
            await sign_in.use_app(*await asyncio.to_thread(_ask_for_app))
        await sign_in.begin()
        print(f"Sign in on Schwab's page:\n\n{sign_in.status.address}\n")
        print(
            "Afterwards the browser comes back to this computer by itself; it warns of the certificate "
            "once: go on, within half a minute. Or copy the address it shows then "
            f"({sign_in.status.callback}…) and paste it here:",
            flush=True,
        )
        read_lines(_paster(sign_in.paste))
        try:
            is_done = await sign_in.finished()
        finally:
            await sign_in.close()
        if not is_done:
            raise TradeAssistError(sign_in.status.detail)
        if not login.account.is_lasting:
            raise TradeAssistError(
                "signed in, but there is no keyring to keep it in: the sign-in is lost with this command"
            )
    print("Signed in. The sign-in holds for seven days.")


async def _open_nothing(address: str) -> bool:
    return False


def _ask_for_app() -> tuple[str, str]:
    print("The app key and secret of your developer app, as developer.schwab.com shows them:")
    try:
        return getpass.getpass("App key: "), getpass.getpass("App secret: ")
    except EOFError:
        raise TradeAssistError(
            "there is no app key: set SCHWAB_APP_KEY and SCHWAB_APP_SECRET, or run this in a terminal"
        ) from None


def _paster(paste: Callable[[str], None]) -> Callable[[str], None]:
    """Return what takes a line of standard input; what ``paste`` refuses is said."""

    def take(line: str) -> None:
        if not line.strip():
            return
        try:
            paste(line)
        except TradeAssistError as error:
            print(f"tradeassist: {error}", file=sys.stderr)

    return take
