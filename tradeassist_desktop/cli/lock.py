"""``tradeassist lock``: whether the desk has an app lock; taking it away with the reset key."""

import argparse
import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from tradeassist_desktop.cli.command_launch import command_launch
from tradeassist_desktop.cli.unlock import read_hidden
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.runtime.aside import aside

if TYPE_CHECKING:
    from tradeassist_desktop.app import Launch

_KEYRING_HINT = "The window sets one up: Desk, Set up app lock."


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    parser = commands.add_parser(
        "lock",
        help="tell whether the desk has an app lock; take it away with its reset key",
        description="Without an action: whether an app lock is on, and which roles have a PIN.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, action="show")
    actions = parser.add_subparsers(metavar="ACTION")
    words = "take the lock away with its reset key: a PIN is forgotten, or the keyring has lost it"
    reset = actions.add_parser("reset", help=words, description=words, allow_abbrev=False)
    reset.set_defaults(action="reset")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked.

    Raises:
        TradeAssistError: it could not be done; the text says why.
    """
    from tradeassist_desktop import app
    from tradeassist_desktop.app.lock import hold

    launch = command_launch(arguments)
    if arguments.action == "show":
        return asyncio.run(_show(launch))
    app.claim(launch)
    held = hold(launch.places)
    if held is None:
        raise TradeAssistError(f"a desk runs on {launch.places.data}: end it first")
    try:
        return asyncio.run(_reset(launch, is_piped=arguments.pin_stdin))
    finally:
        held.release()


async def _show(launch: "Launch") -> int:
    from tradeassist_desktop.app.command_gate import command_lock

    async with command_lock(launch) as lock:
        if not lock.app_lock.seat.has_lock:
            print(f"No app lock is set up. {_KEYRING_HINT}")
            return 0
        await lock.app_lock.load()
        print("The app lock is on.")
        for door in lock.app_lock.doors:
            print(f"{door.role.value:8} {'PIN and one-time codes' if door.has_codes else 'PIN'}")
        if lock.app_lock.trouble:
            raise TradeAssistError(lock.app_lock.trouble)
    return 0


async def _reset(launch: "Launch", *, is_piped: bool) -> int:
    from tradeassist_desktop.app.command_gate import command_lock

    async with command_lock(launch, is_claimed=True) as lock:
        if not lock.app_lock.seat.has_lock:
            print("There is no app lock to take away.")
            return 0
        key = await aside(partial(read_hidden, "Reset key: ", is_piped=is_piped), name="keyboard")
        await lock.keys.reset(key)
    print("The app lock is taken away: the desk is open to everybody until another is set up.")
    return 0
