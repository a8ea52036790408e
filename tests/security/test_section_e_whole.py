"""Rows 107 and 110 on the program as a whole; their cases are in ``tests/channels`` and ``tests/logs``."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.channels.hook_server import hook_server
from tests.security.test_canary_typed import quoting_schwab

ROOT = Path(__file__).parents[2]
HOSTILE = (
    'x\r\n{"level": "error", "event": "forged"}\n\x1b[2J\x1b]0;owned\x07\u202e\u2066evil' + "y" * 1_000_000
)


def run(
    *words: str, environment: dict[str, str], seconds: float = 60
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", *words],
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
        check=False,
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://127.1:{port}/hook",
        "https://2130706433:{port}/hook",
        "https://0x7f.1:{port}/hook",
        "https://[::ffff:127.0.0.1]:{port}/hook",
        "https://localhost:{port}/hook",
        "http://127.0.0.1:{port}/hook",
        "https://user@127.0.0.1:{port}/hook",
        "gopher://127.0.0.1:{port}/hook",
        "file:///etc/passwd",
    ],
)
async def test_row_107_no_webhook_of_the_program_reaches_into_this_machine(
    address: str, home: dict[str, str], tmp_path: Path
) -> None:
    async with hook_server() as inside:
        given = {**home, "WEBHOOK_URL": address.format(port=inside.port)}
        done = await asyncio.to_thread(
            run, "channels", "test", "webhook", "--data-dir", str(tmp_path / "data"), environment=given
        )

    assert done.returncode == 1
    assert inside.connects == 0
    assert b"passwd" not in done.stderr + done.stdout


@pytest.mark.parametrize("as_json", [True, False], ids=["as JSON", "for people"])
async def test_row_110_what_a_server_says_forges_no_line_and_moves_no_cursor(
    as_json: bool, start: Any, home: dict[str, str], tmp_path: Path
) -> None:
    def refuse(request: web.Request, body: str) -> web.Response:
        return web.json_response({"error": "invalid_client", "error_description": HOSTILE}, status=401)

    log_file = tmp_path / "data" / "logs" / "tradeassist.log"
    async with quoting_schwab(refuse) as address:
        program = start(
            "run", "--headless", *(("--log-json",) if as_json else ()), "--dev",
            "--data-dir", str(tmp_path / "data"),
            "--feed", "schwab", "--set", f"schwab.base_url={address}",
            environment={
                **home,
                "SCHWAB_APP_KEY": "key-of-the-app",
                "SCHWAB_APP_SECRET": "secret-of-the-app",
                "SCHWAB_REFRESH_TOKEN": "token-of-the-account",
            },
        )  # fmt: skip
        async with asyncio.timeout(60):
            while not log_file.exists() or "feed refused" not in log_file.read_text():
                await asyncio.sleep(0.05)
        await asyncio.to_thread(program.end)

    lines = log_file.read_text().splitlines()
    assert all(line.isascii() and line.isprintable() and len(line) < 20_000 for line in lines)
    assert "forged" not in {json.loads(line)["event"] for line in lines}
    said = "\n".join((*map(json.dumps, program.log), *program.other))
    assert all(line.isprintable() and len(line) < 20_000 for line in said.splitlines())
    assert not any(event["event"] == "forged" for event in program.log)
