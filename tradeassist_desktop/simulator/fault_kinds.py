"""The faults that can be asked for by name, from tests, scenario files and the control endpoint."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from tradeassist_desktop.simulator.connection import CLOSE_CONNECTION, STOP_STREAMING
from tradeassist_desktop.simulator.exchange import Exchange, Status
from tradeassist_desktop.simulator.fault_values import Parameter
from tradeassist_desktop.simulator.faults import Faults, RestError, RestFault, TokenError
from tradeassist_desktop.simulator.fields import SERVICES
from tradeassist_desktop.simulator.garbage import GARBAGE, kind_of
from tradeassist_desktop.simulator.oauth import SignIn
from tradeassist_desktop.simulator.streamer import Streamer


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a fault can touch."""

    faults: Faults
    streamer: Streamer
    exchange: Exchange
    sign_in: SignIn


Values = dict[str, Any]
"""A fault's parameters, checked."""

Act = Callable[[Desk, Values], Awaitable[None]]
"""Begins or ends a fault."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One fault by name.

    Args:
        end: Undoes it; ``None`` for what is over at once.
        sort: Name of the parameter by which several can be on at a time; of one sort only one can.
    """

    doc: str
    begin: Act
    end: Act | None = None
    parameters: tuple[Parameter, ...] = ()
    sort: str | None = None


def _symbol(doc: str = "whose") -> Parameter:
    return Parameter("symbol", str, doc)


def _count(usual: int = 1, lowest: int = 1) -> Parameter:
    return Parameter("count", int, "how many", usual, lowest=lowest, highest=1_000_000)


def _switch(name: str, on: object, off: object) -> tuple[Act, Act]:
    """Return what sets one of the switches, and what sets it back."""

    async def begin(desk: Desk, _: Values) -> None:
        setattr(desk.faults, name, on)

    async def end(desk: Desk, _: Values) -> None:
        setattr(desk.faults, name, off)

    return begin, end


async def _silence(desk: Desk, values: Values) -> None:
    desk.faults.is_without_data = True
    desk.faults.is_silent = not values["heartbeats"]


async def _end_silence(desk: Desk, _: Values) -> None:
    desk.faults.is_without_data = desk.faults.is_silent = False


async def _half_open(desk: Desk, _: Values) -> None:
    desk.streamer.freeze_all()


async def _end_half_open(desk: Desk, _: Values) -> None:
    desk.streamer.drop_frozen()


async def _delayed(desk: Desk, _: Values) -> None:
    desk.faults.is_delayed = True
    await desk.streamer.send_snapshots()


async def _end_delayed(desk: Desk, _: Values) -> None:
    desk.faults.is_delayed = False
    await desk.streamer.send_snapshots()


async def _wrong_stamps(desk: Desk, values: Values) -> None:
    desk.faults.stamp_shift_ms = int(values["shift_s"] * 1000)
    desk.faults.is_stamped_in_seconds = values["in_seconds"]


async def _end_wrong_stamps(desk: Desk, _: Values) -> None:
    desk.faults.stamp_shift_ms = 0
    desk.faults.is_stamped_in_seconds = False


async def _late_answers(desk: Desk, values: Values) -> None:
    desk.faults.answer_delay_s = values["seconds"]


async def _end_late_answers(desk: Desk, _: Values) -> None:
    desk.faults.answer_delay_s = 0.0


async def _unavailable(desk: Desk, values: Values) -> None:
    desk.faults.unavailable |= {values["service"]}


async def _available(desk: Desk, values: Values) -> None:
    desk.faults.unavailable -= {values["service"]}


async def _refused_logins(desk: Desk, values: Values) -> None:
    desk.faults.refused_logins = values["count"]


async def _end_refused_logins(desk: Desk, _: Values) -> None:
    desk.faults.refused_logins = 0


async def _rest_error(desk: Desk, values: Values) -> None:
    desk.faults.rest.append(RestFault(**values))


