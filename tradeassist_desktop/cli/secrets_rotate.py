"""``tradeassist secrets rotate``: replaces a secret now, and tells each step."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING, Any, Final

from tradeassist_desktop.cli.command_launch import command_launch
from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import RotationStepped
from tradeassist_desktop.runtime.bus import Bus

if TYPE_CHECKING:
    from tradeassist_desktop.app import Launch
    from tradeassist_desktop.app.command_gate import Ask
    from tradeassist_desktop.services.rotation.rotation import RotationService
    from tradeassist_desktop.services.rotation.works import RotationOutcome

_AGAIN_S: Final = 5.0


def add_action(actions: Any) -> None:
    """Add the action to ``tradeassist secrets``."""
    from tradeassist_desktop.services.rotation.policies import ROTATED

    words = "replace a secret by a new one now, due or not, and end the old one after a grace"
    parser = actions.add_parser("rotate", help=words, description=words, allow_abbrev=False)
    parser.add_argument("secret", choices=ROTATED, help="one of: " + ", ".join(ROTATED), metavar="NAME")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Replace it; return 1 where that failed.

    Raises:
        TradeAssistError: it cannot be replaced here; the text says what to do instead.
    """
    from tradeassist_desktop import app
    from tradeassist_desktop.app.lock import hold
    from tradeassist_desktop.cli.unlock import asker

    launch = command_launch(arguments)
    app.claim(launch)
    lock = hold(launch.places)
    if lock is None:
        raise TradeAssistError(f"a desk runs on {launch.places.data}: rotate there, or end it")
    try:
        return asyncio.run(_rotate(launch, arguments.secret, asker(arguments)))
    finally:
        lock.release()


async def _rotate(launch: "Launch", secret: str, ask: "Ask") -> int:
    from tradeassist_desktop.app.command_gate import command_gate
    from tradeassist_desktop.app.rotation_desk import rotation_desk
    from tradeassist_desktop.services.rotation.words import STEP_WORDS

    bus = Bus()
    bus.subscribe(
        RotationStepped, lambda event: None if event.failure else print(STEP_WORDS[event.step], flush=True)
    )
    async with (
        command_gate(launch, Act.ROTATE, ask=ask, is_claimed=True) as gate,
        rotation_desk(launch, bus, access=gate) as service,
    ):
        outcome = await _until_kept(service, secret)
    print(outcome.words, file=sys.stdout if outcome.is_done else sys.stderr)
    return 0 if outcome.is_done else 1


async def _until_kept(service: "RotationService", secret: str) -> "RotationOutcome":
    """Replace it; a new one that cannot be kept is not let go of before a person says so."""
    outcome = await service.rotate_now(secret)
    while any(each.is_unkept for each in service.standings() if each.name == secret):
        print(
            f"A new one came and cannot be kept: {outcome.words}. The old one may not be renewed again. "
            "It is tried again every few seconds; Ctrl+C gives the new one up.",
            file=sys.stderr,
        )
        await asyncio.sleep(_AGAIN_S)
        outcome = await service.rotate_now(secret)
    return outcome
