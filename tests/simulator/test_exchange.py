"""What the exchange does to a market, over the turn of a session."""

from tests.fakes import ManualClock
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.simulator import DemoMarket, Simulator

AT_NS = 1_700_000_100 * NS_PER_SECOND


def simulator() -> Simulator:
    clock = ManualClock()
    return Simulator(source=DemoMarket(clock=clock), clock=clock)


def new_session(symbol: str, price: float) -> Tick:
    return Tick(
        symbol, AT_NS, AT_NS, last=price, volume=10.0, open=price, high=price, low=price, prev_close=price
    )


async def test_a_gap_leads_into_the_next_session_and_is_none_there() -> None:
    schwab = simulator()
    async with schwab:
        await schwab.exchange.publish([Tick("AAPL", AT_NS, AT_NS, last=200.0, prev_close=190.0, volume=5.0)])
        await schwab.exchange.gap("AAPL", percent=10)
        await schwab.exchange.publish([new_session("AAPL", 200.0)])
        shown = schwab.exchange.shown("AAPL")

    assert [shown[name] for name in ("last", "open", "high", "low", "prev_close")] == [220] * 5
    assert shown["volume"] == 10


async def test_a_gap_of_the_root_moves_its_contracts_too_from_session_to_session() -> None:
    schwab = simulator()
    async with schwab:
        await schwab.exchange.publish([Tick("/ES", AT_NS, AT_NS, last=5000.0, prev_close=5000.0)])
        await schwab.exchange.gap("/ES", percent=2)
        await schwab.exchange.publish([new_session("/ES", 5000.0)])
        root, active = schwab.exchange.shown("/ES"), schwab.exchange.shown("/ESZ23")

    assert (root["last"], active["last"]) == (5100, 5100)


async def test_two_rolls_lead_to_the_third_contract() -> None:
    schwab = simulator()
    async with schwab:
        await schwab.exchange.roll("/ES")
        await schwab.exchange.roll("/ES")
        await schwab.exchange.publish([Tick("/ES", AT_NS, AT_NS, last=5000.0)])
        root, third = schwab.exchange.shown("/ES"), schwab.exchange.shown("/ESM24")

    assert root["last"] == third["last"]


async def test_a_renamed_and_split_share_goes_on_under_its_new_name() -> None:
    schwab = simulator()
    async with schwab:
        await schwab.exchange.split("AAPL", ratio=2)
        await schwab.exchange.rename("AAPL", to="APLE")
        await schwab.exchange.rename("APLE", to="PLE")
        await schwab.exchange.publish([Tick("AAPL", AT_NS, AT_NS, last=200.0)])

        assert schwab.exchange.shown("PLE")["last"] == 100
        assert schwab.exchange.shown("AAPL") == {}