async def _end_rest_error(desk: Desk, values: Values) -> None:
    desk.faults.rest[:] = [each for each in desk.faults.rest if each.error != values["error"]]


async def _halt(desk: Desk, values: Values) -> None:
    await desk.exchange.set_status(values["symbol"], values["status"])


async def _resume(desk: Desk, values: Values) -> None:
    await desk.exchange.resume(values["symbol"])


async def _forced_code(desk: Desk, values: Values) -> None:
    desk.faults.forced_codes.extend([values["code"]] * values["count"])


async def _mute_commands(desk: Desk, values: Values) -> None:
    desk.faults.mute_commands += values["count"]


async def _notice(desk: Desk, values: Values) -> None:
    await desk.streamer.notify_all(values["code"])


async def _close(desk: Desk, values: Values) -> None:
    await desk.streamer.close_all(values["code"])


async def _drop(desk: Desk, values: Values) -> None:
    (desk.streamer.reset_all if values["reset"] else desk.streamer.drop_all)()


async def _garbage(desk: Desk, values: Values) -> None:
    frame = GARBAGE[values["kind"]]()
    for _ in range(values["count"]):
        await desk.streamer.send_all(frame, kind_of(values["kind"]))


async def _burst(desk: Desk, values: Values) -> None:
    await desk.exchange.burst(values["symbol"], count=values["count"])


async def _bad_print(desk: Desk, values: Values) -> None:
    await desk.exchange.bad_print(values["symbol"], percent=values["percent"])


async def _gap(desk: Desk, values: Values) -> None:
    await desk.exchange.gap(values["symbol"], percent=values["percent"])


async def _split(desk: Desk, values: Values) -> None:
    await desk.exchange.split(values["symbol"], ratio=values["ratio"])


async def _rename(desk: Desk, values: Values) -> None:
    await desk.exchange.rename(values["symbol"], to=values["to"])


async def _roll(desk: Desk, values: Values) -> None:
    await desk.exchange.roll(values["symbol"])


async def _expire_contract(desk: Desk, values: Values) -> None:
    await desk.exchange.expire(values["symbol"], in_s=values["in_s"])


async def _token_expiry(desk: Desk, values: Values) -> None:
    expire = desk.sign_in.expire_refresh_tokens if values["refresh"] else desk.sign_in.expire_access_tokens
    expire(in_s=values["in_s"])


async def _token_error(desk: Desk, values: Values) -> None:
    desk.faults.token_errors.extend([values["error"]] * values["count"])


