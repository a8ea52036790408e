"""How one secret stands, for people."""

from dataclasses import replace

from tradeassist_desktop.domain.rotation import CACHE_KEY, Rotation, RotationStanding, WhoRotates
from tradeassist_desktop.domain.rotation_policy import RotationPolicy
from tradeassist_desktop.domain.secret import SCHWAB_TOKEN
from tradeassist_desktop.services.rotation.due import SecretFacts, due_ns, retry_ns
from tradeassist_desktop.services.rotation.words import HINTS, SIGN_IN_POLICY


def standing(
    name: str,
    *,
    policy: RotationPolicy,
    rotation: Rotation | None,
    facts: SecretFacts | None,
    is_unkept: bool = False,
) -> RotationStanding:
    """Return how a secret stands.

    Args:
        rotation: ``None`` for one that was never seen.
        facts: ``None`` where nobody has it.
        is_unkept: A new one waits in memory to be kept.
    """
    if name == SCHWAB_TOKEN:
        return RotationStanding(
            name=name,
            who=WhoRotates.SIGN_IN,
            policy=SIGN_IN_POLICY,
            is_present=facts is not None,
            expires_ns=None if facts is None else facts.expires_ns,
            due_ns=None if facts is None else facts.expires_ns,
            hint=HINTS[name],
        )
    usual = WhoRotates.PROGRAM if name == CACHE_KEY else WhoRotates.PERSON
    who = usual if facts is None else facts.who
    plain = RotationStanding(
        name=name,
        who=who,
        policy=str(policy),
        is_present=facts is not None,
        expires_ns=None if facts is None else facts.expires_ns,
        hint=_hint(name, who, facts),
    )
    if rotation is None:
        return plain
    return replace(
        plain,
        since_ns=max(rotation.since_ns, 0 if facts is None else facts.created_ns or 0),
        due_ns=None if facts is None else due_ns(policy, rotation, facts),
        rotated_ns=rotation.finished_ns,
        step=rotation.step,
        failures=rotation.failures,
        failure=rotation.detail,
        retry_ns=retry_ns(rotation, is_unkept=is_unkept),
        snoozed_until_ns=rotation.snoozed_until_ns,
        is_unkept=is_unkept,
    )


def _hint(name: str, who: WhoRotates, facts: SecretFacts | None) -> str:
    if who is WhoRotates.PROGRAM:
        return ""
    lacking = "" if facts is None or not facts.lacking else f"{facts.lacking}. "
    return f"{lacking[:1].upper()}{lacking[1:]}{HINTS.get(name, '')}"
