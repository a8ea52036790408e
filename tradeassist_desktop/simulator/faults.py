"""Faults on request: what the simulator does wrong, for tests of clients."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """Switches read by the streamer; all off at first.

    Args:
        refused_logins: How many of the next logins get code 3; -1 is all of them.
        is_silent: Nothing is sent any more, data or heartbeats, on open connections.
        is_without_data: Heartbeats go on, data does not.
        unavailable: Services answered with code 11.
        forced_codes: What the next subscription commands are answered with, in turn, doing nothing.
        mute_commands: How many of the next commands are never answered.
    """

    refused_logins: int = 0
    is_silent: bool = False
    is_without_data: bool = False
    unavailable: frozenset[str] = frozenset()
    forced_codes: list[int] = field(default_factory=list)
    mute_commands: int = 0
