"""A desk whose feed goes away tells its trader, and how many rules cannot decide."""

import json
import sqlite3
from pathlib import Path
from typing import Any

RULES = {
    "format": "tradeassist-rules",
    "version": 1,
    "rules": [{"name": "ES up", "symbol": "/ES", "when": "last > 1", "trigger": "every", "cooldown": "1h"}],
}


def test_a_feed_that_goes_away_is_told_with_the_rules_it_blinds(start: Any, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps(RULES))
    market = start("simulator")
    told = json.loads(market.wait_for_lines(1)[0])
    desk = start(
        "run", "--headless", "--rules", str(rules), "--feed", "schwab",
        "--dev", "--set", f"schwab.base_url={told['http']}", "--set", "feed.notice_seconds=1",
        "--data-dir", str(tmp_path / "data"), "--log-json",
        environment={
            "SCHWAB_APP_KEY": told["app_key"],
            "SCHWAB_APP_SECRET": told["app_secret"],
            "SCHWAB_REFRESH_TOKEN": told["refresh_token"],
        },
    )  # fmt: skip
    desk.wait_for_lines(1)

    market.end()

    notice = desk.wait_for("notice", title="No data from Schwab")
    assert "1 rule is blind: silence cannot be trusted." in notice["text"]
    assert desk.end() == 0
    with sqlite3.connect(tmp_path / "data" / "tradeassist.db") as kept:
        rows = kept.execute("SELECT rule_name FROM alerts WHERE rule_uid = ''").fetchall()
    kept.close()
    assert rows == [("No data from Schwab",)]
    # Standard output is for what rules have to say.
    assert {alert["rule"] for alert in desk.alerts()} == {"ES up"}
