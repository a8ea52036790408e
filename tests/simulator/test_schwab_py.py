"""An independent client can use the simulator: the real schwab-py, in an environment of its own."""

from pathlib import Path
from typing import Any

import pytest

from tests.simulator.outside_clients import check_answers, driven, environment

DRIVER = Path(__file__).parent / "schwab_py" / "drive.py"


@pytest.fixture(scope="module")
def schwab_py() -> Path:
    return environment("schwab-py")


@pytest.mark.timeout(300)
async def test_the_real_schwab_py_signs_in_refreshes_asks_and_streams(schwab_py: Path) -> None:
    report = await driven(schwab_py, DRIVER)

    check_answers(report)
    check_stream(report)


def check_stream(report: dict[str, Any]) -> None:
    shares, index = report["first"]["LEVELONE_EQUITIES"]
    assert shares["key"] == "AAPL"
    assert shares["DESCRIPTION"] == "Apple Inc"
    assert shares["BID_PRICE"] < shares["ASK_PRICE"]
    assert index["key"] == "$TICK"
    assert "BID_PRICE" not in index
    future = report["first"]["LEVELONE_FUTURES"][0]
    assert future["LAST_PRICE"] == 5528.75
    assert future["DESCRIPTION"] == "E-mini S&P 500 Futures"
    assert future["TICK"] == 0.25
    for items in report["later"].values():
        assert all("DESCRIPTION" not in item and "delayed" not in item for item in items)
    bar = report["bar"]
    assert bar["LOW_PRICE"] <= bar["OPEN_PRICE"] <= bar["HIGH_PRICE"]
    assert bar["CHART_TIME_MILLIS"] % 60_000 == 0
    assert bar["CHART_DAY"] == bar["CHART_TIME_MILLIS"] // 86_400_000
    future_bar = report["future_bar"]
    assert future_bar["LOW_PRICE"] <= future_bar["CLOSE_PRICE"] <= future_bar["HIGH_PRICE"]
    assert future_bar["CHART_TIME_MILLIS"] % 60_000 == 0
    assert report["beyond_the_limit"]["code"] == 19
    assert report["beyond_the_limit"]["msg"].endswith("(LEVELONE_EQUITIES=3, DISCARDED=1)")
    assert report["forex"]["key"] == "EUR/USD"
    assert report["forex"]["BID_PRICE"] < report["forex"]["ASK_PRICE"]
