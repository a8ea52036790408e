"""What a symbol's spelling tells."""

import pytest

from tradeassist_desktop.domain.instruments import instrument_of
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
