"""What could stand at the caret of a quick rule: words of the language, and symbols."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.engine.language import (
    Completion,
    Word,
    completions,
    is_unfinished,
    mended,
    reference,
)
from tradeassist_desktop.engine.language.symbols import is_bare
from tradeassist_desktop.engine.rulefiles.quick_rule import quick_rule, spelled_out, split_quick

_FIRST_WORD: Final = re.compile(r'\s*("[^"]*|\S*)\Z')
_SYMBOL_BEGUN: Final = re.compile(r'(?:^|(?<=[\s(\-+*<>=]))("[^"\s.]*|[/$][A-Za-z0-9]*|[A-Z][A-Z0-9]*)\Z')
_SYMBOL: Final = re.compile(r'"[^"]+|[/$]?[A-Za-z0-9.\-]+|[/$]')
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?")
_WORD_BEGUN: Final = re.compile(r"[A-Za-z]+")
_PHRASES: Final = (
    ("crosses above", "passes a value upwards", "last crosses above 5530"),
    ("crosses below", "passes a value downwards", "last crosses below 5500"),
    (">", "is above", "last > 5530"),
    ("<", "is below", "last < 5500"),
)
_EXAMPLES: Final = (
    ("last crosses above {level}", "price passes a level upwards"),
    ("change(last, 5m) >= 1%", "price moves fast"),
    ("volume[1m] >= 3 * avg(volume, 20)[1m] 1 ago", "volume is three times its average"),
    ("rsi(14)[5m] > 70", "relative strength is high"),
)
_MOST: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One thing that could stand at the caret.

    Args:
        word: What it puts into the line.
        start: From which character on it replaces what was typed.
        end: Up to which; ``None`` stands for the caret.
        shown: As it is offered.
    """

    word: str
    start: int
    shown: str
    help: str
    example: str = ""
    end: int | None = None
    is_symbol: bool = False


def examples(symbol: str, last: float | None) -> tuple[Proposal, ...]:
    """Return whole lines to begin with, of a symbol whose last price may be known."""
    # All digits of a last price are its tick's: fewer would name a price that is never traded.
    level = "5530" if last is None else f"{last:.10g}"
    shown = f'"{symbol}"' if " " in symbol else symbol
    lines = [(f"{shown} {words.format(level=level)}", help) for words, help in _EXAMPLES]
    return tuple(Proposal(word=line, start=0, shown=line, help=help) for line, help in lines)


def is_begun(typed: str, column: int | None, *, symbol: str | None) -> bool:
    """Return whether a line that is wrong at a column could become right by typing on at its end.

    Args:
        symbol: What a line without a symbol is of; ``None`` where it needs one.
    """
    return is_unfinished(
        typed,
        column,
        lambda line: (
            symbol_begun(line, len(line)) is not None
            or any(each.start < len(line) for each in words_at(line, len(line), symbol=symbol))
        ),
    )


def mended_line(typed: str, *, symbol: str | None) -> Proposal | None:
    """Return a line that is wrong put right, as it was most likely meant; ``None`` where nobody can tell.

    Args:
        symbol: What a line without a symbol is of; ``None`` where it needs one.
    """
    try:
        quick = split_quick(typed, symbol=symbol)
    except BadInput:
        return None
    meant = mended(spelled_out(typed, quick))
    if meant is None:
        return None
    line = typed[: quick.begin] + meant
    try:
        quick_rule(line, uid="", symbol=symbol)
    except BadInput:
        return None
    return Proposal(word=line, start=0, end=len(typed), shown=line, help="as it may be meant: Tab takes it")


def words_at(typed: str, caret: int, *, symbol: str | None) -> tuple[Proposal, ...]:
    """Return the words of the language that could stand at the caret.

    Args:
        symbol: What a line without a symbol is of; ``None`` where it needs one.
    """
    before = typed[:caret]
    if symbol is None and _FIRST_WORD.match(before):
        return ()
    try:
        quick = split_quick(before, symbol=symbol)
    except BadInput:
        return ()
    if quick.is_typed and quick.begin >= caret and not before[-1:].isspace():
        # The symbol is still being typed; or it is no symbol, but the beginning of a word.
        if symbol is None:
            return ()
        begin = len(before) - len(before.lstrip())
    else:
        begin = min(quick.begin, caret)
    condition = before[begin:]
    is_timeframe = re.search(r"\[[0-9A-Za-z]*\Z", condition) is not None
    found = [
        Proposal(
            word=f"{each.word}]" if is_timeframe else f"{each.word} ",
            start=caret - _begun(condition, each.word),
            shown=each.signature or each.word,
            help=each.doc,
            example=_example(each.word),
        )
        for each in _completions(condition, spelled_out(before, quick._replace(begin=begin)))
    ]
    if any(each.shown == "crosses" for each in found) or condition.rstrip().endswith(" crosses"):
        one_word = ("crosses", "above", "below")
        found = [*_phrases(condition, caret), *(each for each in found if each.shown not in one_word)]
    return tuple(sorted(found, key=lambda each: each.shown == "not")[:_MOST])


