"""What a message looks like in Slack, and that nothing a trader or a feed names becomes markup there."""

import html
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.channels.desk import EVENT_NS, message
from tests.channels.slack_desk import slack_at, texts_of
from tradeassist_desktop.channels.slack_blocks import rendered
from tradeassist_desktop.channels.slack_text import escaped
from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.delivery import Cause
from tradeassist_desktop.domain.messages import Digest, DigestLine

NEW_YORK = ZoneInfo("America/New_York")


def read(**changes: Any) -> list[str]:
    """Return the texts of a message's blocks as Slack shows them."""
    look = rendered(message(**changes), zone=NEW_YORK)
    return [html.unescape(text) for text in texts_of({"blocks": look.blocks})]


def test_a_usual_alert_is_a_headline_a_sentence_its_figures_and_its_time() -> None:
    assert read() == [
        "🔵 /ES: Opening drive",
        "/ES last 5530.25 crosses above 5530",
        "Value: 5,530.25",
        "When: last crosses above 5530",
        "Tags: opening",
        "2025-12-31 19:00:00 EST · 00:00:00.123 UTC",
    ]


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({"priority": Priority.LOW}, "⚪ /ES: Opening drive"),
        ({"priority": Priority.HIGH}, "🟠 HIGH · /ES: Opening drive"),
        ({"priority": Priority.URGENT}, "🔴 URGENT · /ES: Opening drive"),
        ({"status": AlertStatus.CLEARED}, "✅ Cleared · /ES: Opening drive"),
        ({"timing": Timing.REPLAYED, "priority": Priority.URGENT}, "⏪ REPLAY · /ES: Opening drive"),
        ({"is_test": True, "priority": Priority.URGENT}, "🧪 TEST · /ES: Opening drive"),
        ({"title": ""}, "🔵 Alert"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_headline_says_how_much_it_matters(changes: dict[str, Any], headline: str) -> None:
    assert read(**changes)[0] == headline


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        ({"is_late": True}, "Late: it was to be sent earlier."),
        ({"is_saved": False}, "Not saved: the desk could not write it down yet."),
        ({"is_second_try": True}, "This may be a repeat: an earlier attempt may have arrived."),
        ({"is_test": True}, "A test: nothing has happened in the market."),
        (
            {"timing": Timing.LATE, "late_by_ns": 127 * 10**9},
            "Found out late: it happened 2 m 7 s before.",
        ),
        ({"cause": Cause.ESCALATION}, "Escalated: it was not acknowledged in time."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_whatever_is_not_as_usual_is_said_below(changes: dict[str, Any], remark: str) -> None:
    assert remark in read(**changes)
    assert remark in html.unescape(rendered(message(**changes), is_plain=True).text)


def test_a_digest_lists_its_titles_with_exact_counts_and_no_value() -> None:
    lines = (
        DigestLine(title="/ES: Opening drive", count=1_204, priority=Priority.URGENT, last_ns=EVENT_NS),
        DigestLine(title="AAPL: Breakout", count=33, priority=Priority.NORMAL, last_ns=EVENT_NS),
    )

    texts = read(title="1,237 alerts", digest=Digest(count=1_237, lines=lines))

    assert texts[:2] == [
        "🔵 1,237 alerts",
        "1,204 × /ES: Opening drive · urgent · last at 19:00:00\n"
        "33 × AAPL: Breakout · normal · last at 19:00:00",
    ]
    assert not any(text.startswith("Value") for text in texts)


def test_a_plain_message_has_all_that_the_blocks_have() -> None:
    plain = html.unescape(rendered(message(is_late=True), is_plain=True, zone=NEW_YORK).text)

    assert set(read(is_late=True)) <= set(plain.splitlines())


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("a < b & c > d", 99, "a &lt; b &amp; c &gt; d"),
        ("&lt;", 99, "&amp;lt;"),
        ("ab&cd", 8, "ab&amp;…"),
        ("ab&cd", 7, "ab…"),
        ("🔴🔴🔴", 6, "🔴🔴🔴"),
        ("🔴🔴🔴", 5, "🔴🔴…"),
    ],
)
def test_a_text_is_escaped_once_and_no_entity_is_cut(text: str, most: int, expected: str) -> None:
    assert escaped(text, most) == expected


# --- row 105: injection

HOSTILE = [
    "<!channel>",
    "<!here|now>",
    "<@U012345>",
    "<#C012345|alerts>",
    "<http://evil.example|AAPL>",
    "&lt;!channel&gt;",
    "```code``` `tick` *bold* _it_ ~no~ :tada:",
    "> quoted",
    "@channel @here @everyone",
    "\u202e5530\u202c \u200bhidden \x1b[31m red \x00 \ud800",
]


@pytest.mark.parametrize("place", ["title", "body", "symbol", "condition", "tags", "rule_name"])
@pytest.mark.parametrize("by_webhook", [False, True], ids=["bot", "webhook"])
async def test_row_105_nothing_that_is_named_in_an_alert_becomes_markup(
    tmp_path: Path, place: str, by_webhook: bool
) -> None:
    async with slack_at(tmp_path, by_webhook=by_webhook) as (server, channel):
        for number, text in enumerate(HOSTILE):
            value = (text,) if place == "tags" else text
            changes = {"value_symbol": "another", place: value}
            await channel.send(message(idempotency_key=str(number), **changes))

    for post in server.posts:
        blocks = post["blocks"]
        posted = json.dumps({"text": post["text"], "blocks": blocks}, ensure_ascii=False)
        assert "<" not in posted
        assert ">" not in posted
        assert '"mrkdwn"' not in posted  # every text object is a plain one
        assert not any(unseen in posted for unseen in ("\u202e", "\u200b", "\x1b", "\\u001b", "\\u0000"))
        assert post["unfurl_links"] is post["unfurl_media"] is post["mrkdwn"] is False
        if not by_webhook:
            assert (post["link_names"], post["parse"]) == (False, "none")


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isprintable()])
def test_row_105_a_trader_reads_a_hostile_name_as_it_was_typed(text: str) -> None:
    look = rendered(message(title=text, body=text))

    header, body = texts_of({"blocks": look.blocks})[:2]
    assert html.unescape(header) == f"🔵 {text}"
    assert html.unescape(body) == text
    assert html.unescape(look.text) == f"🔵 {text}\n{text}"
