"""``tradeassist channels``: which channels to other machines are set up; set one up, send a test."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from tradeassist_desktop.cli.command_launch import command_launch
from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.runtime.aside import aside

if TYPE_CHECKING:
    from tradeassist_desktop.app import Launch
    from tradeassist_desktop.app.command_gate import Ask
    from tradeassist_desktop.services.channel_setup import ChannelSetup, FieldNow


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    from tradeassist_desktop.channels import CHANNELS

    parser = commands.add_parser(
        "channels",
        help="list the channels to other machines, set one up, send a test through it",
        description="Without an action: every channel to another machine, and what it lacks.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, action="list")
    actions = parser.add_subparsers(metavar="ACTION")
    for action, words in (
        (
            "set",
            "ask for what a channel needs and keep it; secrets go to the first of secrets.order that can "
            "keep them: Secret Manager where it is set up, or the system's keyring",
        ),
        ("test", "send a test message, and say what came of it"),
    ):
        action_parser = actions.add_parser(action, help=words, description=words, allow_abbrev=False)
        action_parser.add_argument("channel", choices=tuple(CHANNELS))
        action_parser.set_defaults(action=action)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; return 1 where a test did not arrive.

    Raises:
        TradeAssistError: it could not be done; the text says why.
    """
    from tradeassist_desktop.cli.unlock import asker

    launch = command_launch(arguments)
    if arguments.action == "set":
        return _set_alone(launch, arguments.channel, asker(arguments))
    if arguments.action == "test":
        ask = asker(arguments)
        return asyncio.run(
            _with_setup(launch, lambda setup: _test(setup, arguments.channel), ask, Act.RESEND)
        )
    return asyncio.run(_with_setup(launch, _list, asker(arguments)))


def _set_alone(launch: "Launch", channel: str, ask: "Ask") -> int:
    from tradeassist_desktop import app
    from tradeassist_desktop.app.lock import hold

    app.claim(launch)
    # A desk that runs keeps the secrets it has read, and would not hear of these.
    lock = hold(launch.places)
    if lock is None:
        raise TradeAssistError(f"a desk runs on {launch.places.data}: set the channel up there, or end it")
    try:
        work = _with_setup(
            launch, lambda setup: _set(setup, channel), ask, Act.CREDENTIALS, Act.SETTINGS, is_claimed=True
        )
        return asyncio.run(work)
    finally:
        lock.release()


async def _with_setup(
    launch: "Launch",
    work: Callable[["ChannelSetup"], Any],
    ask: "Ask",
    *acts: Act,
    is_claimed: bool = False,
) -> int:
    from tradeassist_desktop.app.channel_desk import channel_desk
    from tradeassist_desktop.app.command_gate import command_gate

    try:
        async with (
            command_gate(launch, *acts, ask=ask, is_claimed=is_claimed) as gate,
            channel_desk(launch, is_claimed=is_claimed, access=gate) as setup,
        ):
            return int(await work(setup))
    except Undeliverable as error:  # the keyring is silent
        raise TradeAssistError(error.reason) from None


async def _list(setup: "ChannelSetup") -> int:
    for name in setup.names:
        print(f"{name:10} {await setup.missing(name) or 'set up'}")
    return 0


async def _test(setup: "ChannelSetup", channel: str) -> int:
    tested = await setup.test(channel)
    print(f"{setup.title(channel)}: {tested.words}", file=sys.stdout if tested.is_delivered else sys.stderr)
    return 0 if tested.is_delivered else 1


async def _set(setup: "ChannelSetup", channel: str) -> int:
    print("Enter keeps what there is; a dash takes it out.")
    entered: dict[str, str] = {}
    fields = await setup.fields(channel)
    if trouble := next((now.trouble for now in fields if now.trouble), ""):
        raise TradeAssistError(trouble)  # what is kept in memory only would end with this command
    for now in fields:
        # Beside the loop's own threads, so that Ctrl+C need not wait for an answer.
        text = (await aside(partial(_ask, now), name="keyboard")).strip()
        if text:
            entered[now.field.id] = "" if text == "-" else text
    print(await setup.save(channel, entered))
    missing = await setup.missing(channel)
    print(missing or f"Now: tradeassist channels test {channel}")
    return 0


def _ask(now: "FieldNow") -> str:
    field = now.field
    kept = f"kept in the {now.source}" if now.source else now.text
    choices = f" ({', '.join(now.choices)})" if now.choices else ""
    print(f"\n{field.label}{choices}: {field.hint}")
    prompt = f"{field.label} [{kept}]: " if kept else f"{field.label}: "
    try:
        return getpass.getpass(prompt) if field.is_hidden and sys.stdin.isatty() else input(prompt)
    except EOFError:
        raise TradeAssistError("nothing was kept: run this in a terminal, and answer to the end") from None
