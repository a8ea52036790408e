"""PINs: what may be one, and the check that is kept in its place."""

import hashlib
import hmac
import itertools
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault

SHORTEST: Final = 6
LONGEST: Final = 128
COST_LOG2: Final = 16
"""scrypt with n = 2^16, r = 8 takes 64 MB and about a fifth of a second: dear to try a million times."""

_BLOCK: Final = 8
_SALT_BYTES: Final = 16
_CHECK_BYTES: Final = 24


@dataclass(frozen=True, slots=True, repr=False)
class PinCheck:
    """What tells a PIN without having it: scrypt over it with a salt of its own. Shows itself to nobody."""

    salt: bytes
    check: bytes
    cost_log2: int

    def fits(self, pin: str) -> bool:
        """Return whether this is the PIN. Takes its time and 64 MB: not on the loop."""
        return hmac.compare_digest(_scrypt(pin, self.salt, self.cost_log2), self.check)


def pin_check(pin: str, *, cost_log2: int = COST_LOG2) -> PinCheck:
    """Return the check of a new PIN. Takes its time: not on the loop."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return PinCheck(salt=salt, check=_scrypt(pin, salt, cost_log2), cost_log2=cost_log2)


def refuse_weak(pin: str, *, label: str = "PIN") -> None:
    """Refuse what the next person would try first.

    Raises:
        BadInput: it is too short, too long, one character, or a straight run of digits.
    """
    text = _plain(pin)
    wrong = ""
    if len(text) < SHORTEST:
        wrong = f"at least {SHORTEST} digits or letters"
    elif len(text) > LONGEST:
        wrong = f"at most {LONGEST} characters"
    elif len(set(text)) == 1:
        wrong = "not one character again and again"
    elif text.isdecimal() and _is_run(text):
        wrong = "not digits in their order"
    if wrong:
        raise BadInput([Fault(place=label, message=wrong)])


def _is_run(digits: Sequence[str]) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(digits)}
    return steps in ({1}, {9})


def _scrypt(pin: str, salt: bytes, cost_log2: int) -> bytes:
    return hashlib.scrypt(
        _plain(pin).encode(),
        salt=salt,
        n=1 << cost_log2,
        r=_BLOCK,
        p=1,
        maxmem=(256 * _BLOCK << cost_log2),
        dklen=_CHECK_BYTES,
    )


def _plain(pin: str) -> str:
    # The same letters typed on another keyboard may come composed otherwise.
    return unicodedata.normalize("NFKC", pin)
