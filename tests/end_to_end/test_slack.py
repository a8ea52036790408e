"""The real program and a Slack on this machine: alert, chart and thread, and the token in no log."""

import json
import time
from pathlib import Path
from typing import Any

from tests.channels.slack_server import CHANNEL, TOKEN, slack_server
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore

MINUTE = 60 * NS_PER_SECOND
RULES = {
    "format": "tradeassist-rules",
    "version": 1,
    "rules": [
        {
            "name": "above 100",
            "symbol": "/ES",
            "when": "last > 100",
            "trigger": "every",
            "cooldown": "1m",
            "channels": ["slack"],
        }
    ],
}


async def keep_an_hour_of_bars(data: Path) -> None:
    """Leave bars as an earlier run does; the demo market has none outside of its sessions."""
    database = Database(path=data / "tradeassist.db")
    await database.start()
    end_ns = time.time_ns() // MINUTE * MINUTE
    await MarketStore(database=database, venue="demo").keep_bars(
        "/ES",
        [
            Bar("/ES", "1m", start_ns, start_ns + MINUTE, 5529.0, 5531.0, 5528.0, 5530.0, 10.0)
            for start_ns in range(end_ns - 60 * MINUTE, end_ns, MINUTE)
        ],
    )
    await database.stop()


async def test_an_alert_and_its_chart_are_in_slack_and_the_token_in_no_log(
    start: Any, tmp_path: Path, until: Any
) -> None:
    rules, data = tmp_path / "rules.json", tmp_path / "data"
    rules.write_text(json.dumps(RULES))
    data.mkdir()
    await keep_an_hour_of_bars(data)
    async with slack_server() as server:
        program = start(
            "run", "--headless", "--log-json", "--dev", "--data-dir", str(data), "--rules", str(rules),
            "--set", f"slack.base_url={server.base_url}", "--set", f"slack.channel={CHANNEL}",
            environment={"SLACK_BOT_TOKEN": TOKEN},
        )  # fmt: skip

        await until(lambda: server.shared, timeout=60)

        program.end()
        assert server.texts()[0].startswith("🔵 /ES: above 100\n/ES last ")
        assert server.uploads["F0"].startswith(b"\x89PNG")
        assert server.shared[0]["thread_ts"] == server.messages[0]["ts"]
        kept = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
        said = kept + str([program.log, program.other, program.lines]).encode()
        assert b"delivered" in said
        assert TOKEN.encode() not in said
