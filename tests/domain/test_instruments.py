"""What a symbol's spelling tells."""

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.instruments import check_symbol, instrument_of
from tradeassist_desktop.domain.market import InstrumentKind


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        pytest.param("BTC-USD", InstrumentKind.CRYPTO, id="a coin in dollars"),
        pytest.param("T-USD", InstrumentKind.CRYPTO, id="a coin of one letter"),
        pytest.param("1INCH-USDC", InstrumentKind.CRYPTO, id="a coin that begins with a digit"),
        pytest.param("ETH-BTC", InstrumentKind.CRYPTO, id="a coin in coins"),
        pytest.param("BRK-B", InstrumentKind.EQUITY, id="a share class"),
        pytest.param("BTC-XYZ", InstrumentKind.UNKNOWN, id="no currency"),
        pytest.param("EUR/USD", InstrumentKind.FOREX, id="currencies"),
        pytest.param("/BTC", InstrumentKind.FUTURE, id="the future of a coin"),
    ],
)
def test_a_spelling_has_one_kind(symbol: str, kind: InstrumentKind) -> None:
    assert instrument_of(symbol).kind is kind


@pytest.mark.parametrize(
    ("symbol", "tick_size", "decimals"),
    [
        pytest.param("BTC-USD", 0.01, 2, id="in dollars"),
        pytest.param("ETH-BTC", 1e-8, 8, id="in bitcoins"),
        pytest.param("SOL-ETH", 1e-6, 6, id="in ether"),
    ],
)
def test_a_coin_s_price_step_follows_its_currency(symbol: str, tick_size: float, decimals: int) -> None:
    instrument = instrument_of(symbol)

    assert (instrument.tick_size, instrument.decimals) == (tick_size, decimals)
    assert instrument.must_be_positive


@pytest.mark.parametrize(
    "symbol",
    [
        *("/ES", "/ESZ26", "/ES:XCME", "/6E", "./ESU24C5500", "AAPL", "BRK.B", "BRK/B", "BRK-B", "BRK B"),
        *("$TICK", "$SPX.X", "^GSPC", "EUR/USD", "BTC-USD", "1INCH-USDC", "AAPL  261218C00200000"),
        *("SPXW  261218P05500000", "0700.HK", "ES=F", "BINANCE:BTCUSDT"),
    ],
)
def test_what_venues_list_is_taken_for_a_symbol(symbol: str) -> None:
    check_symbol(symbol)


@pytest.mark.parametrize(
    ("written", "what_to_do"),
    [
        pytest.param("/TMP/LIST.CSV", "drop it onto the window", id="a file by its path"),
        pytest.param("C:\\LISTS\\MINE", "drop it onto the window", id="a file of Windows"),
        pytest.param("SYMBOLS.TXT", "drop it onto the window", id="a file by its name"),
        pytest.param("~/LIST", "drop it onto the window", id="a file at home"),
        pytest.param("/HOME/ME/LIST", "written like AAPL", id="a folder"),
        pytest.param("/ES LAST > 5500", "written like AAPL", id="a condition"),
        pytest.param("=AAPL", "written like AAPL", id="a formula"),
        pytest.param("AAPL,MSFT", "written like AAPL", id="two"),
        pytest.param("A" * 41, "the longest has 40", id="too long"),
    ],
)
def test_what_can_be_no_symbol_is_refused_with_what_to_do(written: str, what_to_do: str) -> None:
    with pytest.raises(BadInput, match=what_to_do):
        check_symbol(written)
