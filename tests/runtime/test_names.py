"""Looking names up, and leaving while nobody answers."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tradeassist_desktop.runtime.names import PlainLoop
from tradeassist_desktop.ui.loop import DeskLoop

Loops = dict[str, Callable[[], asyncio.AbstractEventLoop]]


@pytest.fixture
def loops(qapp: QApplication) -> Loops:
    return {"plain": PlainLoop, "desk": lambda: DeskLoop(qapp)}


class SilentNames:
    """Stands for name servers that do not answer until ``answer`` is set."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.answer = threading.Event()

    def getaddrinfo(self, *_: Any) -> Any:
        self.asked.set()
        self.answer.wait(30)
        return []


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[SilentNames]:
    names = SilentNames()
    monkeypatch.setattr(socket, "getaddrinfo", names.getaddrinfo)
    yield names
    names.answer.set()


@pytest.mark.parametrize("name", ["plain", "desk"])
def test_row_24_a_loop_closes_while_a_name_is_still_looked_up(
    loops: Loops, silent: SilentNames, name: str
) -> None:
    async def leave() -> None:
        asking = asyncio.ensure_future(asyncio.open_connection("hook.example", 443))
        while not silent.asked.is_set():
            await asyncio.sleep(0.001)
        asking.cancel()

    with asyncio.Runner(loop_factory=loops[name]) as runner:
        runner.run(leave())

    assert not silent.answer.is_set()
    asking = [each for each in threading.enumerate() if each.name == "name look-up"]
    assert asking and all(each.daemon for each in asking)  # nor does the interpreter wait


@pytest.mark.parametrize("name", ["plain", "desk"])
def test_a_name_is_found_as_this_machine_finds_it(loops: Loops, name: str) -> None:
    async def look() -> Any:
        return await asyncio.get_running_loop().getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)

    with asyncio.Runner(loop_factory=loops[name]) as runner:
        found = runner.run(look())

    assert found == socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)


@pytest.mark.parametrize("name", ["plain", "desk"])
def test_a_name_that_is_none_is_told(loops: Loops, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def connect() -> None:
        await asyncio.open_connection("hook.example", 443)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with asyncio.Runner(loop_factory=loops[name]) as runner, pytest.raises(socket.gaierror):
        runner.run(connect())
