"""What each fault of the local Coinbase does when it begins, and how it is undone."""

from dataclasses import dataclass

from tradeassist_desktop.simulator.coinbase.clients import Clients
from tradeassist_desktop.simulator.coinbase.exchange import CoinExchange
from tradeassist_desktop.simulator.coinbase.garbage import COINBASE_GARBAGE
from tradeassist_desktop.simulator.coinbase.switches import CoinbaseFaults
from tradeassist_desktop.simulator.faults.garbage import WIRE_GARBAGE, kind_of
from tradeassist_desktop.simulator.faults.kind import Act, Values
from tradeassist_desktop.simulator.faults.switches import RestFault


@dataclass(frozen=True, slots=True)
class CoinbaseDesk:
    """All that a fault can touch."""

    faults: CoinbaseFaults
    clients: Clients
    exchange: CoinExchange


def switch(name: str) -> tuple[Act[CoinbaseDesk], Act[CoinbaseDesk]]:
    """Return what turns one of the switches on, and what turns it off."""

    async def begin(desk: CoinbaseDesk, _: Values) -> None:
        setattr(desk.faults, name, True)

    async def end(desk: CoinbaseDesk, _: Values) -> None:
        setattr(desk.faults, name, False)

    return begin, end


def refused_products(name: str) -> tuple[Act[CoinbaseDesk], Act[CoinbaseDesk]]:
    """Return what adds a product to one of the refused sets, and what takes it out."""

    async def begin(desk: CoinbaseDesk, values: Values) -> None:
        setattr(desk.faults, name, getattr(desk.faults, name) | {desk.exchange.known(values["symbol"])})

    async def end(desk: CoinbaseDesk, values: Values) -> None:
        setattr(desk.faults, name, getattr(desk.faults, name) - {values["symbol"]})

    return begin, end


async def lost_tickers(desk: CoinbaseDesk, values: Values) -> None:
    """Swallow tickers."""
    product = values["symbol"]
    desk.faults.dropped_product = product and desk.exchange.known(product)
    desk.faults.dropped_tickers = values["count"]


async def end_lost_tickers(desk: CoinbaseDesk, _: Values) -> None:
    """Send them all."""
    desk.faults.dropped_tickers, desk.faults.dropped_product = 0, ""


async def silence(desk: CoinbaseDesk, values: Values) -> None:
    """Send no tickers, and nothing else unless asked."""
    desk.faults.is_without_data = True
    desk.faults.is_silent = not values["heartbeats"]


async def end_silence(desk: CoinbaseDesk, _: Values) -> None:
    """Send everything again."""
    desk.faults.is_without_data = desk.faults.is_silent = False


async def half_open(desk: CoinbaseDesk, _: Values) -> None:
    """Freeze the connections there are."""
    desk.clients.freeze_all()


async def end_half_open(desk: CoinbaseDesk, _: Values) -> None:
    """Cut the frozen connections."""
    desk.clients.drop_frozen()


async def outage(desk: CoinbaseDesk, _: Values) -> None:
    """Cut what is open and refuse what comes."""
    desk.faults.is_unreachable = True
    desk.clients.drop_all(reset=True)


async def end_outage(desk: CoinbaseDesk, _: Values) -> None:
    """Let everything in again."""
    desk.faults.is_unreachable = False


async def wrong_stamps(desk: CoinbaseDesk, values: Values) -> None:
    """Write wrong times."""
    desk.faults.stamp_shift_ms = int(values["shift_s"] * 1000)


async def end_wrong_stamps(desk: CoinbaseDesk, _: Values) -> None:
    """Write right times."""
    desk.faults.stamp_shift_ms = 0


async def rest_error(desk: CoinbaseDesk, values: Values) -> None:
    """Answer REST wrongly."""
    desk.faults.rest.append(RestFault(**values))


async def end_rest_error(desk: CoinbaseDesk, values: Values) -> None:
    """Answer it well."""
    desk.faults.rest[:] = [each for each in desk.faults.rest if each.error != values["error"]]


async def refused_command(desk: CoinbaseDesk, values: Values) -> None:
    """Answer the next command with an error."""
    desk.faults.refusal = values["reason"]


async def mute_commands(desk: CoinbaseDesk, values: Values) -> None:
    """Leave the next commands without an answer."""
    desk.faults.mute_commands += values["count"]


async def error(desk: CoinbaseDesk, values: Values) -> None:
    """Send an error that answers nothing."""
    await desk.clients.send_all({"type": "error", "message": values["message"]})


async def close(desk: CoinbaseDesk, values: Values) -> None:
    """Close the connections with a code."""
    await desk.clients.close_all(values["code"])


async def drop(desk: CoinbaseDesk, values: Values) -> None:
    """Cut the connections."""
    desk.clients.drop_all(reset=values["reset"])


async def garbage(desk: CoinbaseDesk, values: Values) -> None:
    """Send what no client should trip over."""
    kind = values["kind"]
    for _ in range(values["count"]):
        if kind in WIRE_GARBAGE:
            desk.clients.send_wire_all(WIRE_GARBAGE[kind]())
        else:
            await desk.clients.send_raw_all(COINBASE_GARBAGE[kind](), kind_of(kind))


async def burst(desk: CoinbaseDesk, values: Values) -> None:
    """Trade many times at once."""
    await desk.exchange.burst(values["symbol"], count=values["count"])


async def bad_print(desk: CoinbaseDesk, values: Values) -> None:
    """Show a trade far off."""
    await desk.exchange.bad_print(values["symbol"], percent=values["percent"])


async def gap(desk: CoinbaseDesk, values: Values) -> None:
    """Let a price jump."""
    await desk.exchange.gap(values["symbol"], percent=values["percent"])
