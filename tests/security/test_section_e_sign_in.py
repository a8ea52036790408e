"""Rows 97, 98 and 100 on the program as a whole; what is behind them is in ``tests/feeds/test_sign_in_*``."""

import ast
import asyncio
import inspect
import ssl
import stat
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import pytest
from aiohttp import web
from cryptography import x509

from tests.end_to_end.test_sign_in import free_port, page_of
from tests.security.canaries import files_under
from tests.security.test_canary_typed import quoting_schwab
from tradeassist_desktop.feeds.schwab import sign_in
from tradeassist_desktop.feeds.schwab.sign_in import LIFE_S

APP = {"SCHWAB_APP_KEY": "key-of-the-app", "SCHWAB_APP_SECRET": "secret-of-the-app"}


def listening(pid: int) -> set[tuple[str, int]]:
    """Where a process and its children listen, as ``ss`` lists it: of every family, TCP."""
    pids = {pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))}
    shown = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    places = set()
    for line in shown.splitlines():
        if any(f"pid={each}," in line for each in pids):
            host, _, port = line.split()[3].rpartition(":")
            places.add((host.strip("[]"), int(port)))
    return places


async def answered(port: int, query: str, **headers: str) -> httpx.Response:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with httpx.AsyncClient(verify=context, trust_env=False) as browser:
        return await browser.get(f"https://127.0.0.1:{port}/?{query}", headers=headers)


async def test_row_97_after_wrong_callbacks_nothing_was_exchanged_and_the_right_one_is_taken_once(
    start: Any, home: dict[str, str], tmp_path: Path
) -> None:
    exchanged: list[str] = []

    def take(request: web.Request, body: str) -> web.Response:
        exchanged.append(body)
        return web.json_response({"error": "invalid_grant"}, status=400)

    port = free_port()
    async with quoting_schwab(take) as address:
        command = start(
            "sign-in", "--no-browser", "--dev", "--log-json", "--data-dir", str(tmp_path / "data"),
            "--set", f"schwab.base_url={address}", "--set", f"schwab.callback=https://127.0.0.1:{port}",
            environment={**home, **APP},
        )  # fmt: skip
        page = await asyncio.to_thread(page_of, command)
        (state,) = parse_qs(urlsplit(page).query)["state"]
        async with asyncio.timeout(30):
            while ("127.0.0.1", port) not in listening(command.process.pid):
                await asyncio.sleep(0.05)
        refused = [
            await answered(port, query)
            for query in (
                "code=C0.x",
                "code=C0.x&state=",
                "code=C0.x&state=wrong",
                f"code=C0.x&state={state}&state={state}",
                f"code=C0.x&code=C0.y&state={state}",
                f"code=C0.x&state={state[:-1]}",
                f"code=C0.x&state={state.swapcase()}",
            )
        ]
        rebound = await answered(port, f"code=C0.x&state={state}", Host="evil.example")
        from_page = await answered(port, f"code=C0.x&state={state}", Origin="https://evil.example")
        before = list(exchanged)

        taken = await answered(port, f"code=C0.right&state={state}")
        await asyncio.to_thread(command.finish)

    assert {answer.status_code for answer in (*refused, rebound, from_page)} == {400}
    assert before == []
    assert taken.status_code == 200
    assert [parse_qs(body)["code"] for body in exchanged] == [["C0.right"]]
    with pytest.raises(httpx.TransportError):
        await answered(port, f"code=C0.right&state={state}")
    texts = {answer.text for answer in (*refused, rebound, from_page)}
    assert len(texts) == 1 and "C0.x" not in texts.pop()
    assert {answer.headers["Cache-Control"] for answer in (*refused, taken)} == {"no-store"}


def test_row_97_states_are_compared_in_constant_time() -> None:
    tree = ast.parse(inspect.getsource(sign_in.SignInVisit))
    compared = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and "_state" in ast.unparse(node)
    ]

    assert compared == []  # no == and no in: hmac.compare_digest alone
    assert "hmac.compare_digest" in ast.unparse(tree)
    assert LIFE_S <= 600


@pytest.mark.parametrize("window", [False, True], ids=["headless", "window"])
async def test_row_98_the_whole_program_listens_on_this_machine_alone(
    window: bool, start: Any, home: dict[str, str], tmp_path: Path
) -> None:
    program = start(
        "run", *(() if window else ("--headless",)), "--log-json", "--feed", "demo",
        "--data-dir", str(tmp_path / "data"),
        environment=home,
    )  # fmt: skip
    await asyncio.to_thread(program.wait_for, "feed state", state="live")

    places = listening(program.process.pid)

    assert places, "the demo market listens"
    assert {host for host, _ in places} <= {"127.0.0.1", "::1"}
    assert await asyncio.to_thread(program.end) == 0


async def test_row_100_the_key_of_a_real_sign_in_is_ours_alone_and_in_no_trust_store(
    start: Any, home: dict[str, str], tmp_path: Path
) -> None:
    data, port = tmp_path / "data", free_port()
    before = set(files_under(tmp_path))
    command = start(
        "sign-in", "--no-browser", "--log-json", "--data-dir", str(data),
        "--set", f"schwab.callback=https://127.0.0.1:{port}",
        environment={**home, **APP},
    )  # fmt: skip
    page = await asyncio.to_thread(page_of, command)
    async with asyncio.timeout(30):
        while not (data / "sign-in" / "callback.pem").exists():
            await asyncio.sleep(0.05)
    await asyncio.to_thread(command.end)

    file = data / "sign-in" / "callback.pem"
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    made = set(files_under(tmp_path)) - before
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert len(list(names)) == 1
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days <= 365
    # Nothing was put beside the data folder: no nssdb of a browser, no store of the desktop's.
    assert [path for path in made if data not in Path(path).parents] == []
    assert parse_qs(urlsplit(page).query)["state"][0] != ""