_CODES: Final = (3, 9, 11, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
_PERCENT: Final = Parameter("percent", float, "how far, of the price", 10.0, lowest=-99.0, highest=1000.0)
_IN_S: Final = Parameter("in_s", float, "seconds from now", 5.0, lowest=0, highest=1e7)

FAULT_KINDS: Final[Mapping[str, FaultKind]] = {
    "silence": FaultKind(
        "the streamer sends no data; heartbeats only if asked",
        _silence,
        _end_silence,
        (Parameter("heartbeats", bool, "whether they go on", False),),
    ),
    "half_open": FaultKind(
        "open connections neither read nor write, and do not end; cut when the fault ends",
        _half_open,
        _end_half_open,
    ),
    "late_answers": FaultKind(
        "commands are answered late",
        _late_answers,
        _end_late_answers,
        (Parameter("seconds", float, "how late", lowest=0, highest=600),),
    ),
    "refused_logins": FaultKind(
        "logins get code 3",
        _refused_logins,
        _end_refused_logins,
        (Parameter("count", int, "how many; -1 is all", -1, lowest=-1, highest=1000),),
    ),
    "unavailable_service": FaultKind(
        "a service gets code 11",
        _unavailable,
        _available,
        (Parameter("service", str, "which", choices=SERVICES),),
        sort="service",
    ),
    "delayed_data": FaultKind(
        "first items say delayed: true, quotes realtime: false", _delayed, _end_delayed
    ),
    "wrong_stamps": FaultKind(
        "times of quotes and trades are wrong",
        _wrong_stamps,
        _end_wrong_stamps,
        (
            Parameter("shift_s", float, "added; above 0 is the future", 0.0, lowest=-1e8, highest=1e8),
            Parameter("in_seconds", bool, "seconds for milliseconds", False),
        ),
    ),
    "duplicate_frames": FaultKind("every data frame comes twice", *_switch("is_duplicating", True, False)),
    "swapped_frames": FaultKind(
        "of every two data frames the second comes first", *_switch("is_swapping", True, False)
    ),
    "denied_sign_in": FaultKind(
        "the login page is an Access Denied", *_switch("is_authorize_denied", True, False)
    ),
    "rest_error": FaultKind(
        "REST requests are answered wrongly or late",
        _rest_error,
        _end_rest_error,
        (
            Parameter("error", str, "how", choices=get_args(RestError)),
            Parameter("count", int, "how many; -1 is all", -1, lowest=-1, highest=1_000_000),
            Parameter("path", str, "only of paths with this in them", ""),
            Parameter("seconds", float, "slowness, or Retry-After of 429", 1.0, lowest=0, highest=3600),
        ),
        sort="error",
    ),
    "halt": FaultKind(
        "a symbol is halted or closed and gets no updates",
        _halt,
        _resume,
        (_symbol(), Parameter("status", str, "which word", "Halted", choices=get_args(Status)[1:])),
        sort="symbol",
    ),
    "forced_code": FaultKind(
        "the next commands get this code and do nothing",
        _forced_code,
        parameters=(Parameter("code", int, "which", choices=_CODES), _count()),
    ),
    "mute_commands": FaultKind("the next commands are not answered", _mute_commands, parameters=(_count(),)),
    "notice": FaultKind(
        "a notice, then the connection ends as it does after it",
        _notice,
        parameters=(Parameter("code", int, "which", choices=(CLOSE_CONNECTION, STOP_STREAMING)),),
    ),
    "close": FaultKind(
        "connections are closed with a closing word",
        _close,
        parameters=(Parameter("code", int, "which", 1000, choices=(1000, 1001, 1008, 1011, 1012, 1013)),),
    ),
    "drop": FaultKind(
        "connections are cut without a word",
        _drop,
        parameters=(Parameter("reset", bool, "by RST instead of FIN", True),),
    ),
    "garbage": FaultKind(
        "a frame that is wrong",
        _garbage,
        parameters=(Parameter("kind", str, "in which way", choices=tuple(GARBAGE)), _count()),
    ),
    "burst": FaultKind("many trades at once", _burst, parameters=(_symbol(), _count(1000))),
    "bad_print": FaultKind("one trade far off, then one back", _bad_print, parameters=(_symbol(), _PERCENT)),
    "gap": FaultKind("the price jumps and stays; the quote follows", _gap, parameters=(_symbol(), _PERCENT)),
    "split": FaultKind(
        "a share splits; prices, previous close and past are re-based",
        _split,
        parameters=(
            _symbol(),
            Parameter("ratio", float, "new shares for one old", lowest=0.001, highest=1000),
        ),
    ),
    "rename": FaultKind(
        "a symbol becomes invalid; its CUSIP answers with the new one",
        _rename,
        parameters=(_symbol(), Parameter("to", str, "the new symbol")),
    ),
    "roll": FaultKind(
        "a future's root stands for the next contract", _roll, parameters=(_symbol("which root"),)
    ),
    "expire_contract": FaultKind("a contract's end is near", _expire_contract, parameters=(_symbol(), _IN_S)),
    "token_expiry": FaultKind(
        "tokens run out",
        _token_expiry,
        parameters=(_IN_S, Parameter("refresh", bool, "the refresh tokens, not the access tokens", False)),
    ),
    "token_error": FaultKind(
        "the next token requests are refused",
        _token_error,
        parameters=(Parameter("error", str, "how", choices=get_args(TokenError)), _count()),
    ),
}
"""By the name they are asked for with."""
