"""Condition text into a condition, or a refusal that says where and what could stand there."""

import re
from functools import lru_cache
from typing import Any, Final

from lark import Lark, UnexpectedToken

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.engine.conditions import Condition, operands
from tradeassist_desktop.engine.language.advice import OTHERS, meant
from tradeassist_desktop.engine.language.builder import DEEPEST, Builder
from tradeassist_desktop.engine.language.checker import (
    Refused,
    is_known_word,
    shortened,
    unknown_word,
)
from tradeassist_desktop.engine.language.fieldless import fieldless_at
from tradeassist_desktop.engine.language.grammar import GRAMMAR, KEYWORDS, TERMINALS
from tradeassist_desktop.engine.language.lexer import ConditionLexer, tokens

LONGEST_TEXT: Final = 4_000
_LONGEST_SHOWN: Final = 80

# Where a value has ended, what could make it longer would hide what is missing.
_CONTINUATIONS: Final = frozenset(("PLUS", "MINUS", "TIMES", "OVER", "PERCENT", "LPAR", "LSQB", "NUMBER"))
_BEGINNINGS: Final = frozenset(("NUMBER", "NAME", "SYMBOL", "MINUS", "LPAR", "NOT"))
_THOUSANDS: Final = re.compile(r"[0-9],[0-9]{3}\Z")
_WRITTEN: Final = re.compile(r"[0-9]+[a-z]+|[<>=&|]+", re.IGNORECASE | re.ASCII)

COIN: Final = re.compile(
    r"""(?<![\w"])(([A-Z0-9]{1,12})-(?:USD|USDC|USDT|EUR|GBP|BTC|ETH))\.([a-z_]+)""", re.IGNORECASE
)
"""A coin's name without its quotes, before a field."""


def parse(text: str) -> Condition:
    """Return the condition that ``text`` means.

    Raises:
        BadInput: with one fault, its ``place`` empty and its column that of the text.
    """
    try:
        return _parse(text)
    except Refused as error:
        fault = _unquoted(text) or _fieldless(text, error.column)
        fault = fault or Fault(place="", message=error.message, column=error.column)
        raise BadInput([fault]) from None


@lru_cache(maxsize=16_384)
def _parse(text: str) -> Condition:
    if len(text) > LONGEST_TEXT:
        raise Refused(LONGEST_TEXT + 1, f"longer than {LONGEST_TEXT} characters")
    if not text.strip():
        raise Refused(1, "expected a condition such as last > 100, found nothing")
    if text.count("(") > DEEPEST:
        _check_nesting(text)
    try:
        built: Any = parser().parse(text)
    except UnexpectedToken as error:
        raise _refusal(text, error) from None
    condition: Condition = built[0]
    if not any(True for _ in operands(condition)):
        raise Refused(1, "expected at least one field or indicator, found only numbers")
    return condition


@lru_cache(maxsize=1)
def parser() -> Lark:
    """Return the parser, made at first use."""
    # Lark's stubs know neither a lexer of one's own nor a plain object with a method for each rule.
    builder: Any = Builder()
    return Lark(
        GRAMMAR,
        start="condition",
        parser="lalr",
        lexer=ConditionLexer,
        transformer=builder,
        maybe_placeholders=True,
    )


def accepted(text: str) -> set[str]:
    """Return the terminals that could follow a text; empty where it is already wrong."""
    # Lark leaves its interactive parser untyped.
    state: Any = parser().parse_interactive("")
    try:
        for token in tokens(text):
            state.feed_token(token)
    except (UnexpectedToken, Refused):
        return set()
    return set(state.accepts())


def _refusal(text: str, error: UnexpectedToken) -> Refused:
    wrong = error.token
    at = len(text) if wrong.type == "$END" else wrong.start_pos
    assert at is not None
    # "last crosses abve 5530" stops the parser at its end, where it could still have become "5530 ago".
    # What the trader must mend is the word before, which means nothing.
    for token in tokens(text[: at + len(wrong)]):
        if token.type == "NAME" and not is_known_word(token.lower()):
            assert token.start_pos is not None
            return _unknown(text, token.start_pos, token.lower())
    possible = accepted(text[:at])
    if wrong.type == "THEN" and "AND" in possible:
        return Refused(at + 1, "a sequence stands in parentheses, with its time: (A then B) within 5m")
    expected = ", ".join(_expected(possible))
    if wrong.type == "$END":
        return Refused(len(text.rstrip()) + 1, f"expected {expected}; found the end")
    if _THOUSANDS.search(text, 0, at + 4):
        return Refused(at + 1, "a number has no commas in it: write 5530, not 5,530")
    # "5min" is no duration, but a number before a word: what was written is shown in whole.
    whole = _WRITTEN.match(text, at)
    found = shortened(str(wrong) if whole is None else whole[0])
    hint = "" if "NAME" in possible else meant(found.lower(), (), OTHERS)
    return Refused(at + 1, f"expected {expected}; found {found!r}{hint}")


def _unknown(text: str, at: int, word: str) -> Refused:
    """Return the refusal of a word that nobody knows, by what could stand in its place."""
    possible = accepted(text[:at])
    if not possible or "NAME" in possible:
        return Refused(at + 1, unknown_word(word))
    word = shortened(word)
    hint = meant(word, [each for each in KEYWORDS if each.upper() in possible], OTHERS)
    return Refused(at + 1, f"expected {', '.join(_expected(possible))}; found {word!r}{hint}")


def _unquoted(text: str) -> Fault | None:
    """Return the fault of a coin's name that lacks its quotes: BTC-USD.last would be a difference."""
    for match in COIN.finditer(text):
        if not is_known_word(match.group(2).lower()):
            coin, field = match.group(1).upper(), match.group(3)
            message = f'write "{coin}".{field}: a symbol with a dash in its name stands in quotes'
            return Fault(place="", message=message, column=match.start(1) + 1)
    return None


def _fieldless(text: str, column: int) -> Fault | None:
    """Return the fault of a symbol that stands alone where one of its fields has to."""
    found = fieldless_at(text, column)
    if found is None:
        return None
    whole = text[: found.start] + found.instead + text[found.end :]
    try:
        _parse(whole)
    except Refused as error:
        if error.column <= found.start + len(found.instead):
            return None  # there is more to it
        whole = found.instead
    whole = " ".join(whole.split())
    # Between quotes may stand what no message can show.
    write = whole if whole.isprintable() and len(whole) <= _LONGEST_SHOWN else found.instead
    called = shortened(found.symbol)
    message = f"expected a field of {called}, found {called} alone; write {write}"
    return Fault(place="", message=message, column=found.start + 1)


def _expected(possible: set[str]) -> list[str]:
    words = []
    if {"NUMBER", "NAME"} <= possible:
        words = ["a number, a field or an indicator"]
        possible = possible - _BEGINNINGS
    elif "AND" in possible or "COMPARE" in possible:
        possible = possible - _CONTINUATIONS
    return words + [word for terminal, word in TERMINALS.items() if terminal in possible]


def _check_nesting(text: str) -> None:
    depth = 0
    for at, character in enumerate(text):
        if character == "(":
            depth += 1
            if depth > DEEPEST:
                raise Refused(at + 1, f"nested more than {DEEPEST} deep")
        elif character == ")":
            depth -= 1
