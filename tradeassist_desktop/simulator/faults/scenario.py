"""Scenario files: which fault begins when, read whole or refused whole."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.faults.kind import Kinds
from tradeassist_desktop.simulator.faults.mischief import LONGEST_S, Mischief, Step, read_step
from tradeassist_desktop.simulator.faults.values import shown, within

FORMAT: Final = "tradeassist-scenario"
VERSION: Final = 1
MOST_BYTES: Final = 1024 * 1024
MOST_STEPS: Final = 10_000
_KEYS: Final = ("format", "version", "from", "steps")

Start = Literal["start", "subscription"]
"""From when a scenario's seconds count."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps with their seconds, in the order they come.

    Args:
        starts: ``start`` counts from where the simulator listens, ``subscription`` from the first one.
    """

    steps: tuple[tuple[float, Step], ...]
    starts: Start = "start"


def parse_scenario(content: bytes, kinds: Kinds) -> Scenario:
    """Return the scenario of a file, of faults that a venue has.

    Raises:
        BadInput: with every mistake in it, placed as ``steps[3].fault``.
    """
    if len(content) > MOST_BYTES:
        raise BadInput([Fault("", f"larger than {MOST_BYTES // 1024} KiB")])
    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadInput([Fault("", f"not JSON: {str(error)[:150]}")]) from None
    return read_scenario(document, kinds)


def read_scenario(document: object, kinds: Kinds) -> Scenario:
    """Return the scenario that a JSON document is.

    Raises:
        BadInput: with every mistake in it.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadInput([Fault("format", f'expected a JSON object with "format": "{FORMAT}"')])
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise BadInput([Fault("version", f"expected {VERSION}, found {shown(version)}")])
    faults = [Fault(within("", key), "unknown key") for key in document if key not in _KEYS]
    starts = document.get("from", "start")
    if starts not in ("start", "subscription"):
        faults.append(Fault("from", f"expected start or subscription, found {shown(starts)}"))
    entries = document.get("steps")
    if not isinstance(entries, list) or len(entries) > MOST_STEPS:
        faults.append(Fault("steps", f"expected a list of at most {MOST_STEPS} steps"))
        raise BadInput(faults)
    steps: list[tuple[float, Step]] = []
    for number, entry in enumerate(entries):
        try:
            steps.append(_read_timed(entry, kinds, f"steps[{number}]"))
        except BadInput as error:
            faults.extend(error.faults)
    if faults:
        raise BadInput(faults)
    return Scenario(steps=tuple(sorted(steps, key=lambda step: step[0])), starts=starts)


async def play(
    scenario: Scenario,
    *,
    mischief: Mischief[Any],
    clock: Clock,
    first_subscription: Callable[[], Awaitable[None]],
    on_refused: Callable[[BadInput], None],
) -> None:
    """Do the steps, each at its time. What one of them cannot do is told, and the others go on."""
    if scenario.starts == "subscription":
        await first_subscription()
    begun_ns = clock.monotonic_ns()
    for at_s, step in scenario.steps:
        wait_s = at_s - (clock.monotonic_ns() - begun_ns) / 1e9
        if wait_s > 0:
            await clock.sleep(wait_s)
        try:
            await mischief.do(step)
        except BadInput as error:
            on_refused(error)


def _read_timed(entry: object, kinds: Kinds, place: str) -> tuple[float, Step]:
    if not isinstance(entry, dict):
        raise BadInput([Fault(place, f"expected an object, found {shown(entry)}")])
    given: dict[str, object] = dict(entry)
    at_s = given.pop("at_s", None)
    faults: list[Fault] = []
    is_number = isinstance(at_s, int | float) and not isinstance(at_s, bool)
    if at_s is None:
        faults.append(Fault(f"{place}.at_s", "is missing"))
    elif not is_number or not 0 <= at_s <= LONGEST_S:  # type: ignore[operator]  # a number here
        faults.append(Fault(f"{place}.at_s", f"expected seconds, 0 or more, found {shown(at_s)}"))
    try:
        step = read_step(given, kinds, place)
    except BadInput as error:
        raise BadInput([*faults, *error.faults]) from None
    if faults:
        raise BadInput(faults)
    assert isinstance(at_s, int | float)
    return float(at_s), step


def _object(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    repeated = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if repeated:
        raise ValueError(f"{within('', repeated[0])} is given twice")
    return dict(pairs)


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no number")
