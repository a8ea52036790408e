"""The arming of a rule that was carried over to other prices."""

from collections.abc import Mapping
from typing import Any

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.meaning import meaning_of


def carried_arming(
    arming: Mapping[str, Mapping[str, Any]], rule: Rule, symbols: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return kept arming as it fits the rule that says the same of other prices.

    What was true stays true, so that nothing fires for what has fired before; cooldowns, counts and
    spent triggers go on. Where a crossing was last seen, or how far a sequence had come, was of the
    old prices and is unknown now.

    Args:
        arming: By ``uid|symbol``, as the engine returned it.
        rule: As it is now.
        symbols: New symbols by old ones.
    """
    fingerprint = meaning_of(rule).fingerprint
    carried: dict[str, dict[str, Any]] = {}
    for key, state in arming.items():
        uid, _, symbol = key.partition("|")
        plain = {**state, "fingerprint": fingerprint}
        memory = plain.get("memory")
        if memory and not rule.hold_ns:
            plain["memory"] = [
                [None] * len(each) if isinstance(each, list | tuple) else None for each in memory
            ]
        carried[f"{uid}|{symbols.get(symbol, symbol)}"] = plain
    return carried
