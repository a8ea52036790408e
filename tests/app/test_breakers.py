"""The desk's breakers as the program builds them."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.app.demo import demo_desk
from tradeassist_desktop.domain.breakers import BreakerState
from tradeassist_desktop.domain.errors import NotNow
from tradeassist_desktop.domain.events import BreakerChanged
from tradeassist_desktop.runtime.breakers.config import BreakerConfig


async def test_b52_what_was_forced_open_still_is_after_a_restart(tmp_path: Path) -> None:
    async with demo_desk(tmp_path) as desk:
        desk.breakers.force("demo", BreakerState.FORCED_OPEN)

    async with demo_desk(tmp_path) as desk:
        assert desk.breakers.summary() == {BreakerState.FORCED_OPEN: 1}
        assert desk.requests is not None
        assert desk.requests().failure == ""


async def test_b47_a_change_within_a_thread_is_published_on_the_loop(
    tmp_path: Path, until: Callable[..., Any]
) -> None:
    def down() -> None:
        raise NotNow("down")

    async with demo_desk(tmp_path) as desk:
        heard: list[tuple[BreakerState, int]] = []
        desk.bus.subscribe(
            BreakerChanged, lambda event: heard.append((event.reading.state, threading.get_ident()))
        )
        breaker = desk.breakers.get("keyring", BreakerConfig(failures=1))

        with pytest.raises(NotNow):
            await breaker.call_in_thread(down)
        await until(lambda: heard)
        desk.breakers.reset("keyring")

    here = threading.get_ident()
    assert heard == [(BreakerState.OPEN, here), (BreakerState.CLOSED, here)]
