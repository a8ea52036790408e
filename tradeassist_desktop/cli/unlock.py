"""Asks on the terminal for the PIN of a locked desk."""

import argparse
import getpass
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from tradeassist_desktop.app.command_gate import Ask
from tradeassist_desktop.domain.access import ALLOWED, Act, Denied, may_in_words
from tradeassist_desktop.domain.errors import TradeAssistError, UsageError
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.services.access.app_lock import Door
from tradeassist_desktop.services.access.desk_lock import DeskLock

_LOCKED: Final = "The desk is locked, and its PIN is asked for"


def asker(arguments: argparse.Namespace) -> Ask:
    """Return what unlocks the desk for a command with these arguments."""

    async def ask(lock: DeskLock, acts: tuple[Act, ...]) -> None:
        await lock.app_lock.load()
        if lock.app_lock.trouble:
            raise TradeAssistError(lock.app_lock.trouble)
        try:
            door = _door(lock, acts, arguments.role)
            read = _reader(is_piped=arguments.pin_stdin)
        except TradeAssistError:
            for act in acts:
                with suppress(Denied):  # said in other words, and written down all the same
                    lock.access.require(act)
            raise
        words = "; ".join(f"to {act.value}, {may_in_words(act)} may" for act in acts)
        print(f"The desk is locked: {words}.", file=sys.stderr)
        pin = await aside(partial(read, f"PIN of the {door.role}: "), name="keyboard")
        code = ""
        if door.has_codes:
            code = await aside(partial(read, "One-time code: "), name="keyboard")
        await lock.app_lock.unlock(door.role, pin, code)

    return ask


def read_hidden(words: str, *, is_piped: bool) -> str:
    """Return a line that is not shown; may block.

    Raises:
        TradeAssistError: there is nobody to type it.
    """
    return _reader(is_piped=is_piped, lacking=f"The {words.rstrip(': ').lower()} is asked for")(words)


def _door(lock: DeskLock, acts: tuple[Act, ...], wanted: str | None) -> Door:
    doors = [door for door in lock.app_lock.doors if all(door.role in ALLOWED[act] for act in acts)]
    if wanted is not None:
        doors = [door for door in doors if door.role.value == wanted]
        if not doors:
            raise UsageError(f"--role {wanted}: has no PIN here, or may not do that")
    if not doors:
        raise TradeAssistError("The desk is locked, and no role that may do that has a PIN.")
    return doors[0]


def _reader(*, is_piped: bool, lacking: str = _LOCKED) -> Callable[[str], str]:
    if is_piped:
        return lambda words: sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise TradeAssistError(f"{lacking}: run this in a terminal, or give it by --pin-stdin.")
    return getpass.getpass
