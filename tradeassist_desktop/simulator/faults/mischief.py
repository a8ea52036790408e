"""Begins and ends faults by name, and knows which are on."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.faults.acts import Desk, Values
from tradeassist_desktop.simulator.faults.kinds import FAULT_KINDS, FaultKind
from tradeassist_desktop.simulator.faults.values import read_values, shown, within

LONGEST_S: Final = 1e7
_Sort = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Step:
    """A fault that is asked for, checked.

    Args:
        for_s: How long it lasts; ``None`` until it is ended, or over at once.
    """

    fault: str
    values: Values
    for_s: float | None = None

    @property
    def kind(self) -> FaultKind:
        """The fault's entry in the table."""
        return FAULT_KINDS[self.fault]

    @property
    def sort(self) -> _Sort:
        """What of which only one can be on at a time."""
        sort = self.kind.sort
        return self.fault, None if sort is None else self.values[sort]


def read_step(document: Mapping[str, object], place: str = "") -> Step:
    """Return the fault that a JSON object asks for.

    Raises:
        BadInput: with everything wrong in it.
    """
    given = dict(document)
    name, for_s = given.pop("fault", None), given.pop("for_s", None)
    if not isinstance(name, str) or name not in FAULT_KINDS:
        words = (
            "is missing" if name is None else f"expected one of {', '.join(FAULT_KINDS)}, found {shown(name)}"
        )
        raise BadInput([Fault(within(place, "fault"), words)])
    kind = FAULT_KINDS[name]
    values, faults = read_values(given, kind.parameters, place)
    if for_s is not None:
        if kind.end is None:
            faults.append(Fault(within(place, "for_s"), f"{name} is over at once"))
        elif isinstance(for_s, bool) or not isinstance(for_s, int | float) or not 0 < for_s <= LONGEST_S:
            faults.append(Fault(within(place, "for_s"), f"expected seconds, above 0, found {shown(for_s)}"))
    if faults:
        raise BadInput(faults)
    return Step(fault=name, values=values, for_s=for_s)  # type: ignore[arg-type]  # checked above


class Mischief:
    """Does what steps ask for. A fault that is on already is ended before it begins anew."""

    def __init__(self, *, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._active: dict[_Sort, Step] = {}
        self._timers: dict[_Sort, asyncio.Task[None]] = {}

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
        await self.do(read_step(words))

    async def do(self, step: Step) -> None:
        """Begin what a step asks for; it ends by itself if the step says when.

        Raises:
            BadInput: it names a symbol there is not, or one that cannot do this.
        """
        await self.end(step.sort)
        try:
            await step.kind.begin(self._desk, step.values)
        except KeyError as error:
            raise BadInput([Fault("symbol", f"there is no {error.args[0]}")]) from None
        except ValueError as error:
            raise BadInput([Fault("symbol", str(error))]) from None
        if step.kind.end is not None:
            self._active[step.sort] = step
        if step.for_s is not None:
            self._timers[step.sort] = asyncio.create_task(
                self._end_after(step.sort, step.for_s), name=f"end of {step.fault}"
            )

    async def end(self, sort: _Sort) -> None:
        """End a fault; nothing happens if it is not on."""
        timer = self._timers.pop(sort, None)
        if timer is not None and timer is not asyncio.current_task():
            timer.cancel()
        step = self._active.pop(sort, None)
        if step is not None and step.kind.end is not None:
            await step.kind.end(self._desk, step.values)

    async def end_all(self) -> None:
        """End every fault that is on."""
        for sort in tuple(self._active):
            await self.end(sort)

    async def _end_after(self, sort: _Sort, seconds: float) -> None:
        await self._clock.sleep(seconds)
        await self.end(sort)
