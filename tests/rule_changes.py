"""Changes of rules as people make them, each an edit that is done at once."""

from collections.abc import Sequence
from dataclasses import replace

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.changes import Change
from tradeassist_desktop.services.rules import Rules


async def put(rules: Rules, rule: Rule) -> Change:
    """Add a rule, or have it in place of the one of its uid."""
    return await _done(rules.edit(f"Put {rule.name}", {rule.uid: rule}))


async def remove(rules: Rules, uids: Sequence[str]) -> Change:
    """Remove rules."""
    return await _done(rules.edit("Remove rules", dict.fromkeys(uids)))


async def switch(rules: Rules, uids: Sequence[str], *, active: bool) -> Change:
    """Switch rules on or off."""
    there = (rule for uid in uids if (rule := rules.get(uid)) is not None)
    return await _done(rules.edit("Switch rules", {rule.uid: replace(rule, active=active) for rule in there}))


async def _done(change: Change) -> Change:
    await change.do()
    return change
