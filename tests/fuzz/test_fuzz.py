"""A few seconds of fuzzing with a fixed seed; ``python tests/fuzz/run.py --minutes 10`` goes on."""

from tests.fuzz.checks import check_condition, check_file
from tests.fuzz.generator import Generator


def test_any_text_is_a_condition_that_reads_back_or_is_refused_at_a_column():
    generator = Generator(seed=1)

    outcomes = [check_condition(generator.condition()) for _ in range(1_500)]

    assert {True, False} == set(outcomes)


def test_any_bytes_are_a_rule_file_that_reads_back_or_are_refused():
    generator = Generator(seed=2)

    outcomes = [check_file(generator.file()) for _ in range(1_500)]

    assert {True, False} == set(outcomes)
