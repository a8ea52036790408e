"""Row 50: secrets from Secret Manager are in no file but the sealed copy, whatever it quotes or fails at."""

import asyncio
import json
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2

from tests.channels.authority import Authority
from tests.channels.slack_server import CHANNEL, slack_server
from tests.secret_manager.faults import HANG, Fault
from tests.secret_manager.refusals import Refusal
from tests.secret_manager.server import SecretManagerServer, key_file, secret_manager
from tests.secret_manager.vault import PROJECT
from tests.security.canaries import Canaries, ProcessWatch, files_under
from tests.security.test_canary import RULES, said_by
from tests.security.test_canary_typed import command


def quoting(code: grpc.StatusCode, words: str) -> Fault:
    """An error that quotes in its text and in what comes with it."""
    info = error_details_pb2.ErrorInfo(reason="REFUSED", domain="example.com", metadata={"quoted": words})
    return Fault(refusal=Refusal(code, f"no: {words}", (info,)))


class Desk:
    """The program on a Secret Manager and a Slack of its own, started as often as asked."""

    def __init__(
        self, *, folder: Path, start: Any, server: SecretManagerServer, authority: Authority, keys: Path
    ) -> None:
        self.folder = folder
        self._start = start
        self._keys = keys
        self._server = server
        self._roots = authority.file

    def options(self, *further: str) -> tuple[str, ...]:
        settings = {
            "secrets.gcp.project": PROJECT,
            "secrets.gcp.endpoint": self._server.endpoint,
            "secrets.gcp.credentials": str(self._keys),
        }
        named = (part for key, value in settings.items() for part in ("--set", f"{key}={value}"))
        return ("--dev", "--data-dir", str(self.folder / "data"), *named, *further)

    def environment(self, home: dict[str, str]) -> dict[str, str]:
        return {
            **home,
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(self._roots),
            "no_grpc_proxy": "localhost,127.0.0.1",
            "GOOGLE_SDK_PYTHON_LOGGING_SCOPE": "google",
            "GRPC_TRACE": "all",
            "GRPC_VERBOSITY": "DEBUG",
        }

    def run(self, slack: Any, home: dict[str, str]) -> Any:
        (self.folder / "rules.json").write_text(json.dumps(RULES))
        return self._start(
            "run", "--headless", "--log-json", "--feed", "demo", "--rules", str(self.folder / "rules.json"),
            *self.options("--set", "notify.normal=slack", "--set", f"slack.base_url={slack.base_url}"),
            "--set", f"slack.channel={CHANNEL}",
            environment=self.environment(home),
        )  # fmt: skip


@pytest.mark.timeout(200)
async def test_row_50_a_desk_on_secret_manager_leaves_no_secret_through_success_death_and_refusal(
    start: Any, keyring: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    said: dict[str, bytes] = {}
    keys = tmp_path / "google"
    keys.mkdir(mode=0o700)
    authority = Authority(folder=keys)
    quoted = canaries["slack token"]
    with secret_manager(authority) as server:
        server.vault.put("tradeassist-slack-bot", json.dumps({"token": canaries["slack token"]}))
        path = key_file(server, keys)
        path.chmod(0o600)
        document = json.loads(path.read_text())
        canaries.texts["private key"] = document["private_key"].splitlines()[5]
        desk = Desk(folder=tmp_path, start=start, server=server, authority=authority, keys=path)
        async with slack_server() as slack:
            slack.tokens = {canaries["slack token"]: {"chat:write"}}

            async def deliver(name: str) -> None:
                program = desk.run(slack, keyring)
                with ProcessWatch(program.process.pid) as watch:
                    await asyncio.to_thread(program.wait_for, "delivered", channel="slack", seconds=60)
                    assert await asyncio.to_thread(program.end) == 0
                said.update({f"{name}, {place}": text for place, text in said_by(program).items()})
                said.update(watch.seen)

            await deliver("success")
            calls = server.called("AccessSecretVersion")
            copies = files_under(tmp_path / "data")
            server.fail(HANG)
            await deliver("hanging")
            server.recover()
            server.fail(quoting(grpc.StatusCode.UNAVAILABLE, quoted))
            await deliver("unavailable")
            server.recover()
            server.fail(quoting(grpc.StatusCode.PERMISSION_DENIED, quoted))
            refused = desk.run(slack, keyring)
            with ProcessWatch(refused.process.pid) as watch:
                await asyncio.to_thread(refused.wait_for, "feed state", state="live", seconds=60)
                await asyncio.to_thread(refused.wait_for_lines, 1)
                assert await asyncio.to_thread(refused.end) == 0
            said.update({"refused": said_by(refused)["what it said"], **watch.seen})
            exported = [tmp_path / "exported.csv", tmp_path / "exported.jsonl"]
            for file in exported:
                done = await asyncio.to_thread(
                    command,
                    *("audit", "--export", str(file), *desk.options()),
                    typed="",
                    environment=desk.environment(keyring),
                )
                assert done.returncode == 0, done.stderr
                said[f"export to {file.name}"] = (done.stdout + done.stderr).encode()

    assert calls >= 1
    assert any("cache" in place or "sealed" in place for place in copies), sorted(copies)
    assert all("slack.bot" in file.read_text() for file in exported)
    contents = {**files_under(tmp_path, but=("google",)), **said}
    assert canaries.found_in(contents) == []
