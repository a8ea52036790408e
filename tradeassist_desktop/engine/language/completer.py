"""What could stand at the caret of a condition."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.engine.language.checker import is_known_word
from tradeassist_desktop.engine.language.grammar import KEYWORD_DOCS
from tradeassist_desktop.engine.language.lexer import tokens
from tradeassist_desktop.engine.language.parser import accepted
from tradeassist_desktop.engine.operands import OPERANDS, OUTPUTS
from tradeassist_desktop.engine.operands.specification import BAR_FIELDS, Form, Source

_WORD_BEFORE: Final = re.compile(r"(?:([A-Za-z_][A-Za-z0-9_]*)\.)?([A-Za-z_][A-Za-z0-9_]*)?\Z")
_LAST_WORD: Final = re.compile(r'[A-Za-z0-9_./$"]*\Z')
_NUMBER_BEGUN: Final = re.compile(r"[0-9]+\.?[0-9]*")
_SYMBOL_BEGUN: Final = re.compile(r'"[^"\s]*|[/$][A-Za-z0-9]*|[A-Z][A-Z0-9]*')
_LONGEST_BEGUN: Final = 100
_TIMEFRAME_BEFORE: Final = re.compile(r"\[([0-9]+[a-z]?)?\Z", re.IGNORECASE)
_TICK_FIELDS: Final = tuple(spec.name for spec in OPERANDS if spec.form is Form.FIELD and spec.name != "age")


@dataclass(frozen=True, slots=True)
class Completion:
    """One word that could stand at the caret.

    Args:
        word: As it is inserted; an indicator with numbers that mean something.
        doc: What it is, in a line.
        signature: With the names of its parameters; empty where it has none.
    """

    word: str
    doc: str
    signature: str = ""


def completions(text: str, column: int) -> list[Completion]:
    """Return the words that could stand at ``column`` (1-based), begun ones first narrowed.

    Empty where the text before the caret is already wrong.
    """
    before = text[: max(0, column - 1)]
    frame = _TIMEFRAME_BEFORE.search(before)
    if frame is not None:
        return _timeframes(before[: frame.start() + 1], (frame[1] or "").lower())
    prefix = _begun(before)
    whole = before[: len(before) - len(prefix)]
    # To the grammar any word may be an operand, and "crosses abve 5530" go on with "ago".
    if any(token.type == "NAME" and not is_known_word(token.lower()) for token in tokens(whole)):
        return []
    possible = accepted(whole)
    found = [Completion(word, doc) for word, (doc, _) in KEYWORD_DOCS.items() if word.upper() in possible]
    if "NAME" in possible:
        if "NUMBER" in possible and "SYMBOL" not in possible:
            found += _sources(before)
        else:
            found += [Completion(spec.example, spec.doc, spec.signature) for spec in OPERANDS]
    return [completion for completion in found if completion.word.startswith(prefix)]


def is_unfinished(text: str, column: int | None, goes_on: Callable[[str], bool] | None = None) -> bool:
    """Return whether a text that is wrong at a column could become right by typing on at its end.

    Args:
        goes_on: Returns whether the text's last word could be the beginning of one; as a condition has
            them if it is left out.
    """
    if column is None:
        return False
    if column > len(text.rstrip()):
        return True
    last = _LAST_WORD.search(text, max(0, len(text) - _LONGEST_BEGUN))
    begun = "" if last is None else last[0]
    if column <= len(text) - len(begun):
        return False
    return _NUMBER_BEGUN.fullmatch(begun) is not None or (goes_on or _goes_on)(text)


def _goes_on(text: str) -> bool:
    last = _LAST_WORD.search(text, max(0, len(text) - _LONGEST_BEGUN))
    is_symbol = last is not None and _SYMBOL_BEGUN.fullmatch(last[0]) is not None
    return is_symbol or bool(completions(text, len(text) + 1))


def _begun(before: str) -> str:
    """Return the word that ends at the caret, with its function: ``aroon.aro``, but ``la`` of ``ES.la``."""
    # From every letter of a word to its end: of a word without end that would be a second and more.
    match = _WORD_BEFORE.search(before, max(0, len(before) - _LONGEST_BEGUN))
    assert match is not None
    function, word = match[1], match[2] or ""
    is_dotted = function is not None and function.lower() in OUTPUTS
    return f"{function}.{word}".lower() if is_dotted else word.lower()


def _timeframes(before: str, prefix: str) -> list[Completion]:
    if "DURATION" not in accepted(before):
        return []
    return [Completion(each, "bars of that length") for each in TIMEFRAMES if each.startswith(prefix)]


def _sources(before: str) -> list[Completion]:
    """Return the fields that may stand between the parentheses that are open at the caret."""
    function = word = ""
    for token in tokens(before):
        if token.type == "LPAR":
            function = word
        word = f"{word}{token.lower()}" if word.endswith(".") else str(token.lower())
    spec = next((each for each in OPERANDS if each.parameters and each.name == function), None)
    if spec is None:
        return []
    if spec.form is Form.HISTORY:
        return [Completion(field, "a tick field") for field in _TICK_FIELDS]
    if not any(isinstance(parameter, Source) for parameter in spec.parameters):
        return []
    return [Completion(field, "a field of the bars") for field in BAR_FIELDS]
