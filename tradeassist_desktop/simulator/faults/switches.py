"""Faults on request: what the simulator does wrong, for tests of clients."""

from dataclasses import dataclass, field
from typing import Literal

TokenError = Literal[
    "invalid_grant",
    "refresh_token_authentication_error",
    "invalid_client",
    "unreadable_error",
    "access_denied",
    "server_error",
    "no_token",
]
"""What the token endpoint answers; the first two nested in ``unsupported_token_type``."""

RestError = Literal[
    "too_many_requests",
    "slow",
    "trickle",
    "bad_gateway",
    "empty",
    "server_error",
    "unauthorized",
    "too_big",
]
"""What a REST request is answered with."""


@dataclass(slots=True)
class RestFault:
    """What goes wrong with the next REST requests.

    Args:
        error: ``slow`` answers after ``seconds``; ``trickle`` takes them for the body, byte by byte.
        count: How many requests it takes; -1 is all of them.
        path: Only of paths that have this in them.
        seconds: Also the ``Retry-After`` of ``too_many_requests``.
    """

    error: RestError
    count: int = -1
    path: str = ""
    seconds: float = 1.0


@dataclass(slots=True)
class Faults:
    """Switches read by the streamer, the sign-in and the REST answers; all off at first.

    Args:
        refused_logins: How many of the next logins get code 3; -1 is all of them.
        is_silent: Nothing is sent any more, data or heartbeats, on open connections.
        is_without_data: Heartbeats go on, data does not.
        unavailable: Services answered with code 11.
        forced_codes: What the next subscription commands are answered with, in turn, doing nothing.
        mute_commands: How many of the next commands are never answered.
        answer_delay_s: How late a command is answered; another one meanwhile fails (codes 22 to 25).
        is_bundling: Answers to commands wait for the next data, and come in one frame with it.
        is_unreachable: Every request of any sort is cut off (RST), but for the control endpoint's.
        is_delayed: Snapshots say that the data is delayed.
        stamp_shift_ms: Added to the times of quotes and trades; above 0 is the future.
        is_stamped_in_seconds: Times of quotes and trades are seconds, not milliseconds.
        is_duplicating: Every data frame comes twice.
        is_swapping: Of every two data frames the second comes first.
        token_errors: What the next token requests are answered with, in turn.
        rest: What goes wrong with the next REST requests; the first that fits is taken.
        is_authorize_denied: The login page is an "Access Denied".
    """

    refused_logins: int = 0
    is_silent: bool = False
    is_without_data: bool = False
    unavailable: frozenset[str] = frozenset()
    forced_codes: list[int] = field(default_factory=list)
    mute_commands: int = 0
    answer_delay_s: float = 0.0
    is_bundling: bool = False
    is_unreachable: bool = False
    is_delayed: bool = False
    stamp_shift_ms: int = 0
    is_stamped_in_seconds: bool = False
    is_duplicating: bool = False
    is_swapping: bool = False
    token_errors: list[TokenError] = field(default_factory=list)
    rest: list[RestFault] = field(default_factory=list)
    is_authorize_denied: bool = False

    @property
    def is_stamping_wrong(self) -> bool:
        """Whether the times on the wire are not those of the market."""
        return self.is_stamped_in_seconds or self.stamp_shift_ms != 0
