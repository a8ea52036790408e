"""What could stand at the caret of a condition."""

import re
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.engine.language.grammar import TERMINALS
from tradeassist_desktop.engine.language.parser import accepted
from tradeassist_desktop.engine.operands import OPERANDS

_WORD_BEFORE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

_KEYWORDS: Final = {
    "AND": "both sides must be true",
    "OR": "one side must be true",
    "NOT": "the opposite",
    "CROSSES": "passes a value, either way",
    "ABOVE": "upwards",
    "BELOW": "downwards",
    "IN": "inside a range: in 5520..5530",
    "OUTSIDE": "outside a range: outside 5520..5530",
    "ENTERS": "comes into a range: enters 5520..5530",
    "EXITS": "leaves a range: exits 5520..5530",
    "TOUCHES": "reaches a value, from either side",
    "AGO": "that many bars earlier",
    "THEN": "the next step of a sequence: (A then B) within 5m",
    "WITHIN": "the longest a sequence may take: within 5m",
}


@dataclass(frozen=True, slots=True)
class Completion:
    """One word that could stand at the caret; ``doc`` says in a line what it is."""

    word: str
    doc: str


def completions(text: str, column: int) -> list[Completion]:
    """Return the words that could stand at ``column`` (1-based), begun ones first narrowed.

    Empty where the text before the caret is already wrong.
    """
    before = text[: max(0, column - 1)]
    begun = _WORD_BEFORE.search(before)
    prefix = begun.group().lower() if begun else ""
    possible = accepted(before[: len(before) - len(prefix)])
    found = [Completion(TERMINALS[name], doc) for name, doc in _KEYWORDS.items() if name in possible]
    if "NAME" in possible and "SYMBOL" in possible:
        words = {spec.signature: spec.doc for spec in OPERANDS}
        found += [Completion(word, doc) for word, doc in words.items()]
    return [completion for completion in found if completion.word.startswith(prefix)]
