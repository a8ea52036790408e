"""Lists of symbols as other programs write them."""

import gzip
from collections.abc import Sequence

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.watching import WatchGroup
from tradeassist_desktop.services.transfer.symbol_lists import read_symbols, symbols_csv

A_RECORDING = (
    "seems to be a recording, not a list of symbols: open it by “Open a recording…” in the menu Desk"
)


@pytest.mark.parametrize(
    ("content", "symbols"),
    [
        pytest.param("aapl\nMSFT\n\n/ESU24\n", ("AAPL", "MSFT", "/ESU24"), id="one a line"),
        pytest.param(
            "AAPL MSFT, $VIX;BRK.B\tBTC-USD", ["AAPL", "MSFT", "$VIX", "BRK.B", "BTC-USD"], id="words"
        ),
        pytest.param("NASDAQ:AAPL,CBOE:$VIX,/ES:XCME", ("AAPL", "$VIX", "/ES:XCME"), id="with exchanges"),
        pytest.param('\ufeffName,Symbol\r\n"A, B",BRK.B\r\n', ("BRK.B",), id="a column"),
        pytest.param("Ticker;Last\n'/ES;1,5\nAAPL;3", ("/ES", "AAPL"), id="as guarded against formulas"),
        pytest.param("AAPL  240119C00190000", ("AAPL  240119C00190000",), id="an option"),
    ],
)
def test_a_list_is_read_however_it_is_written(content: str, symbols: Sequence[str]) -> None:
    assert [symbol for symbol, _ in read_symbols(content.encode())] == list(symbols)


def test_groups_come_back_as_they_were_written() -> None:
    groups = (WatchGroup("", ("AAPL",)), WatchGroup("=Futures, mine", ("/ES", "/NQ")))

    assert read_symbols(symbols_csv(groups).encode()) == (
        ("AAPL", ""),
        ("/ES", "=Futures, mine"),
        ("/NQ", "=Futures, mine"),
    )
    assert read_symbols(b"###Indices,CBOE:$VIX\n$SPX") == (("$VIX", "Indices"), ("$SPX", "Indices"))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"symbol\n=AAPL", "line 2: “=AAPL” is no symbol", id="a formula"),
        pytest.param(b"symbol\nAAPL\nA!B\n\n", "line 3: “A!B” is no symbol", id="what is no symbol"),
        pytest.param(b"A" * 41, "line 1: a symbol has at most 40 characters", id="too long"),
        pytest.param(b"AAPL\n\xff", "is no text (UTF-8): byte 6", id="no text"),
        pytest.param(b"timestamp,symbol,last\n1,AAPL,2", A_RECORDING, id="ticks"),
        pytest.param(gzip.compress(b"timestamp,symbol,last\n1,AAPL,2"), A_RECORDING, id="packed ticks"),
        pytest.param(b" \n\n", "holds no symbol", id="empty"),
        pytest.param(b"A" * 1_048_577, "is larger than 1 MiB", id="huge"),
        pytest.param(" ".join(f"A{n}" for n in range(1_001)).encode(), "holds more than 1,000", id="many"),
    ],
)
def test_a_list_is_refused_whole_with_its_lines(content: bytes, fault: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_symbols(content)

    assert str(refused.value).startswith(fault)
