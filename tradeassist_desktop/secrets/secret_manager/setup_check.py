"""Tries a set-up of Secret Manager before it is saved: each step in turn, each with words."""

import random
import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from tradeassist_desktop.domain.secret import KeeperError, KeeperSilent, Secret
from tradeassist_desktop.domain.secret_setup import SetupStep, StepResult
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.secret_manager.credentials import GoogleAccount
from tradeassist_desktop.secrets.secret_manager.failures import (
    NAME,
    SECRET_MANAGER_BREAKER,
    MissingPermission,
    Unfit,
)
from tradeassist_desktop.secrets.secret_manager.keeper import SecretManagerKeeper
from tradeassist_desktop.secrets.secret_manager.line import Errand, Line
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

PROJECT: Final = "Project"
CREDENTIALS: Final = "Credentials"
CONNECTION: Final = "Connection"
SIGN_IN: Final = "Sign-in"
LIST: Final = "List secrets"
READ: Final = "Read secrets"
ADD: Final = "Keep secrets"
ROUND_TRIP: Final = "Keep, read back and delete one"
STEPS: Final = (PROJECT, CREDENTIALS, CONNECTION, SIGN_IN, LIST, READ, ADD)
"""In the order they are tried. What comes after a step that failed for all is skipped."""

_STEP_S: Final = 5.0
_CREDENTIALS_S: Final = 12.0  # gcloud is asked for its project where it is installed


async def check_setup(
    place: SecretManagerPlace, *, clock: Clock, rng: random.Random, project_where: str, writes: bool = False
) -> AsyncGenerator[SetupStep, None]:
    """Yield each step as it is done, ``STEPS`` and, where it ``writes``, ``ROUND_TRIP``.

    The desk's own breaker neither hinders this nor hears of it: the place may be another than the desk's.

    Args:
        project_where: Where who sees the steps enters the project, as "in the field Project".
        writes: Also keep a secret that is none, read it back, and delete it. Else nothing is written:
            the permission to is seen from what the answer is about a secret that does not exist.
    """
    breaker = Breaker(name=NAME, config=SECRET_MANAGER_BREAKER, clock=clock, rng=rng)
    line = Line(breaker=breaker, clock=clock)
    done: list[str] = []
    try:
        async with aclosing(_tried(place, line, project_where)) as steps:
            async for step in steps:
                done.append(step.title)
                yield step
    finally:
        await line.close()
    for title in STEPS[len(done) :]:
        yield SetupStep(title=title, result=StepResult.SKIPPED, words="not tried")
    if writes:
        yield await _round_trip(place, clock, rng, is_tried=len(done) == len(STEPS))


async def _tried(
    place: SecretManagerPlace, line: Line, project_where: str
) -> AsyncGenerator[SetupStep, None]:
    if not place.is_set:
        yield _failed(PROJECT, f"enter the id of a Google Cloud project {project_where}")
        return
    where = f", region {place.location}" if place.location else ""
    yield _ok(PROJECT, f"{place.project}{where}")

    try:
        login = await line.login(line.errand(place, seconds=_CREDENTIALS_S))
    except KeeperError as error:
        yield _failed(CREDENTIALS, str(error))
        return
    yield _credentials(login.account, place)

    listing: KeeperError | None = None
    try:
        await line.ask(_errand(line, place), "list_secrets", {"parent": place.parent, "page_size": 1})
    except KeeperSilent as silence:
        yield _failed(CONNECTION, str(silence))
        return
    except KeeperError as error:
        listing = error
    yield _ok(CONNECTION, f"{place.host} answers")
    if listing is not None and not isinstance(listing, MissingPermission):
        yield _failed(SIGN_IN, str(listing))
        return
    yield _ok(SIGN_IN, login.account.address or "accepted")
    if listing is None:
        yield _ok(LIST, "allowed")
    else:
        yield SetupStep(
            title=LIST, result=StepResult.HINT, words=f"not needed to read and keep them; {listing}"
        )

    # Of a secret that is not there, only who may do a thing to it hears that it is not.
    nothing = place.secret(f"setup-check.{secrets.token_hex(4)}")
    yield await _probe(line, place, READ, "access_secret_version", {"name": f"{nothing}/versions/latest"})
    yield await _probe(
        line, place, ADD, "add_secret_version", {"parent": nothing, "payload": {"data": b"nothing"}}
    )


async def _probe(
    line: Line, place: SecretManagerPlace, title: str, method: str, request: Mapping[str, Any]
) -> SetupStep:
    try:
        await line.ask(_errand(line, place), method, request)
    except Unfit:
        return _ok(title, "allowed")
    except MissingPermission as missing:
        return _failed(
            title, f"{missing}, on the project, or on each secret alone: then this step says no all the same"
        )
    except KeeperError as error:
        return _failed(title, str(error))
    return _ok(title, "allowed")


async def _round_trip(
    place: SecretManagerPlace, clock: Clock, rng: random.Random, *, is_tried: bool
) -> SetupStep:
    if not is_tried:
        return SetupStep(title=ROUND_TRIP, result=StepResult.SKIPPED, words="not tried")
    breaker = Breaker(name=NAME, config=SECRET_MANAGER_BREAKER, clock=clock, rng=rng)
    keeper = SecretManagerKeeper(place=lambda: place, breaker=breaker, clock=clock)
    name = f"setup-check.{secrets.token_hex(4)}"
    try:
        await keeper.write(name, Secret({"check": "nothing"}))
        await keeper.delete(name)
    except KeeperError as error:
        return _failed(ROUND_TRIP, f"{error}; {place.secret_id(name)} may be left over")
    finally:
        await keeper.close()
    return _ok(ROUND_TRIP, "done, and nothing is left of it")


def _credentials(account: GoogleAccount, place: SecretManagerPlace) -> SetupStep:
    who = account.address or "what this computer is signed in as"
    words = f"{who}, from {account.source}"
    hints = []
    if account.is_exposed:
        hints.append("others on this computer can read that file: let only yourself")
    if account.project and account.project != place.project:
        hints.append(f"it belongs to project {account.project}")
    result = StepResult.HINT if hints else StepResult.OK
    return SetupStep(title=CREDENTIALS, result=result, words="; ".join([words, *hints]))


def _errand(line: Line, place: SecretManagerPlace) -> Errand:
    return line.errand(place, seconds=_STEP_S)


def _ok(title: str, words: str) -> SetupStep:
    return SetupStep(title=title, result=StepResult.OK, words=words)


def _failed(title: str, words: str) -> SetupStep:
    return SetupStep(title=title, result=StepResult.FAILED, words=words)
