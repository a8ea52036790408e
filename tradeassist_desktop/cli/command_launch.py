"""The launch of a command that works without a desk."""

import argparse
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tradeassist_desktop import logs, paths
from tradeassist_desktop.domain.errors import TradeAssistError

if TYPE_CHECKING:
    from tradeassist_desktop.app import Launch


def command_launch(arguments: argparse.Namespace, *, for_people_from: int = logging.ERROR) -> "Launch":
    """Return it, and let the log speak on standard error.

    Args:
        for_people_from: As of ``logs.start``: what a warning tells, a command says in a sentence of its own.
    """
    from tradeassist_desktop import app

    launch = app.Launch(
        places=paths.resolve(arguments.data_dir),
        feed=None,
        speed=None,
        symbol=None,
        bar_label="start",
        rules_file=None,
        record_file=None,
        overrides=tuple(arguments.overrides),
        environment=arguments.environment,
        is_dev=arguments.is_dev,
        is_headless=True,
        mask=arguments.mask,
    )
    logs.start(file=None, as_json=arguments.log_json, mask=launch.mask, for_people_from=for_people_from)
    return launch


@contextmanager
def folder_alone(launch: "Launch") -> Iterator[None]:
    """Hold the folder: a desk that runs keeps the secrets it has read, and would not hear of others.

    Raises:
        TradeAssistError: a desk runs on it, or nothing can be written there.
    """
    from tradeassist_desktop import app
    from tradeassist_desktop.app.lock import hold

    app.claim(launch)
    lock = hold(launch.places)
    if lock is None:
        raise TradeAssistError(f"a desk runs on {launch.places.data}: do it there, or end it")
    try:
        yield
    finally:
        lock.release()
