"""Rules over a few events, through the same door as the command."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Bar, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.studies.backtest import backtest

SECOND_NS = 1_000_000_000


@pytest.fixture
def alerts() -> Callable[..., list[Alert]]:
    """``alerts("last > 100", events, **keys of Rule)``; the symbol is ``/ES`` unless ``symbols`` says."""

    def run(when: str | Sequence[Rule], events: Sequence[Tick | Bar], **keys: Any) -> list[Alert]:
        rules = list(when)
        if isinstance(when, str):
            rules = [
                Rule(**{"uid": "1", "name": "it", "symbols": ("/ES",), "when": when, "cooldown_ns": 0} | keys)
            ]
        engine = Engine(instruments=instrument_of)
        engine.set_rules(rules)
        return list(backtest(events, engine))

    return run


@pytest.fixture
def ticks() -> Callable[..., list[Tick | Bar]]:
    """``ticks((second, last), …)`` of ``/ES``."""

    def make(*points: tuple[float, float], symbol: str = "/ES") -> list[Tick | Bar]:
        return [Tick(symbol, round(second * SECOND_NS), 0, last=last) for second, last in points]

    return make
