import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tradeassist_desktop.ui.loop import DeskLoop


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=lambda: DeskLoop(qapp)) as made:
        yield made


async def test_callbacks_run_in_the_order_they_were_asked_for(qapp: QApplication) -> None:
    loop = asyncio.get_running_loop()
    order: list[int] = []
    done = asyncio.Event()

    for number in range(100):
        loop.call_soon(order.append, number)
    loop.call_soon(done.set)
    await done.wait()

    assert order == list(range(100))


@pytest.mark.parametrize("delay_s", [0.0005, 0.003, 0.02, 0.1])
async def test_a_timed_callback_never_runs_early(qapp: QApplication, delay_s: float) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time() + delay_s

    ran: asyncio.Future[float] = loop.create_future()
    loop.call_at(due, lambda: ran.set_result(loop.time()))

    assert await ran >= due


async def test_a_cancelled_callback_does_not_run(qapp: QApplication) -> None:
    loop = asyncio.get_running_loop()
    ran: list[str] = []

    loop.call_soon(ran.append, "soon").cancel()
    loop.call_later(0.001, ran.append, "later").cancel()
    await asyncio.sleep(0.01)

    assert ran == []


async def test_cancelled_time_outs_do_not_pile_up(qapp: QApplication) -> None:
    loop = asyncio.get_running_loop()
    ran: list[str] = []
    loop.call_later(0.02, ran.append, "kept")

    for _ in range(1000):
        loop.call_later(3600, ran.append, "time-out").cancel()
    await asyncio.sleep(0.03)

    assert ran == ["kept"]


async def test_qt_gets_its_turn_while_callbacks_never_run_out(qapp: QApplication) -> None:
    loop = asyncio.get_running_loop()
    is_flooding = True

    def flood() -> None:
        if is_flooding:
            loop.call_soon(flood)

    for _ in range(10):
        flood()
    fired: asyncio.Future[None] = loop.create_future()
    QTimer.singleShot(5, lambda: fired.set_result(None))

    async with asyncio.timeout(5):
        await fired
    is_flooding = False


async def test_a_thousand_calls_from_threads_all_arrive(qapp: QApplication) -> None:
    loop = asyncio.get_running_loop()
    arrived: list[int] = []
    everything = asyncio.Event()

    def arrive(number: int) -> None:
        arrived.append(number)
        if len(arrived) == 1000:
            everything.set()

    def call(first: int) -> None:
        for number in range(first, first + 250):
            loop.call_soon_threadsafe(arrive, number)

    threads = [threading.Thread(target=call, args=(first,)) for first in range(0, 1000, 250)]
    for thread in threads:
        thread.start()
    async with asyncio.timeout(5):
        await everything.wait()
    for thread in threads:
        thread.join()

    assert sorted(arrived) == list(range(1000))


async def test_blocking_work_runs_in_a_thread(qapp: QApplication) -> None:
    here = threading.get_ident()

    there = await asyncio.to_thread(threading.get_ident)

    assert there != here


async def test_a_real_socket_answers(qapp: QApplication) -> None:
    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(shout, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"tick\n")
        answer = await reader.readline()
        writer.close()
        await writer.wait_closed()

    assert answer == b"TICK\n"


async def test_a_socket_given_up_in_another_thread_is_not_polled_for_ever(qapp: QApplication) -> None:
    # As when the garbage collector runs something's __del__ in the storage thread.
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    heard: list[bytes] = []
    loop.add_reader(ours, lambda: heard.append(ours.recv(10)))
    theirs.send(b"before")
    async with asyncio.timeout(5):
        while not heard:
            await asyncio.sleep(0.001)

    def give_up() -> None:
        loop.remove_reader(ours)

    await asyncio.to_thread(give_up)
    await asyncio.sleep(0)
    theirs.send(b"after")
    await asyncio.sleep(0.01)
    ours.close()
    theirs.close()
    before_s = time.process_time()
    await asyncio.sleep(0.1)

    assert heard == [b"before"]
    assert time.process_time() - before_s < 0.08  # a loop that polls a dead socket needs all of it


async def test_a_descriptor_used_again_is_watched_anew(qapp: QApplication) -> None:
    loop = asyncio.get_running_loop()
    heard: list[str] = []
    for name in ("first", "second"):
        ours, theirs = socket.socketpair()
        loop.add_reader(ours, lambda name=name, ours=ours: heard.append(name) or ours.recv(10))
        theirs.send(b"x")
        async with asyncio.timeout(5):
            while name not in heard:
                await asyncio.sleep(0.001)
        loop.remove_reader(ours)
        ours.close()
        theirs.close()

    assert heard == ["first", "second"]
    assert loop.remove_reader(12345) is False


def test_a_raising_callback_is_reported_and_the_loop_goes_on(runner: asyncio.Runner) -> None:
    reported: list[BaseException | None] = []

    async def main() -> str:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(context.get("exception")))
        loop.call_soon(lambda: 1 / 0)
        await asyncio.sleep(0.005)
        return "still here"

    assert runner.run(main()) == "still here"
    assert [type(error) for error in reported] == [ZeroDivisionError]


def test_a_loop_that_does_not_run_leaves_its_callbacks_for_the_next_run(
    runner: asyncio.Runner, qapp: QApplication
) -> None:
    ran: list[str] = []

    async def begin() -> None:
        asyncio.get_running_loop().call_soon(ran.append, "later")

    runner.get_loop().call_soon(ran.append, "before any run")
    qapp.processEvents()
    before = list(ran)
    runner.run(begin())
    qapp.processEvents()
    runner.run(asyncio.sleep(0.01))

    assert before == []
    assert ran == ["before any run", "later"]


def test_no_wake_up_is_lost_while_a_task_lets_qt_process_its_events(
    runner: asyncio.Runner, qapp: QApplication
) -> None:
    reported: list[object] = []

    async def main() -> str:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(context.get("exception")))
        answer: asyncio.Future[str] = loop.create_future()

        async def wait() -> str:
            return await answer

        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        answer.set_result("heard")
        qapp.processEvents()  # as a key sent to a window does, or a process that is waited for
        async with asyncio.timeout(5):
            return await waiting

    assert runner.run(main()) == "heard"
    assert reported == []


def test_system_exit_in_a_callback_ends_the_loop_with_it(runner: asyncio.Runner) -> None:
    def leave() -> None:
        raise SystemExit(3)

    async def main() -> None:
        asyncio.get_running_loop().call_soon(leave)
        await asyncio.sleep(60)

    with pytest.raises(SystemExit) as ended:
        runner.run(main())

    assert ended.value.code == 3


def test_a_signal_wakes_an_idle_loop(runner: asyncio.Runner) -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        arrived = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, arrived.set)
        started = time.monotonic()
        threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        async with asyncio.timeout(5):
            await arrived.wait()
        loop.remove_signal_handler(signal.SIGUSR1)
        return time.monotonic() - started

    assert runner.run(main()) < 2


def test_a_closed_loop_refuses_callbacks(qapp: QApplication) -> None:
    loop = DeskLoop(qapp)
    loop.close()

    with pytest.raises(RuntimeError, match="closed"):
        loop.call_soon_threadsafe(print)
