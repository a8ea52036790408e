"""Row 50: secrets that are typed, kept in a keyring, or shown to Schwab are found nowhere either."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import AuthResult

from tests.channels.authority import Authority
from tests.channels.mail_server import mail_server
from tests.end_to_end.test_sign_in import free_port, go_back, options, page_of, way_back
from tests.security.canaries import Canaries, ProcessWatch, files_under
from tests.security.test_canary import RULES, said_by

ROOT = Path(__file__).parents[2]


def command(*words: str, typed: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", *words],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


async def test_row_50_what_is_typed_goes_into_the_keyring_and_nowhere_else(
    start: Any, keyring: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    authority, data = Authority(folder=tmp_path), tmp_path / "data"
    (tmp_path / "rules.json").write_text(json.dumps(RULES))
    environment = {**keyring, "SSL_CERT_FILE": str(authority.file)}
    async with mail_server(
        authority.serving("127.0.0.1"), user="desk@example.com", password=canaries["typed password"]
    ) as mail:
        answers = ("127.0.0.1", str(mail.port), "starttls", mail.user, mail.password, mail.user, mail.user)
        kept = await asyncio.to_thread(
            command,
            *("channels", "set", "email", "--data-dir", str(data)),
            typed="\n".join(answers) + "\n",
            environment=environment,
        )
        program = start(
            "run", "--headless", "--log-json", "--data-dir", str(data), "--feed", "demo",
            "--rules", str(tmp_path / "rules.json"), "--set", "notify.normal=email",
            environment=environment,
        )  # fmt: skip
        with ProcessWatch(program.process.pid) as watch:
            await asyncio.to_thread(program.wait_for, "delivered", channel="email")
            mail.sign_in_answer = AuthResult(
                success=False, handled=False, message=f"535 5.7.8 {mail.password} is not the password"
            )
            await asyncio.to_thread(program.wait_for, "channel trouble", channel="email")
            await asyncio.to_thread(program.end)
        settings = await asyncio.to_thread(
            command, "settings", "--json", "--data-dir", str(data), typed="", environment=environment
        )

    assert (kept.returncode, settings.returncode) == (0, 0)
    said = {"prompts": f"{kept.stdout}{kept.stderr}{settings.stdout}{settings.stderr}".encode()}
    contents = {**files_under(tmp_path), **said, **said_by(program), **watch.seen}
    assert any("keyrings" in place for place in contents)
    assert canaries.found_in(contents) == []


def test_row_50_what_the_secrets_command_is_given_goes_into_the_keyring_and_nowhere_else(
    keyring: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    folder = ("--data-dir", str(tmp_path / "data"))
    typed = canaries["typed token"]

    done = [
        command("secrets", "set", "webhook.hmac", *folder, typed=f"whsec_{typed}\n", environment=keyring),
        command("secrets", "set", "webhook.hmac", *folder, typed=f'{{"key": "{typed}"', environment=keyring),
        command("secrets", "set", "webhook.hmac", *folder, typed=f'{{"{typed}": "x"}}', environment=keyring),
        command("secrets", "set", "slack.bot", *folder, typed=f"{typed}\n" * 9, environment=keyring),
        command("secrets", "list", *folder, typed="", environment=keyring),
        command("secrets", "remove", "webhook.hmac", "--yes", *folder, typed="", environment=keyring),
        command("audit", *folder, typed="", environment=keyring),
    ]

    said = "".join(f"{each.stdout}{each.stderr}" for each in done)
    assert "keyring" in said and "webhook.hmac" in said
    assert canaries.found_in({**files_under(tmp_path), "said": said.encode()}) == []


@asynccontextmanager
async def quoting_schwab(answer: Callable[[web.Request, str], web.Response]) -> AsyncIterator[str]:
    """A token endpoint that answers as told; yields its address."""

    async def take(request: web.Request) -> web.Response:
        return answer(request, (await request.read()).decode())

    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_row_50_a_schwab_that_quotes_what_it_refuses_leaves_no_secret(
    start: Any, home: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    def refuse(request: web.Request, body: str) -> web.Response:
        quoted = f"{request.headers['Authorization']} {body} {canaries['app secret']}"
        return web.json_response({"error": "invalid_client", "error_description": quoted}, status=401)

    async with quoting_schwab(refuse) as address:
        program = start(
            "run", "--headless", "--log-json", "--dev", "--data-dir", str(tmp_path / "data"),
            "--feed", "schwab", "--set", f"schwab.base_url={address}",
            environment={
                **home,
                "SCHWAB_APP_KEY": canaries["app key"],
                "SCHWAB_APP_SECRET": canaries["app secret"],
                "SCHWAB_REFRESH_TOKEN": canaries["refresh token"],
            },
        )  # fmt: skip
        with ProcessWatch(program.process.pid) as watch:
            await asyncio.to_thread(program.wait_for, "feed refused")
            status = await asyncio.to_thread(program.end)

    assert status == 0
    pair = base64.b64encode(f"{canaries['app key']}:{canaries['app secret']}".encode())
    contents = {**files_under(tmp_path), **said_by(program), **watch.seen}
    assert canaries.found_in(contents) == []
    assert not [place for place, content in contents.items() if pair[:24] in content]


async def test_row_50_a_whole_sign_in_leaves_no_secret(
    start: Any, keyring: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    market = start(
        "simulator", "--callback", f"https://127.0.0.1:{free_port()}",
        "--app-key", canaries["app key"], "--app-secret", canaries["app secret"],
    )  # fmt: skip
    schwab = json.loads((await asyncio.to_thread(market.wait_for_lines, 1))[0])
    folder = tmp_path / "data"
    app = {"SCHWAB_APP_KEY": canaries["app key"], "SCHWAB_APP_SECRET": canaries["app secret"]}
    signing_in = start("sign-in", "--no-browser", *options(schwab, folder), environment={**keyring, **app})
    page = await asyncio.to_thread(page_of, signing_in)
    back = await asyncio.to_thread(way_back, page)
    canaries.texts["code"] = back.partition("code=")[2].partition("&")[0]
    with ProcessWatch(signing_in.process.pid) as watch:
        assert await asyncio.to_thread(go_back, back, folder) == 200
        assert await asyncio.to_thread(signing_in.finish) == 0

    desk = start(
        "run", "--headless", "--feed", "schwab", *options(schwab, folder), environment={**keyring, **app}
    )
    with ProcessWatch(desk.process.pid) as watch_desk:
        await asyncio.to_thread(desk.wait_for, "feed state", state="live")
        status = await asyncio.to_thread(desk.end)

    assert status == 0
    contents = {**files_under(tmp_path), **said_by(desk), **watch.seen, **watch_desk.seen}
    assert canaries.found_in(contents) == []
    # The page's address has the app key in it: Schwab's protocol wants it there, and it is to be opened.
    assert canaries.found_in(said_by(signing_in), but=("app key",)) == []
    assert not [place for place, content in contents.items() if b"I0." in content]


async def test_row_50_workers_of_a_backtest_are_given_no_secret(
    home: dict[str, str], canaries: Canaries, samples: Path, tmp_path: Path
) -> None:
    process = subprocess.Popen(  # noqa: ASYNC220 - its output is read in a thread
        [
            sys.executable, "-P", "-m", "tradeassist_desktop", "backtest", "--workers", "2",
            "--rules", str(samples / "starter_rules.json"),
            "--data", str(samples / "esu24-2024-07-02-level1.csv.gz"), "--data-dir", str(tmp_path / "data"),
        ],
        env={
            **os.environ, **home, "PYTHONPATH": str(ROOT), "SLACK_BOT_TOKEN": canaries["slack token"],
            "SMTP_PASSWORD": canaries["smtp password"], "SCHWAB_REFRESH_TOKEN": canaries["refresh token"],
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    with ProcessWatch(process.pid) as watch:
        await asyncio.to_thread(watch.wait_for_child, "spawn_main")
        out, err = await asyncio.to_thread(process.communicate)

    assert process.returncode == 0, err[-2000:]
    assert canaries.found_in({**watch.seen, "output": out, "errors": err, **files_under(tmp_path)}) == []


async def test_row_50_the_browser_of_a_sign_in_is_given_no_secret(
    start: Any, home: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    browser, told = tmp_path / "browser", tmp_path / "told"
    browser.write_text(f"#!/bin/sh\nenv > {told}.new && mv {told}.new {told}\n")
    browser.chmod(0o755)
    signing_in = start(
        "sign-in", "--log-json", "--data-dir", str(tmp_path / "data"),
        "--set", f"schwab.callback=https://127.0.0.1:{free_port()}",
        environment={
            **home, "DISPLAY": ":nowhere", "BROWSER": str(browser),
            "SCHWAB_APP_KEY": canaries["app key"], "SCHWAB_APP_SECRET": canaries["app secret"],
            "SLACK_BOT_TOKEN": canaries["slack token"], "SMTP_PASSWORD": canaries["smtp password"],
        },
    )  # fmt: skip
    async with asyncio.timeout(60):
        while not told.exists():
            await asyncio.sleep(0.05)
    await asyncio.to_thread(signing_in.end)

    given = told.read_bytes()
    assert b"DISPLAY=:nowhere" in given
    assert canaries.found_in({"environment of the browser": given}) == []
