from itertools import groupby

import pytest

from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.engine.language import completions, parse, reference
from tradeassist_desktop.engine.operands import OPERANDS
from tradeassist_desktop.engine.operands.specification import Form


def words(text: str) -> list[str]:
    """Return the words offered at the end of a text."""
    return [each.word for each in completions(text, len(text) + 1)]


def test_the_completer_offers_what_could_stand_at_the_caret():
    assert words("last ") == ["crosses", "in", "outside", "enters", "exits", "touches"]
    assert words("last crosses ab") == ["above"]
    assert words("(last > 1 ") == ["and", "or", "then"]
    assert words("(last > 1 then bid > 2) ") == ["within"]
    assert {"bid", "rsi(14)", "change(last, 5m)", "highest(close, 20)"} <= set(words("last > "))


def test_the_completer_narrows_the_outputs_of_a_function():
    assert words("aroon.") == ["aroon.aroondown(14)", "aroon.aroonup(14)"]
    assert words("last > 1 and /ES.aroon.aroonu") == ["aroon.aroonup(14)"]
    assert words("/ES.las") == ["last", "last_size"]


def test_the_completer_offers_sources_and_timeframes_where_they_stand():
    assert words("sma(h") == ["high"]
    assert words("bbands.upperband(") == ["open", "high", "low", "close", "volume"]
    assert words("adx(") == []
    assert "bid_size" in words("change(")
    assert words("close[") == list(TIMEFRAMES)
    assert words("close[15") == ["15s", "15m"]


def test_nothing_is_offered_after_what_is_already_wrong():
    assert words("last last ") == []
    assert words("last > 1 [") == []


def test_an_offer_tells_the_parameters_by_name():
    (offered,) = [each for each in completions("stoch_", 7) if each.word.startswith("stoch_k")]

    assert offered.signature == "stoch_k(bars, smooth)"
    assert offered.doc == "Slow stochastic %K, 0 to 100"


def test_the_reference_holds_every_word_under_a_heading():
    listed = reference()

    assert {word.word for word in listed} >= {spec.name for spec in OPERANDS}
    assert all(word.group and word.doc and word.signature for word in listed)
    assert list(dict.fromkeys(word.group for word in listed))[:4] == [
        "Logic and comparison",
        "Tick fields",
        "Bar fields",
        "Indicators",
    ]


def test_the_reference_keeps_each_group_together():
    groups = [word.group for word in reference()]

    assert len(list(groupby(groups))) == len(set(groups))


@pytest.mark.parametrize("word", [pytest.param(word, id=word.signature) for word in reference()])
def test_every_example_of_the_reference_can_be_written(word):
    text = word.example if word.group == "Logic and comparison" else f"{word.example} > 1"

    assert parse(text)


def test_a_parameter_is_told_with_its_limits_and_what_it_is_if_left_out():
    (bollinger,) = [word for word in reference() if word.word == "bb_upper"]

    assert bollinger.parameters == (
        "source: open, high, low, close or volume; close if left out",
        "bars: 2 to 10,000; 20 if left out",
        "deviations: -1,000,000,000 to 1,000,000,000; 2 if left out",
    )
    assert bollinger.unit == "as its source"


def test_only_fields_and_bars_are_written_without_parentheses():
    bare = [spec.name for spec in OPERANDS if "(" not in spec.signature]

    assert bare == [spec.name for spec in OPERANDS if spec.form in (Form.FIELD, Form.BAR)]
