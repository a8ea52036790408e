"""What each fault of the local Schwab does when it begins, and how it is undone."""

from dataclasses import dataclass

from tradeassist_desktop.simulator.exchange import Exchange
from tradeassist_desktop.simulator.faults.garbage import GARBAGE, WIRE_GARBAGE, kind_of
from tradeassist_desktop.simulator.faults.kind import Act, Values
from tradeassist_desktop.simulator.faults.switches import Faults, RestFault
from tradeassist_desktop.simulator.oauth import SignIn
from tradeassist_desktop.simulator.streamer import Streamer


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a fault can touch."""

    faults: Faults
    streamer: Streamer
    exchange: Exchange
    sign_in: SignIn


def switch(name: str) -> tuple[Act[Desk], Act[Desk]]:
    """Return what turns one of the switches on, and what turns it off."""

    async def begin(desk: Desk, _: Values) -> None:
        setattr(desk.faults, name, True)

    async def end(desk: Desk, _: Values) -> None:
        setattr(desk.faults, name, False)

    return begin, end


async def silence(desk: Desk, values: Values) -> None:
    """Send no data, and no heartbeats unless asked."""
    desk.faults.is_without_data = True
    desk.faults.is_silent = not values["heartbeats"]


async def end_silence(desk: Desk, _: Values) -> None:
    """Send both again."""
    desk.faults.is_without_data = desk.faults.is_silent = False


async def half_open(desk: Desk, _: Values) -> None:
    """Freeze the connections there are."""
    desk.streamer.freeze_all()


async def end_half_open(desk: Desk, _: Values) -> None:
    """Cut the frozen connections."""
    desk.streamer.drop_frozen()


async def outage(desk: Desk, _: Values) -> None:
    """Cut what is open and refuse what comes."""
    desk.faults.is_unreachable = True
    desk.streamer.reset_all()


async def end_outage(desk: Desk, _: Values) -> None:
    """Let everything in again."""
    desk.faults.is_unreachable = False


async def delayed(desk: Desk, _: Values) -> None:
    """Say that data is delayed, at once."""
    desk.faults.is_delayed = True
    await desk.streamer.send_snapshots()


async def end_delayed(desk: Desk, _: Values) -> None:
    """Say that it is not."""
    desk.faults.is_delayed = False
    await desk.streamer.send_snapshots()


async def wrong_stamps(desk: Desk, values: Values) -> None:
    """Write wrong times."""
    desk.faults.stamp_shift_ms = int(values["shift_s"] * 1000)
    desk.faults.is_stamped_in_seconds = values["in_seconds"]


async def end_wrong_stamps(desk: Desk, _: Values) -> None:
    """Write right times."""
    desk.faults.stamp_shift_ms = 0
    desk.faults.is_stamped_in_seconds = False


async def late_answers(desk: Desk, values: Values) -> None:
    """Answer commands late."""
    desk.faults.answer_delay_s = values["seconds"]


async def end_late_answers(desk: Desk, _: Values) -> None:
    """Answer them at once."""
    desk.faults.answer_delay_s = 0.0


async def unavailable(desk: Desk, values: Values) -> None:
    """Refuse a service."""
    desk.faults.unavailable |= {values["service"]}


async def available(desk: Desk, values: Values) -> None:
    """Have it again."""
    desk.faults.unavailable -= {values["service"]}


async def refused_logins(desk: Desk, values: Values) -> None:
    """Refuse logins."""
    desk.faults.refused_logins = values["count"]


async def end_refused_logins(desk: Desk, _: Values) -> None:
    """Accept them."""
    desk.faults.refused_logins = 0


async def rest_error(desk: Desk, values: Values) -> None:
    """Answer REST wrongly."""
    desk.faults.rest.append(RestFault(**values))


async def end_rest_error(desk: Desk, values: Values) -> None:
    """Answer it well."""
    desk.faults.rest[:] = [each for each in desk.faults.rest if each.error != values["error"]]


async def halt(desk: Desk, values: Values) -> None:
    """Halt or close a symbol."""
    await desk.exchange.set_status(values["symbol"], values["status"])


async def resume(desk: Desk, values: Values) -> None:
    """Trade it again."""
    await desk.exchange.resume(values["symbol"])


async def forced_code(desk: Desk, values: Values) -> None:
    """Answer the next commands with a code."""
    desk.faults.forced_codes.extend([values["code"]] * values["count"])


async def mute_commands(desk: Desk, values: Values) -> None:
    """Leave the next commands without an answer."""
    desk.faults.mute_commands += values["count"]


async def notice(desk: Desk, values: Values) -> None:
    """Send a notice and end the connections."""
    await desk.streamer.notify_all(values["code"])


async def close(desk: Desk, values: Values) -> None:
    """Close the connections with a code."""
    await desk.streamer.close_all(values["code"])


async def drop(desk: Desk, values: Values) -> None:
    """Cut the connections."""
    (desk.streamer.reset_all if values["reset"] else desk.streamer.drop_all)()


async def garbage(desk: Desk, values: Values) -> None:
    """Send what no client should trip over."""
    kind = values["kind"]
    for _ in range(values["count"]):
        if kind in WIRE_GARBAGE:
            desk.streamer.send_wire_all(WIRE_GARBAGE[kind]())
        else:
            await desk.streamer.send_all(GARBAGE[kind](), kind_of(kind))


async def burst(desk: Desk, values: Values) -> None:
    """Trade many times at once."""
    await desk.exchange.burst(values["symbol"], count=values["count"])


async def bad_print(desk: Desk, values: Values) -> None:
    """Show a trade far off."""
    await desk.exchange.bad_print(values["symbol"], percent=values["percent"])


async def gap(desk: Desk, values: Values) -> None:
    """Let a price jump."""
    await desk.exchange.gap(values["symbol"], percent=values["percent"])


async def split(desk: Desk, values: Values) -> None:
    """Split a share."""
    await desk.exchange.split(values["symbol"], ratio=values["ratio"])


async def rename(desk: Desk, values: Values) -> None:
    """Rename a share."""
    await desk.exchange.rename(values["symbol"], to=values["to"])


async def roll(desk: Desk, values: Values) -> None:
    """Roll a future."""
    await desk.exchange.roll(values["symbol"])


async def expire_contract(desk: Desk, values: Values) -> None:
    """Move the end of a contract."""
    await desk.exchange.expire(values["symbol"], in_s=values["in_s"])


async def token_expiry(desk: Desk, values: Values) -> None:
    """Let tokens run out."""
    expire = desk.sign_in.expire_refresh_tokens if values["refresh"] else desk.sign_in.expire_access_tokens
    expire(in_s=values["in_s"])


async def token_error(desk: Desk, values: Values) -> None:
    """Refuse the next token requests."""
    desk.faults.token_errors.extend([values["error"]] * values["count"])
