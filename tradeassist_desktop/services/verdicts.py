"""The trader's verdicts on alerts."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.events import VerdictsGiven
from tradeassist_desktop.domain.verdicts import GivenVerdict, Verdict
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock


class VerdictStore(Protocol):
    """Where verdicts are kept."""

    async def load(self) -> tuple[GivenVerdict, ...]:
        """Return all of them."""
        ...

    async def put(self, given: Sequence[GivenVerdict], withdrawn: Sequence[str] = ()) -> None:
        """Keep verdicts, and forget those of the alerts ``withdrawn``, together."""
        ...


class Verdicts:
    """Has them all in memory; a change is kept first, then told."""

    def __init__(self, *, store: VerdictStore, bus: Bus, clock: Clock, access: Gate = OPEN) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._access = access
        self._given: dict[str, GivenVerdict] = {}

    async def load(self) -> None:
        """Read what is kept.

        Raises:
            StorageFailed: it cannot be read.
        """
        self._given = {each.alert_id: each for each in await self._store.load()}

    def of(self, alert_id: str) -> Verdict | None:
        """Return the verdict on an alert, or ``None``."""
        given = self._given.get(alert_id)
        return None if given is None else given.verdict

    def all(self) -> Mapping[str, GivenVerdict]:
        """Return the verdicts by alert."""
        return dict(self._given)

    async def give(self, wanted: Mapping[str, Verdict | None]) -> Mapping[str, Verdict | None]:
        """Give each of some alerts a verdict, or (``None``) none; return what they had, to be given back.

        Raises:
            Denied: who is at the desk may not.
            StorageFailed: it could not be kept; all stay as they were.
        """
        self._access.require(Act.ACKNOWLEDGE)
        before = {alert_id: self.of(alert_id) for alert_id in wanted}
        now_ns = self._clock.now_ns()
        given = [
            GivenVerdict(alert_id, verdict, now_ns)
            for alert_id, verdict in wanted.items()
            if verdict is not None
        ]
        withdrawn = [alert_id for alert_id, verdict in wanted.items() if verdict is None]
        await self._store.put(given, withdrawn)
        self._given |= {each.alert_id: each for each in given}
        for alert_id in withdrawn:
            self._given.pop(alert_id, None)
        self._bus.publish(VerdictsGiven(alert_ids=tuple(wanted)))
        return before
