"""A whole condition with each word of the language, for help that can be tried."""

from typing import Final

from tradeassist_desktop.engine.language.reference import KEYWORD_GROUP, Word
from tradeassist_desktop.engine.operands.specification import Unit

_TIMEFRAME: Final = "[5m]"
_AGAINST: Final = {
    Unit.PRICE.value: "last > {value}",
    "as its source": "last > {value}",
    Unit.PERCENT.value: "{value} >= 2%",
    Unit.SIZE.value: "{value} > 1000",
    Unit.SECONDS.value: "{value} > 60",
}


def sample(word: Word) -> str:
    """Return a condition in which a word does what it is most used for; a sound one."""
    if word.group == KEYWORD_GROUP:
        return word.example
    is_series = word.example.endswith(")") and word.word != "change"
    value = f"{word.example}{_TIMEFRAME}" if is_series else word.example
    if word.group == "Candle patterns":
        return f"{value} != 0"
    if word.word in ("last", "bid", "ask", "mid"):
        return f"{value} crosses above 5530"
    if word.word in ("spread", "net_change"):
        return f"{value} > 0.5"
    if "0 to 100" in word.doc:
        return f"{value} > 70"
    return _AGAINST.get(word.unit, "{value} > 0").format(value=value)
