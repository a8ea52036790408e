import pytest

from tradeassist_desktop.domain.messages import alert_title


@pytest.mark.parametrize(
    ("symbol", "name", "title"),
    [
        pytest.param("/ES", "Breaks out", "/ES: Breaks out", id="a name that does not tell"),
        pytest.param("/ES", "/ES last > 5530", "/ES last > 5530", id="a quick rule's name"),
        pytest.param("$TICK", "TICK extreme", "TICK extreme", id="without its sign"),
        pytest.param("AAPL", "AAPLE", "AAPL: AAPLE", id="another word"),
        pytest.param("A", "A new high", "A: A new high", id="an article"),
    ],
)
def test_a_title_tells_the_symbol_once(symbol: str, name: str, title: str) -> None:
    assert alert_title(symbol, name) == title
