"""A few seconds of fuzzing with a fixed seed; ``python tests/fuzz/run.py --minutes 10`` goes on."""

import time

from tests.fuzz.checks import check_condition, check_file
from tests.fuzz.generator import Generator
from tradeassist_desktop.engine.language import completions


def test_any_text_is_a_condition_that_reads_back_or_is_refused_at_a_column():
    generator = Generator(seed=1)

    outcomes = [check_condition(generator.condition()) for _ in range(1_500)]

    assert {True, False} == set(outcomes)


def test_any_bytes_are_a_rule_file_that_reads_back_or_are_refused():
    generator = Generator(seed=2)

    outcomes = [check_file(generator.file()) for _ in range(1_500)]

    assert {True, False} == set(outcomes)


def test_a_word_without_end_is_completed_as_fast_as_any():
    text = "last > " + "crosses" * 6_000

    started = time.perf_counter()
    found = completions(text, len(text) + 1)

    assert found == []
    assert time.perf_counter() - started < 5.0  # it took a minute when every letter began a word


def test_half_a_character_in_a_symbol_is_refused():
    assert not check_condition('"BRK.B\ud800".last > 1')
