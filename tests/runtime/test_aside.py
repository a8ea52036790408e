import asyncio
import subprocess
import sys
import threading

import pytest

from tradeassist_desktop.runtime.aside import aside


async def test_the_result_comes_back_while_the_loop_goes_on() -> None:
    is_free = threading.Event()
    work = asyncio.create_task(aside(lambda: is_free.wait(10), name="waiting"))
    await asyncio.sleep(0)

    is_free.set()

    assert await work is True


async def test_an_error_comes_back() -> None:
    def fail() -> None:
        raise OSError("no such thing")

    with pytest.raises(OSError, match="no such thing"):
        await aside(fail, name="failing")


async def test_an_end_of_iteration_comes_back_as_out_of_a_coroutine() -> None:
    with pytest.raises(RuntimeError) as raised:
        await aside(lambda: next(iter(())), name="at an end")
    assert isinstance(raised.value.__cause__, StopIteration)


async def test_a_caller_that_gives_up_is_not_told_later() -> None:
    is_free = threading.Event()
    work = asyncio.create_task(aside(lambda: is_free.wait(10), name="waiting"))
    await asyncio.sleep(0.01)

    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    is_free.set()
    await asyncio.sleep(0.01)

    assert work.cancelled()


def test_work_that_never_ends_does_not_keep_the_program_from_ending() -> None:
    script = (
        "import asyncio, threading\n"
        "from tradeassist_desktop.runtime.aside import aside\n"
        "async def main():\n"
        "    try:\n"
        "        await asyncio.wait_for(aside(threading.Event().wait, name='forever'), 0.1)\n"
        "    except TimeoutError:\n"
        "        print('gave up')\n"
        "asyncio.run(main())\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True
    )

    assert done.stdout == "gave up\n"
