"""The local Schwab's faults, by the names tests, scenario files and the control endpoint use."""

from collections.abc import Mapping
from typing import Final, get_args

from tradeassist_desktop.simulator.exchange import Status
from tradeassist_desktop.simulator.faults import acts
from tradeassist_desktop.simulator.faults.acts import Desk
from tradeassist_desktop.simulator.faults.garbage import GARBAGE, WIRE_GARBAGE
from tradeassist_desktop.simulator.faults.kind import (
    CLOSE_CODE,
    HEARTBEATS,
    PERCENT,
    RESET,
    SHIFT_S,
    FaultKind,
    count,
    count_or_all,
    rest_error,
    symbol,
)
from tradeassist_desktop.simulator.faults.switches import TokenError
from tradeassist_desktop.simulator.faults.values import Parameter
from tradeassist_desktop.simulator.fields import SERVICES
from tradeassist_desktop.simulator.subscriptions import CLOSE_CONNECTION, STOP_STREAMING

_CODES: Final = (3, 9, 11, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
_IN_S: Final = Parameter("in_s", float, "seconds from now", 5.0, lowest=0, highest=1e7)

FAULT_KINDS: Final[Mapping[str, FaultKind[Desk]]] = {
    "silence": FaultKind(
        "the streamer sends no data; heartbeats only if asked",
        acts.silence,
        acts.end_silence,
        (HEARTBEATS,),
    ),
    "half_open": FaultKind(
        "open connections neither read nor write, and do not end; cut when the fault ends",
        acts.half_open,
        acts.end_half_open,
    ),
    "outage": FaultKind(
        "connections are cut, and every request of any sort too",
        acts.outage,
        acts.end_outage,
    ),
    "bundled_answers": FaultKind(
        "answers to commands come in one frame with data", *acts.switch("is_bundling")
    ),
    "late_answers": FaultKind(
        "commands are answered late",
        acts.late_answers,
        acts.end_late_answers,
        (Parameter("seconds", float, "how late", lowest=0, highest=600),),
    ),
    "refused_logins": FaultKind(
        "logins get code 3",
        acts.refused_logins,
        acts.end_refused_logins,
        (count_or_all(1000),),
    ),
    "unavailable_service": FaultKind(
        "a service gets code 11",
        acts.unavailable,
        acts.available,
        (Parameter("service", str, "which", choices=SERVICES),),
        sort="service",
    ),
    "delayed_data": FaultKind(
        "first items say delayed: true, quotes realtime: false", acts.delayed, acts.end_delayed
    ),
    "wrong_stamps": FaultKind(
        "times of quotes and trades are wrong",
        acts.wrong_stamps,
        acts.end_wrong_stamps,
        (
            SHIFT_S,
            Parameter("in_seconds", bool, "seconds for milliseconds", False),
        ),
    ),
    "duplicate_frames": FaultKind("every data frame comes twice", *acts.switch("is_duplicating")),
    "swapped_frames": FaultKind(
        "of every two data frames the second comes first", *acts.switch("is_swapping")
    ),
    "denied_sign_in": FaultKind("the login page is an Access Denied", *acts.switch("is_authorize_denied")),
    "rest_error": FaultKind(
        "REST requests are answered wrongly or late",
        acts.rest_error,
        acts.end_rest_error,
        rest_error(),
        sort="error",
    ),
    "halt": FaultKind(
        "a symbol is halted or closed and gets no updates",
        acts.halt,
        acts.resume,
        (symbol(), Parameter("status", str, "which word", "Halted", choices=get_args(Status)[1:])),
        sort="symbol",
    ),
    "forced_code": FaultKind(
        "the next commands get this code and do nothing",
        acts.forced_code,
        parameters=(Parameter("code", int, "which", choices=_CODES), count()),
    ),
    "mute_commands": FaultKind(
        "the next commands are not answered", acts.mute_commands, parameters=(count(),)
    ),
    "notice": FaultKind(
        "a notice, then the connection ends as it does after it",
        acts.notice,
        parameters=(Parameter("code", int, "which", choices=(CLOSE_CONNECTION, STOP_STREAMING)),),
    ),
    "close": FaultKind(
        "connections are closed with a closing word",
        acts.close,
        parameters=(CLOSE_CODE,),
    ),
    "drop": FaultKind(
        "connections are cut without a word",
        acts.drop,
        parameters=(RESET,),
    ),
    "garbage": FaultKind(
        "a frame that is wrong",
        acts.garbage,
        parameters=(Parameter("kind", str, "in which way", choices=(*GARBAGE, *WIRE_GARBAGE)), count()),
    ),
    "burst": FaultKind("many trades at once", acts.burst, parameters=(symbol(), count(1000))),
    "bad_print": FaultKind(
        "one trade far off, then one back", acts.bad_print, parameters=(symbol(), PERCENT)
    ),
    "gap": FaultKind(
        "the price jumps and stays; the quote follows", acts.gap, parameters=(symbol(), PERCENT)
    ),
    "split": FaultKind(
        "a share splits; prices, previous close and past are re-based",
        acts.split,
        parameters=(
            symbol(),
            Parameter("ratio", float, "new shares for one old", lowest=0.001, highest=1000),
        ),
    ),
    "rename": FaultKind(
        "a symbol becomes invalid; its CUSIP answers with the new one",
        acts.rename,
        parameters=(symbol(), Parameter("to", str, "the new symbol")),
    ),
    "roll": FaultKind(
        "a future's root stands for the next contract", acts.roll, parameters=(symbol("which root"),)
    ),
    "expire_contract": FaultKind(
        "a contract's end is near", acts.expire_contract, parameters=(symbol(), _IN_S)
    ),
    "token_expiry": FaultKind(
        "tokens run out",
        acts.token_expiry,
        parameters=(_IN_S, Parameter("refresh", bool, "the refresh tokens, not the access tokens", False)),
    ),
    "token_error": FaultKind(
        "the next token requests are refused",
        acts.token_error,
        parameters=(Parameter("error", str, "how", choices=get_args(TokenError)), count()),
    ),
}
"""By the name they are asked for with."""
