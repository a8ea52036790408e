"""Rules typed as one line: a symbol, then a condition."""

import re
from typing import Final, NamedTuple

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.language.advice import OTHERS
from tradeassist_desktop.engine.language.checker import is_known_word
from tradeassist_desktop.engine.language.lexer import tokens
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.operands.fields import FIELDS
from tradeassist_desktop.engine.rulefiles.rule_entry import LONGEST_NAME, LONGEST_SYMBOL

# Fields are in small letters: ``BRK.B`` is a symbol.
_FIRST_FIELD: Final = re.compile(
    r'\s*("[^"]+"|[^\s".]+)(?=\.(?:' + "|".join(field.name for field in FIELDS) + r")\b)"
)
_FIRST_WORD: Final = re.compile(r'\s*("[^"]+"|\S+)\s*')
_COMPARED: Final = "last "
_COMPARISONS: Final = frozenset(
    ("COMPARE", "CROSSES", "ABOVE", "BELOW", "IN", "OUTSIDE", "ENTERS", "EXITS", "TOUCHES")
)


class QuickText(NamedTuple):
    """A typed line, taken apart.

    Args:
        symbol: As it was typed, or what stands in for it.
        begin: How many characters stand before the condition.
        is_typed: Whether the symbol was.
    """

    symbol: str
    begin: int
    is_typed: bool


def quick_rule(text: str, *, uid: str, name: str | None = None, symbol: str | None = None) -> Rule:
    """Return the rule typed as ``SYMBOL condition``: ``/ES last crosses above 5530``.

    A condition alone, ``"BTC-USD".last > 60000 and /ES.last > 5500``, is a rule on its first symbol.
    A comparison alone, ``SPY crosses above 500``, is of the last price.

    Args:
        symbol: What a condition is of that names none: ``last crosses above 5530``. Where that could
            be meant either way (``low last > 250``: Lowe's), the sound reading is taken.

    Raises:
        BadInput: faults carry columns of ``text``.
    """
    rule, faults = _read(text, split_quick(text, symbol=symbol), uid=uid, name=name)
    if faults:
        raise BadInput(faults)
    return rule


def split_quick(text: str, *, symbol: str | None = None) -> QuickText:
    """Return where a line's condition begins and of which symbol it is; ``symbol`` as in ``quick_rule``.

    Raises:
        BadInput: it begins with no symbol that could be one.
    """
    match = _FIRST_FIELD.match(text) or _FIRST_WORD.match(text)
    if match is None:
        if symbol is not None:
            return QuickText(symbol, len(text), False)
        raise BadInput([Fault(place="", message="expected a symbol, found nothing", column=1)])
    typed = match.group(1)
    typed = typed.strip('"') if typed.startswith('"') else typed.upper()
    begin = match.start(1) if match.re is _FIRST_FIELD else match.end()
    with_symbol = QuickText(typed, begin, True)
    if symbol is not None and match.re is not _FIRST_FIELD:
        without = QuickText(symbol, match.start(1), False)
        if _reach(text, without) >= _reach(text, with_symbol) and _may_begin(match.group(1)):
            return without
    if not 1 <= len(typed) <= LONGEST_SYMBOL:
        message = f"a symbol has 1 to {LONGEST_SYMBOL} characters"
        raise BadInput([Fault(place="", message=message, column=match.start(1) + 1)])
    return with_symbol


def _may_begin(word: str) -> bool:
    """Return whether a line's first word can be one of a condition: ``last``, ``rsi(14)[5m]``, ``(``."""
    name = re.match(r"[A-Za-z_][A-Za-z0-9_]*", word)
    return word[0] in "(-0123456789<>=!" if name is None else is_known_word(name[0].lower())


def _reach(text: str, quick: QuickText) -> int:
    """Return how far a line makes sense when read in a way; beyond its end where all of it does."""
    _, faults = _read(text, quick, uid="", name=None)
    if not faults:
        return len(text) + 2
    return min(len(text.rstrip()) + 1, *(fault.column or 0 for fault in faults))


def _read(text: str, quick: QuickText, *, uid: str, name: str | None) -> tuple[Rule, list[Fault]]:
    shown = " ".join(text.split())
    called = name or (shown if quick.is_typed else f"{quick.symbol} {shown}")
    when = spelled_out(text, quick)
    rule = Rule(uid=uid, name=called[:LONGEST_NAME], symbols=(quick.symbol,), when=when.rstrip())
    added = len(when) - (len(text) - quick.begin)
    try:
        meaning_of(rule)
    except BadInput as error:
        return rule, [
            Fault(
                "",
                fault.message,
                None if fault.column is None else max(1, fault.column - added) + quick.begin,
            )
            for fault in error.faults
        ]
    return rule, []


def spelled_out(text: str, quick: QuickText) -> str:
    """Return a line's condition; one that begins with its comparison is of the last price.

    Not after a word that is a field's as well: ``low > 250`` may be Lowe's or the session's low.
    """
    condition = text[quick.begin :]
    if quick.is_typed and is_known_word(quick.symbol.lower()):
        return condition
    first = next(tokens(condition), None)
    if first is None or not (first.type in _COMPARISONS or first.lower() in OTHERS):
        return condition
    return f"{_COMPARED}{condition}"
