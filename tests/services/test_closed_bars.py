import pytest

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.services.market.closed_bars import ClosedBars

MINUTE_NS = 60_000_000_000


def bar(number: int, close: float) -> Bar:
    start_ns = number * MINUTE_NS
    return Bar("AAPL", "1m", start_ns, start_ns + MINUTE_NS, close, close, close, close, 1.0)


class Shelf:
    """A store of one symbol's bars that counts how often it is asked."""

    def __init__(self, kept):
        self.kept = kept
        self.asked = 0

    async def bars(self, symbol, timeframe, limit):
        self.asked += 1
        return self.kept[-limit:]


@pytest.mark.parametrize(
    ("mended", "closes"),
    [
        pytest.param([(3, 33.0)], [2.0, 33.0, 5.0, 6.0], id="in the place of one"),
        pytest.param([(4, 4.0)], [2.0, 3.0, 4.0, 5.0, 6.0], id="between two"),
        pytest.param([(7, 7.0)], [2.0, 3.0, 5.0, 6.0, 7.0], id="after the newest"),
        pytest.param([(1, 1.0)], [2.0, 3.0, 5.0, 6.0], id="before the oldest: that is on disk"),
        pytest.param([(1, 1.0), (2, 22.0), (6, 66.0)], [22.0, 3.0, 5.0, 66.0], id="several"),
    ],
)
def test_bars_that_come_later_take_their_places(mended, closes) -> None:
    closed = ClosedBars(store=None)
    closed.take([bar(number, float(number)) for number in (2, 3, 5, 6)])

    closed.mend([bar(number, close) for number, close in mended])

    assert [each.close for each in closed.held("AAPL", "1m")] == closes


def test_where_no_bar_is_held_none_is_put() -> None:
    closed = ClosedBars(store=None)

    closed.mend([bar(1, 1.0)])

    assert list(closed.held("AAPL", "1m")) == []


async def test_kept_bars_go_before_this_runs_and_again_once_more_are_kept() -> None:
    shelf = Shelf([bar(1, 1.0), bar(2, 2.0)])
    closed = ClosedBars(store=shelf)
    closed.take([bar(3, 3.0)])

    await closed.recall("AAPL", "1m", 30)
    await closed.recall("AAPL", "1m", 30)
    shelf.kept = [bar(0, 0.5), *shelf.kept]
    closed.on_more_kept("AAPL", "1m")
    await closed.recall("AAPL", "1m", 30)

    assert [each.close for each in closed.held("AAPL", "1m")] == [0.5, 1.0, 2.0, 3.0]
    assert shelf.asked == 2
