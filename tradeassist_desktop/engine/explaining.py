"""Why a rule fires, or does not."""

from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.rules import Rule, RulePhase
from tradeassist_desktop.engine.alerts import legs_now
from tradeassist_desktop.engine.instance import Instance


def explain(instance: Instance, now_ns: int) -> Explanation:
    """Return why a rule at work fires, or does not, now."""
    phase, until_ns = instance.arming.phase(now_ns)
    return Explanation(
        uid=instance.rule.uid,
        rule_name=instance.rule.name,
        symbol=instance.symbol,
        condition=instance.meaning.text,
        event_ns=now_ns,
        is_true=instance.root.truth,
        legs=legs_now(instance, now_ns),
        phase=phase,
        until_ns=until_ns,
        error=instance.error,
    )


def explain_absent(rule: Rule, symbol: str, now_ns: int, error: str | None) -> Explanation:
    """Return why a rule is not at work."""
    return Explanation(
        uid=rule.uid,
        rule_name=rule.name,
        symbol=symbol,
        condition=rule.when,
        event_ns=now_ns,
        is_true=None,
        legs=(),
        phase=RulePhase.OFF if error is None else RulePhase.ERROR,
        error=error,
    )
