"""The whole program without a window: alerts reach a mail server and a webhook, and no secret a file."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from tests.channels.authority import Authority
from tests.channels.hook_server import hook_server
from tests.channels.mail_server import mail_server

RULES = {
    "format": "tradeassist-rules",
    "version": 1,
    "rules": [{"name": "it trades", "symbol": "/ES", "when": "last > 1", "trigger": "once"}],
}


async def test_a_headless_run_delivers_by_e_mail_and_webhook_and_writes_no_secret_down(
    start: Any, tmp_path: Path
) -> None:
    rules_file, data = tmp_path / "rules.json", tmp_path / "data"
    rules_file.write_text(json.dumps(RULES))
    authority = Authority(folder=tmp_path)
    tls = authority.serving("127.0.0.1")
    async with hook_server(tls) as hook, mail_server(tls) as mail:
        origin = f"https://127.0.0.1:{hook.port}"
        settings = {
            "notify.normal": "email, webhook",
            "smtp.host": "127.0.0.1",
            "smtp.port": str(mail.port),
            "smtp.from": "desk@example.com",
            "smtp.to": "trader@example.com",
            "webhook.allow_private": origin,
        }
        program = start(
            "run", "--headless", "--data-dir", str(data), "--log-json", "--rules", str(rules_file),
            "--feed", "demo",
            *(part for key, value in settings.items() for part in ("--set", f"{key}={value}")),
            environment={
                "SSL_CERT_FILE": str(authority.file),
                "SMTP_USER": mail.user,
                "SMTP_PASSWORD": mail.password,
                "WEBHOOK_URL": f"{origin}/hooks/path-that-lets-in",
                "WEBHOOK_HMAC_KEY": "key-that-signs-all",
            },
        )  # fmt: skip
        for channel in ("email", "webhook"):
            await asyncio.to_thread(program.wait_for, "delivered", channel=channel)
        status = await asyncio.to_thread(program.end)

    assert status == 0
    (posted,) = [received.document for received in hook.received]
    assert (posted["rule"], posted["symbol"], posted["timing"]) == ("it trades", "/ES", "live")
    assert hook.received[0].headers["webhook-signature"].startswith("v1,")
    assert [each["Subject"] for each in mail.mails] == ["/ES: it trades"]
    written = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    written += ["\n".join((*map(json.dumps, program.log), *program.lines, *program.other)).encode()]
    secrets = re.compile(rb"path-that-let|key-that-sig|right-horse-b")
    assert not [content for content in written if secrets.search(content)]


async def test_row_25_what_is_not_set_up_is_recorded_as_unavailable_and_fails_nothing(
    start: Any, tmp_path: Path
) -> None:
    rules_file = tmp_path / "rules.json"
    rules_file.write_text(json.dumps(RULES))

    program = start(
        "run", "--headless", "--data-dir", str(tmp_path / "data"), "--log-json", "--rules", str(rules_file),
        "--feed", "demo",
        "--set", "notify.normal=email, webhook",
    )  # fmt: skip
    found = [
        await asyncio.to_thread(program.wait_for, "channel trouble", channel=channel)
        for channel in ("email", "webhook")
    ]
    status = await asyncio.to_thread(program.end)

    assert status == 0
    assert [event["state"] for event in found] == [
        "unavailable: E-mail is not set up: Server, From, To must be given",
        "unavailable: The webhook is not set up: Address must be given",
    ]
