"""A whole rule in one sentence, for those who read it and did not write it."""

from typing import Final

from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.domain.rules import EvaluateOn, Rule, Trigger
from tradeassist_desktop.engine.conditions import DURATION_UNITS, operands
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.language.words import adjective, in_words
from tradeassist_desktop.engine.meaning import Meaning, meaning_of

_SHOWN_SYMBOLS: Final = 3
_UNITS: Final = (("d", "day"), ("h", "hour"), ("m", "minute"), ("s", "second"))


def rule_in_words(rule: Rule) -> str:
    """Return what a rule does: ``On /ES: when last price crosses above 5,530, alert each time …``.

    Raises:
        BadInput: it means nothing sound.
    """
    meaning = meaning_of(rule)
    held = f" and has been so for {_span(rule.hold_ns)}" if rule.hold_ns else ""
    parts = [f"{_on(rule)}: when {in_words(meaning.condition)}{held}", _alert(rule, meaning)]
    if rule.cooldown_ns and rule.trigger is not Trigger.ONCE:
        parts.append(f"at most once in {_span(rule.cooldown_ns)}")
    if rule.rearm.amount:
        unit = "%" if rule.rearm.is_percent else ""
        parts.append(f"again only once the level was left by {number_to_text(rule.rearm.amount)}{unit}")
    if rule.schedule != "always":
        parts.append(_SCHEDULES.get(rule.schedule, f"only from {rule.schedule.replace('-', ' to ', 1)}"))
    return f"{', '.join(parts)}."


def _on(rule: Rule) -> str:
    shown = ", ".join(rule.symbols[:_SHOWN_SYMBOLS])
    more = len(rule.symbols) - _SHOWN_SYMBOLS
    each = "On" if len(rule.symbols) == 1 else "On each of"
    return f"{each} {shown}{f' and {more} more' if more > 0 else ''}"


def _alert(rule: Rule, meaning: Meaning) -> str:
    look = "update"
    if meaning.on is EvaluateOn.BAR_CLOSE:
        named = [operand.timeframe or rule.timeframe for operand in operands(meaning.condition)]
        look = f"close of a {adjective(min(named, key=TIMEFRAMES.__getitem__))} bar"
    if rule.trigger is Trigger.EVERY:
        return f"alert at every {look} at which it is true"
    if rule.trigger is Trigger.ONCE:
        return "alert once and switch off"
    if rule.trigger is Trigger.ONCE_PER_BAR:
        return f"alert at most once in each {adjective(rule.timeframe)} bar"
    seen = "" if meaning.on is EvaluateOn.TICK else f", seen at the {look}"
    return f"alert each time it becomes true{seen}"


def _span(nanoseconds: int) -> str:
    for unit, word in _UNITS:
        length = DURATION_UNITS[unit]
        if nanoseconds >= length and nanoseconds % length == 0:
            count = nanoseconds // length
            return f"1 {word}" if count == 1 else f"{count:,} {word}s"
    return f"{nanoseconds / DURATION_UNITS['s']:g} seconds"


_SCHEDULES: Final = {
    "rth": "in regular hours only",
    "eth": "in regular and extended hours only",
}
