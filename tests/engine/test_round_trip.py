from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.conditions_drawn import conditions
from tradeassist_desktop.engine.language import in_words, parse, to_text


@given(conditions())
@settings(max_examples=200, deadline=None)
def test_the_canonical_text_reads_back_as_the_same_condition(condition):
    assert parse(to_text(condition)) == condition


@given(conditions(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_text_in_any_spacing_and_case_prints_as_the_canonical_one(condition, random):
    text = to_text(condition)
    spread = "".join(
        random.choice((" ", "  ", "\n\t")) if character == " " else character for character in text
    )

    assert to_text(parse(spread)) == text
    assert to_text(parse(to_text(parse(spread)))) == text


@given(conditions())
@settings(max_examples=100, deadline=None)
def test_every_condition_has_plain_words(condition):
    assert in_words(condition)
