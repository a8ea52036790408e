"""Begins and ends faults by name, and knows which are on."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.faults.kind import Desk, FaultKind, Kinds, Values
from tradeassist_desktop.simulator.faults.values import read_values, shown, within

LONGEST_S: Final = 1e7
Sort = tuple[str, object]
"""A fault's name and, where several can be on at a time, what tells them apart."""


@dataclass(frozen=True, slots=True)
class Step:
    """A fault that is asked for, checked.

    Args:
        sort: What of which only one can be on at a time.
        for_s: How long it lasts; ``None`` until it is ended, or over at once.
    """

    fault: str
    values: Values
    sort: Sort
    for_s: float | None = None


def read_step(document: Mapping[str, object], kinds: Kinds, place: str = "") -> Step:
    """Return the fault of a venue that a JSON object asks for.

    Raises:
        BadInput: with everything wrong in it.
    """
    given = dict(document)
    name, for_s = given.pop("fault", None), given.pop("for_s", None)
    if not isinstance(name, str) or name not in kinds:
        words = "is missing" if name is None else f"expected one of {', '.join(kinds)}, found {shown(name)}"
        raise BadInput([Fault(within(place, "fault"), words)])
    kind = kinds[name]
    values, faults = read_values(given, kind.parameters, place)
    if for_s is not None:
        if kind.end is None:
            faults.append(Fault(within(place, "for_s"), f"{name} is over at once"))
        elif isinstance(for_s, bool) or not isinstance(for_s, int | float) or not 0 < for_s <= LONGEST_S:
            faults.append(Fault(within(place, "for_s"), f"expected seconds, above 0, found {shown(for_s)}"))
    if faults:
        raise BadInput(faults)
    sort = name, None if kind.sort is None else values[kind.sort]
    return Step(fault=name, values=values, sort=sort, for_s=for_s)  # type: ignore[arg-type]  # checked above


class Mischief(Generic[Desk]):
    """Does what steps ask for. A fault that is on already is ended before it begins anew.

    Args:
        kinds: The faults of this venue.
        desk: What they touch.
    """

    def __init__(self, *, kinds: Mapping[str, FaultKind[Desk]], desk: Desk, clock: Clock) -> None:
        self.kinds = kinds
        self._desk = desk
        self._clock = clock
        self._active: dict[Sort, Step] = {}
        self._timers: dict[Sort, asyncio.Task[None]] = {}

    @property
    def active(self) -> tuple[Step, ...]:
        """Return the faults that are on, in the order they began."""
        return tuple(self._active.values())

    async def begin(self, fault: str, *, for_s: float | None = None, **parameters: Any) -> None:
        """Begin a fault by its name.

        Raises:
            BadInput: there is no such fault, or a parameter is wrong.
        """
        words = {"fault": fault, **parameters} | ({} if for_s is None else {"for_s": for_s})
        await self.do(read_step(words, self.kinds))

    async def do(self, step: Step) -> None:
        """Begin what a step asks for; it ends by itself if the step says when.

        Raises:
            BadInput: it names a symbol there is not, or one that cannot do this.
        """
        kind = self.kinds[step.fault]
        await self.end(step.sort)
        try:
            await kind.begin(self._desk, step.values)
        except KeyError as error:
            raise BadInput([Fault("symbol", f"there is no {error.args[0]}")]) from None
        except ValueError as error:
            raise BadInput([Fault("symbol", str(error))]) from None
        if kind.end is not None:
            self._active[step.sort] = step
        if step.for_s is not None:
            self._timers[step.sort] = asyncio.create_task(
                self._end_after(step.sort, step.for_s), name=f"end of {step.fault}"
            )

    async def end(self, sort: Sort) -> None:
        """End a fault; nothing happens if it is not on."""
        timer = self._timers.pop(sort, None)
        if timer is not None and timer is not asyncio.current_task():
            timer.cancel()
        step = self._active.pop(sort, None)
        undo = None if step is None else self.kinds[step.fault].end
        if step is not None and undo is not None:
            await undo(self._desk, step.values)

    async def end_all(self) -> None:
        """End every fault that is on."""
        for sort in tuple(self._active):
            await self.end(sort)

    async def _end_after(self, sort: Sort, seconds: float) -> None:
        await self._clock.sleep(seconds)
        await self.end(sort)