def _completions(condition: str, spelled: str) -> list[Completion]:
    """Return what could stand at the end of a line's condition.

    Args:
        spelled: The condition as it is read: one that begins with its comparison is of the last price.
    """
    found = completions(spelled, len(spelled) + 1)
    if _WORD_BEGUN.fullmatch(condition) and spelled == condition:
        compared = f"last {condition}"  # what is begun may be the comparison
        found += completions(compared, len(compared) + 1)
    return found


def symbol_begun(typed: str, caret: int) -> str | None:
    """Return what is typed of a symbol at the caret; ``None`` where none can stand there."""
    before = typed[:caret]
    first = _FIRST_WORD.match(before)
    if first is not None:
        return first[1].lstrip('"') if _SYMBOL.fullmatch(first[1]) else None
    begun = _SYMBOL_BEGUN.search(before)
    return None if begun is None else begun[1].lstrip('"')


def symbols_at(typed: str, caret: int, found: Iterable[FoundInstrument]) -> tuple[Proposal, ...]:
    """Return symbols that could stand at the caret: as the line's own, or before a field."""
    before = typed[:caret]
    begun = symbol_begun(typed, caret)
    if begun is None:
        return ()
    is_first = _FIRST_WORD.match(before) is not None
    start = caret - len(begun)
    start -= before[:start].endswith('"')
    proposals = []
    for each in found:
        if each.symbol == begun.upper() and is_first:
            continue
        if is_first:
            word = f'"{each.symbol}" ' if " " in each.symbol else f"{each.symbol} "
        else:
            word = f"{each.symbol}." if is_bare(each.symbol) else f'"{each.symbol}".'
        proposals.append(
            Proposal(word=word, start=start, shown=word.strip(), help=each.description, is_symbol=True)
        )
    return tuple(proposals)


def word_at(typed: str, caret: int) -> Word | None:
    """Return what the word at the caret means, or the function within whose parentheses it stands."""
    words = _words()
    for match in _NAME.finditer(typed):
        if match.start() <= caret <= match.end():
            name = match[0].lower()
            found = words.get(name) or words.get(name.rpartition(".")[2])
            if found is not None:
                return found
    depth = 0
    for at in range(min(caret, len(typed)) - 1, -1, -1):
        if typed[at] == ")":
            depth += 1
        elif typed[at] == "(" and depth:
            depth -= 1
        elif typed[at] == "(":
            names = [match for match in _NAME.finditer(typed) if match.end() == at]
            return words.get(names[0][0].lower()) if names else None
    return None


@lru_cache(maxsize=1)
def _words() -> dict[str, Word]:
    found: dict[str, Word] = {}
    for word in reference():
        found.setdefault(word.word, word)
    return found


def _example(word: str) -> str:
    name = _NAME.match(word)
    known = None if name is None else _words().get(name[0].lower())
    return "" if known is None else known.example


def _phrases(condition: str, caret: int) -> list[Proposal]:
    begun = re.search(r"(?:crosses\s+)?[A-Za-z]*\Z", condition)
    typed = "" if begun is None else " ".join(begun[0].split())
    return [
        Proposal(
            word=f"{words} ",
            start=caret - (0 if begun is None else len(begun[0])),
            shown=words,
            help=help,
            example=example,
        )
        for words, help, example in _PHRASES
        if words.startswith(typed)
    ]


def _begun(before: str, word: str) -> int:
    """Return how many characters of a word stand before the caret already."""
    for count in range(min(len(word), len(before)), 0, -1):
        if word[:count].lower() == before[-count:].lower():
            return count
    return 0
