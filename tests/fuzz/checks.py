"""What must hold of any condition text and any rule file, however wrong."""

import time
from typing import Final

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.kinds.kind_forms import form_of, view_of
from tradeassist_desktop.engine.kinds.kind_shapes import kind_of
from tradeassist_desktop.engine.kinds.kinds import condition_of
from tradeassist_desktop.engine.language import completions, in_words, parse, to_text
from tradeassist_desktop.engine.rulefiles.rulefile import MOST_FAULTS, parse_rules, quick_rule, rules_to_json

LONGEST_S: Final = 2.0
LONGEST_FAULT: Final = 2_000


def check_condition(text: str) -> bool:
    """Return whether the text is a condition.

    Raises:
        AssertionError: something that must hold does not; any other error is one nobody foresaw.
    """
    started = time.perf_counter()
    for column in (1, len(text) // 2, len(text) + 1):
        completions(text, column)
    try:
        condition = parse(text)
    except BadInput as error:
        (fault,) = error.faults
        assert fault.place == ""
        assert fault.message and len(fault.message) < LONGEST_FAULT
        assert fault.column is not None and 1 <= fault.column <= len(text) + 1, fault
        is_condition = False
    else:
        is_condition = True
        written = to_text(condition)
        assert parse(written) == condition, written
        assert to_text(parse(written)) == written
        assert in_words(condition)
        view = kind_of(condition)
        if view is not None:
            assert condition_of(view) == condition, view
            assert view_of(view.name, form_of(view)) == view, view
    try:
        quick_rule(f"/ES {text}", uid="u")
    except BadInput as error:
        assert all(fault.column is None or fault.column <= len(text) + 6 for fault in error.faults)
    seconds = time.perf_counter() - started
    assert seconds < LONGEST_S, f"took {seconds:.1f} s"
    return is_condition


def check_file(content: bytes) -> bool:
    """Return whether the content is a rule file.

    Raises:
        AssertionError: something that must hold does not; any other error is one nobody foresaw.
    """
    started = time.perf_counter()
    try:
        rules = parse_rules(content)
    except BadInput as error:
        assert 1 <= len(error.faults) <= MOST_FAULTS + 1
        for fault in error.faults:
            text = str(fault)
            assert fault.message and len(text) < LONGEST_FAULT
            text.encode()  # what cannot be printed would crash who tells it
            assert "\n" not in text and "\x1b" not in text, text
        is_file = False
    else:
        is_file = True
        assert parse_rules(rules_to_json(rules)) == rules
    seconds = time.perf_counter() - started
    assert seconds < LONGEST_S, f"took {seconds:.1f} s"
    return is_file
