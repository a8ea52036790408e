"""``tradeassist secrets check``: tries the set-up of Secret Manager, step by step."""

import argparse
import asyncio
import logging
import random
from typing import TYPE_CHECKING, Any, Final

from tradeassist_desktop import logs, paths
from tradeassist_desktop.domain.secret_setup import StepResult
from tradeassist_desktop.runtime.clock import SystemClock

if TYPE_CHECKING:
    from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

_MARKS: Final = {
    StepResult.OK: "ok",
    StepResult.HINT: "note",
    StepResult.FAILED: "NO",
    StepResult.SKIPPED: "-",
}

_PROJECT_WHERE: Final = "as the setting secrets.gcp.project, or as GCP_PROJECT_ID in the environment"


def add_action(actions: Any) -> None:
    """Add the action to ``tradeassist secrets``."""
    words = "try the set-up of Google Cloud Secret Manager, and say of each step what it needs"
    parser = actions.add_parser("check", help=words, description=words, allow_abbrev=False)
    parser.add_argument(
        "--write", action="store_true", help="also keep a secret that is none, read it back and delete it"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Try it with the settings in force; return 1 where a step failed.

    Raises:
        BadInput: the settings hold something no setting can be.
    """
    from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace
    from tradeassist_desktop.services.settings import Settings

    logs.start(file=None, as_json=arguments.log_json, mask=arguments.mask, for_people_from=logging.ERROR)
    settings = Settings(
        file=paths.resolve(arguments.data_dir).settings,
        overrides=tuple(arguments.overrides),
        environment=arguments.environment,
        is_dev=arguments.is_dev,
    )
    return asyncio.run(_check(SecretManagerPlace.of(settings.text), writes=arguments.write))


async def _check(place: "SecretManagerPlace", *, writes: bool) -> int:
    from tradeassist_desktop.secrets.secret_manager.setup_check import check_setup

    has_failed = False
    checking = check_setup(
        place, clock=SystemClock(), rng=random.Random(), project_where=_PROJECT_WHERE, writes=writes
    )
    async for step in checking:
        print(f"{_MARKS[step.result]:4}  {step.title}: {step.words}", flush=True)
        has_failed |= step.result is StepResult.FAILED
    return int(has_failed)
