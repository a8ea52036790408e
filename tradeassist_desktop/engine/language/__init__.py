"""The condition language: text to meaning and back."""

from tradeassist_desktop.engine.conditions import Condition
from tradeassist_desktop.engine.language.completer import Completion, completions
from tradeassist_desktop.engine.language.parser import parse
from tradeassist_desktop.engine.language.printer import in_words, to_text

__all__ = ["Completion", "Condition", "completions", "in_words", "parse", "to_text"]
