"""The replay that is this desk's feed: asked to move, and asked what it has raised so far."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.recordings import FileSummary
from tradeassist_desktop.domain.replay import Opening, Raised, ReplayState
from tradeassist_desktop.engine.calendars.sessions import regular
from tradeassist_desktop.feeds.replay_control import ReplayControl
from tradeassist_desktop.runtime.bus import Bus

_MOST_SESSIONS: Final = 100


class Replaying:
    """Moves a replay; backwards by having the desk opened anew, since no engine can unlearn.

    Args:
        opening: What was asked for.
        summary: What the recording holds.
        control: What the feed obeys; people's wishes come through here.
        reopen: Has this desk closed and another one opened on a replay; ``None`` is back to live.
    """

    def __init__(
        self,
        *,
        opening: Opening,
        summary: FileSummary,
        control: ReplayControl,
        bus: Bus,
        reopen: Callable[[Opening | None], None],
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self.opening = opening
        self.summary = summary
        self.control = control
        self._reopen = reopen
        self._raised = {
            alert_id: raised
            for alert_id, raised in opening.earlier_alerts.items()
            if raised.event_ns < opening.start_at_ns
        }
        self.is_leaving = False
        """Whether another desk is to take this one's place."""
        self.stop = bus.subscribe(AlertRaised, self._on_alert)

    @property
    def state(self) -> ReplayState:
        """Where the replay is, and how it goes on."""
        return self.control.state

    @property
    def raised(self) -> Mapping[str, Raised]:
        """By their ids, the alerts this recording has raised up to where it is."""
        return MappingProxyType(self._raised)

    @property
    def sessions(self) -> tuple[tuple[int, int], ...]:
        """When the regular sessions within the recording begin and end, of its first symbol."""
        summary = self.summary
        calendar = regular(instrument_of(summary.symbols[0]).kind) if summary.symbols else None
        found: list[tuple[int, int]] = []
        at_ns = summary.first_ns
        while calendar is not None and at_ns < summary.last_ns and len(found) < _MOST_SESSIONS:
            stretch = calendar.at(at_ns)
            if stretch.is_open:
                found.append((max(stretch.start_ns, summary.first_ns), min(stretch.end_ns, summary.last_ns)))
            at_ns = stretch.end_ns
        return tuple(found)

    def seek(self, event_ns: int) -> None:
        """Go to a time within the recording: forwards by playing on, backwards by playing from the start.

        Alerts after a time that was gone back to are forgotten: they fire again.
        """
        self._access.require(Act.REPLAY)
        state = self.state
        event_ns = max(state.first_ns, min(event_ns, state.last_ns))
        if event_ns >= state.at_ns and not state.is_ended:
            self.control.seek(event_ns)
        elif event_ns < state.at_ns:
            self.is_leaving = True
            self.control.pause()
            self._reopen(
                replace(
                    self.opening,
                    start_at_ns=event_ns,
                    speed=state.speed,
                    is_paused=state.is_paused,
                    # Not a copy: what waits for the disk is raised before this desk is closed.
                    earlier_alerts=self.raised,
                )
            )

    def pause(self) -> None:
        """Play nothing more for now."""
        self._access.require(Act.REPLAY)
        self.control.pause()

    def resume(self) -> None:
        """Play on."""
        self._access.require(Act.REPLAY)
        self.control.resume()

    def step(self) -> None:
        """Play one more update, then pause."""
        self._access.require(Act.REPLAY)
        self.control.step()

    def step_bar(self) -> None:
        """Play until one more minute has closed, as fast as possible, then pause."""
        self._access.require(Act.REPLAY)
        self.control.step_bar()

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast as recorded; 0 is as fast as possible.

        Raises:
            ValueError: it is negative.
        """
        self._access.require(Act.REPLAY)
        self.control.set_speed(speed)

    def cancel_seek(self) -> None:
        """Stay where the seeking has come."""
        self._access.require(Act.REPLAY)
        self.control.cancel_seek()

    def as_it_stands(self) -> Opening:
        """Return how to open the replay where it is, paused."""
        state = self.state
        return replace(
            self.opening,
            start_at_ns=state.at_ns,
            speed=state.speed,
            is_paused=True,
            earlier_alerts=self.raised,
        )

    def close(self) -> None:
        """Go back to the live feed."""
        self._access.require(Act.REPLAY)
        self.is_leaving = True
        self._reopen(None)

    def _on_alert(self, event: AlertRaised) -> None:
        if not event.alert.is_notice:
            self._raised[event.alert.id] = Raised(event.alert.event_ns, event.alert.status)
