"""A second independent client can use the simulator: the real schwabdev, in an environment of its own."""

from pathlib import Path

import pytest

from tests.simulator.outside_clients import check_answers, driven, environment

DRIVER = Path(__file__).parent / "schwabdev" / "drive.py"


@pytest.fixture(scope="module")
def schwabdev() -> Path:
    return environment("schwabdev")


@pytest.mark.timeout(300)
async def test_the_real_schwabdev_signs_in_refreshes_asks_and_streams(schwabdev: Path) -> None:
    report = await driven(schwabdev, DRIVER)

    check_answers(report)

    assert report["login"]["code"] == 0
    assert report["codes"] == [0] * 7
    assert report["share"]["15"] == "Apple Inc"
    assert report["share"]["1"] < report["share"]["2"]
    assert report["future"]["16"] == "E-mini S&P 500 Futures"
    assert report["future"]["34"].startswith("/ES")
    assert report["forex"]["1"] < report["forex"]["2"]
    assert report["bar"]["7"] % 60_000 == 0
    assert report["bar"]["4"] <= report["bar"]["2"] <= report["bar"]["3"]
    assert report["future_bar"]["1"] % 60_000 == 0
    assert report["after_view"] == ["3", "key"]
    assert report["after_unsubs"] == ["/ES"]
    assert report["beyond_the_limit"]["code"] == 19
    assert report["beyond_the_limit"]["msg"].endswith("(LEVELONE_EQUITIES=3, DISCARDED=1)")
    assert report["heartbeats"] >= 1
    assert report["has_stopped"]
