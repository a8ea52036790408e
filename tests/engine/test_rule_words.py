import pytest

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rules import Rearm, Rule, Trigger
from tradeassist_desktop.engine.telling.rule_words import rule_in_words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        pytest.param(
            Rule("1", "a", ("/ES",), "last crosses above 5530"),
            "On /ES: when last price crosses above 5,530, alert each time it becomes true, "
            "at most once in 1 minute.",
            id="a crossing",
        ),
        pytest.param(
            Rule(
                "1",
                "a",
                ("AAPL", "MSFT", "TSLA", "NVDA"),
                "rsi(14)[15m] < 30",
                hold_ns=90 * NS_PER_SECOND,
                rearm=Rearm(5.0),
                schedule="rth",
                cooldown_ns=0,
            ),
            "On each of AAPL, MSFT, TSLA and 1 more: when rsi(14) of 15-minute bars is below 30 "
            "and has been so for 90 seconds, alert each time it becomes true, "
            "seen at the close of a 15-minute bar, "
            "again only once the level was left by 5, in regular hours only.",
            id="held, over bars, on several",
        ),
        pytest.param(
            Rule(
                "1", "a", ("/ES",), "last > 1", trigger=Trigger.ONCE, schedule="09:30-11:00 America/New_York"
            ),
            "On /ES: when last price is above 1, alert once and switch off, "
            "only from 09:30 to 11:00 America/New_York.",
            id="once, between times",
        ),
    ],
)
def test_a_rule_is_said_in_one_sentence(rule: Rule, words: str) -> None:
    assert rule_in_words(rule) == words
