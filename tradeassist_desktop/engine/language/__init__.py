"""The condition language: text to meaning and back."""

from tradeassist_desktop.engine.conditions import Condition
from tradeassist_desktop.engine.language.advice import without_guess
from tradeassist_desktop.engine.language.completer import Completion, completions, is_unfinished
from tradeassist_desktop.engine.language.mending import mended
from tradeassist_desktop.engine.language.parser import parse
from tradeassist_desktop.engine.language.printer import to_text
from tradeassist_desktop.engine.language.reference import Word, reference
from tradeassist_desktop.engine.language.words import in_words

__all__ = [
    "Completion",
    "Condition",
    "Word",
    "completions",
    "in_words",
    "is_unfinished",
    "mended",
    "parse",
    "reference",
    "to_text",
    "without_guess",
]
