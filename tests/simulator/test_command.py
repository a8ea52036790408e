"""``tradeassist simulator`` as a process."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tradeassist_desktop.simulator.coinbase.kinds import COINBASE_FAULTS
from tradeassist_desktop.simulator.faults.kinds import FAULT_KINDS

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"


@pytest.fixture
def start() -> Any:
    @asynccontextmanager
    async def start_(
        *arguments: str, stdout: int = subprocess.PIPE
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tradeassist_desktop",
            "simulator",
            *arguments,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    return start_


async def ready(process: asyncio.subprocess.Process) -> dict[str, str]:
    assert process.stdout is not None
    async with asyncio.timeout(20):
        line: dict[str, str] = json.loads(await process.stdout.readline())
    return line


async def test_it_prints_one_line_that_says_how_to_connect_and_ends_on_sigterm(start: Any) -> None:
    async with start() as process:
        line = await ready(process)
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{line['http']}/trader/v1/userPreference") as answer,
        ):
            assert answer.status == 401
        process.send_signal(signal.SIGTERM)
        output, errors = await process.communicate()

    assert set(line) == {
        "http", "ws", "app_key", "app_secret", "callback", "authorization_code", "refresh_token",
        "control", "control_token",
    }  # fmt: skip
    assert line["http"].startswith("http://127.0.0.1:")
    assert line["ws"] == line["http"].replace("http", "ws") + "/ws"
    assert line["callback"] == "https://127.0.0.1:8182"
    for name in ("app_key", "app_secret"):
        assert len(line[name]) >= 16
        assert len(line[name]) % 2 == 0
    assert (process.returncode, output, errors) == (0, b"", b"")


async def test_sigint_ends_it_too(start: Any) -> None:
    async with start() as process:
        await ready(process)
        process.send_signal(signal.SIGINT)
        await process.communicate()

    assert process.returncode == 0


async def test_it_goes_on_when_nobody_reads_its_output(start: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        async with start("--port", str(port), stdout=writer) as process, aiohttp.ClientSession() as http:
            answers: list[int] = []
            async with asyncio.timeout(20):
                while not answers:
                    with contextlib.suppress(aiohttp.ClientConnectionError):
                        async with http.get(f"http://127.0.0.1:{port}/trader/v1/userPreference") as answer:
                            answers.append(answer.status)
                    await asyncio.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            _, errors = await process.communicate()
    finally:
        os.close(writer)

    assert answers == [401]
    assert (process.returncode, errors) == (0, b"")


async def test_it_plays_a_recording_in_bars_labelled_by_their_ends(start: Any) -> None:
    (path,) = SAMPLES.glob("6eh24*")
    async with start(
        "--data", str(path), "--symbol", "/6EH24", "--bar-label", "end", "--speed", "max"
    ) as process:
        assert (await ready(process))["http"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--data", "no/such.csv"], "no/such.csv", id="a missing recording"),
        pytest.param(["--speed", "0"], "--speed 0 needs a recording", id="a demo without a pace"),
        pytest.param(["--loop"], "--loop needs a recording", id="a loop of the demo"),
        pytest.param(["--symbols", "0"], "--symbols is for a made-up market", id="no symbols"),
        pytest.param(["--access-life", "0"], "must be seconds", id="a token that never lives"),
        pytest.param(["--symbol-limit", "0"], "must be 1 to", id="a limit of nothing"),
        pytest.param(["--port", "70000"], "--port must be 0 to 65535", id="a port there is not"),
        pytest.param(["--app-key", "k" * 16], "belong together", id="a key without a secret"),
        pytest.param(["--app-key", "k" * 15, "--app-secret", "s" * 17], "even length", id="odd lengths"),
        pytest.param(["--speed", "-1"], "must be 0 to", id="a negative speed"),
    ],
)
async def test_bad_arguments_are_refused_in_words(start: Any, arguments: list[str], words: str) -> None:
    async with start(*arguments) as process:
        output, errors = await process.communicate()

    assert process.returncode == 2
    assert output == b""
    assert words in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_it_plays_a_scenario_and_takes_faults_by_its_control_endpoint(
    start: Any, tmp_path: Path
) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(
        '{"format": "tradeassist-scenario", "version": 1, "steps": [{"at_s": 0, "fault": "silence"}]}'
    )
    async with (
        start("--scenario", str(scenario), "--symbols", "8") as process,
        aiohttp.ClientSession() as http,
    ):
        line = await ready(process)
        headers = {"Authorization": f"Bearer {line['control_token']}"}
        active: list[str] = []
        async with asyncio.timeout(10):
            while not active:
                async with http.get(line["control"], headers=headers) as answer:
                    active = [step["fault"] for step in (await answer.json())["active"]]
        body = {"fault": "gap", "symbol": "S004", "percent": 5}
        async with http.post(line["control"], headers=headers, json=body) as answer:
            status = answer.status

    assert active == ["silence"]
    assert status == 200


async def test_a_wrong_scenario_is_refused_with_its_places(start: Any, tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(
        '{"format": "tradeassist-scenario", "version": 1, "steps": [{"fault": "x"}, {"at_s": 1}]}'
    )
    async with start("--scenario", str(scenario)) as process:
        output, errors = await process.communicate()

    assert process.returncode == 2
    assert output == b""
    assert "scenario.json: steps[0].fault: expected one of" in errors.decode()
    assert "scenario.json: steps[1].fault: is missing" in errors.decode()


async def test_the_help_names_every_fault_of_each_venue(start: Any) -> None:
    async with start("--help") as process:
        output, _ = await process.communicate()

    assert process.returncode == 0
    _, _, faults = output.decode().partition("With --venue schwab:")
    schwab, _, coinbase = faults.partition("With --venue coinbase:")
    for names, text in ((FAULT_KINDS, schwab), (COINBASE_FAULTS, coinbase)):
        for name in names:
            assert f"\n  {name}" in text


async def test_a_port_that_is_taken_is_one_clear_line(start: Any) -> None:
    async with start() as first:
        port = (await ready(first))["http"].rpartition(":")[2]
        async with start("--port", port) as second:
            _, errors = await second.communicate()

    assert second.returncode == 1
    assert errors.decode().count("\n") == 1
    assert "cannot listen" in errors.decode()


async def test_it_can_stand_in_for_coinbase(start: Any) -> None:
    async with start("--venue", "coinbase") as process:
        line = await ready(process)
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{line['http']}/products") as answer:
                products = {product["id"] for product in await answer.json()}
            async with http.ws_connect(line["ws"]) as socket:
                command = {"type": "subscribe", "product_ids": ["BTC-USD"], "channels": ["ticker"]}
                await socket.send_json(command)
                kinds = [(await socket.receive_json(timeout=10))["type"] for _ in range(3)]

        assert "BTC-USD" in products
        assert kinds == ["subscriptions", "ticker", "ticker"]


async def test_coinbase_too_plays_a_scenario_and_takes_faults_by_its_control_endpoint(
    start: Any, tmp_path: Path
) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(
        '{"format": "tradeassist-scenario", "version": 1, "steps": [{"at_s": 0, "fault": "lost_tickers"}]}'
    )
    async with (
        start("--venue", "coinbase", "--scenario", str(scenario)) as process,
        aiohttp.ClientSession() as http,
    ):
        line = await ready(process)
        headers = {"Authorization": f"Bearer {line['control_token']}"}
        active: list[str] = []
        async with asyncio.timeout(10):
            while not active:
                async with http.get(line["control"], headers=headers) as answer:
                    active = [step["fault"] for step in (await answer.json())["active"]]
        async with http.delete(line["control"], headers=headers) as answer:
            ended = await answer.json()
        body = {"fault": "gap", "symbol": "BTC-USD", "percent": 5}
        async with http.post(line["control"], headers=headers, json=body) as answer:
            status = answer.status

    assert active == ["lost_tickers"]
    assert (ended["active"], status) == ([], 200)


async def test_a_scenario_for_schwab_is_none_for_coinbase(start: Any) -> None:
    async with start("--venue", "coinbase", "--scenario", str(SAMPLES / "rough_morning.json")) as process:
        output, errors = await process.communicate()

    assert (process.returncode, output) == (2, b"")
    assert "rough_morning.json: steps[6].fault: expected one of" in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_coinbase_has_no_app_key(start: Any) -> None:
    keys = ("--app-key", "k" * 32, "--app-secret", "s" * 32)
    async with start("--venue", "coinbase", *keys) as process:
        _, complaint = await process.communicate()

    assert process.returncode == 2
    assert b"--app-key is Schwab's" in complaint
