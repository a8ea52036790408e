"""Why something cannot be done with a credential now, in words."""

from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.domain.rotation import CACHE_KEY, RotationStanding
from tradeassist_desktop.domain.secret import NOBODY, KeptSecret
from tradeassist_desktop.secrets.environment import VARIABLES
from tradeassist_desktop.services.credentials.credential import SCHWAB, Deed

NOT_SCHWAB: Final = "Schwab is not the data feed of this run: choose it, and enter it in the Data feed dock."
_ABSENT: Final = "There is none."
_OWN_KEY: Final = "The program makes this key itself: Rotate renews it."
_UNDER_WAY: Final = "It is being rotated: wait until that is done."


def barred(
    name: str,
    *,
    kept: KeptSecret | None,
    is_seen: bool,
    has_sign_in: bool,
    standing: RotationStanding | None,
) -> Mapping[Deed, str]:
    """Return why not, for each deed that cannot be done.

    Args:
        kept: ``None`` where nobody keeps it.
        is_seen: Whether somebody has said so.
        has_sign_in: Whether this desk's venue wants its trader to sign in.
        standing: As rotation has it; ``None`` for a secret that has no policy.
    """
    if name == CACHE_KEY:
        return _of_key(standing)
    found: dict[Deed, str] = {}
    if kept is None:
        why = _ABSENT if is_seen else "It is not known yet whether there is one."
        found |= {Deed.TEST: why, Deed.ROTATE: why, Deed.REMOVE: why}
    elif kept.source == "environment":
        variables = " and ".join(VARIABLES.get(name, {}).values())
        found[Deed.REMOVE] = f"The environment gives it: take {variables} out there, and start anew."
    elif standing is not None and standing.step.is_under_way:
        found[Deed.REMOVE] = _UNDER_WAY
    if kept is None or kept.source != NOBODY:
        found[Deed.KEEP] = _ABSENT if kept is None else f"The {kept.source} keeps it."
    if kept is not None and (standing is None or not standing.can_rotate_now):
        found[Deed.ROTATE] = (
            standing.hint if standing is not None else ""
        ) or "Only a person can replace it."
    if name in SCHWAB and not has_sign_in:
        found[Deed.CHANGE] = NOT_SCHWAB
    return found


def _of_key(standing: RotationStanding | None) -> Mapping[Deed, str]:
    found = dict.fromkeys((Deed.CHANGE, Deed.REMOVE, Deed.KEEP), _OWN_KEY)
    found[Deed.TEST] = "Each copy that is read tries it."
    if standing is None or not standing.can_rotate_now:
        found[Deed.ROTATE] = (
            "There are no copies on this computer, and so no key: they are of Secret Manager."
        )
    return found
