"""One-time codes of an authenticator app (RFC 6238), and the recovery codes for a lost one."""

import hashlib
import hmac
import secrets
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.market import NS_PER_SECOND

STEP_S: Final = 30
WINDOW: Final = 1
"""How many steps a clock may be off, either way."""

RECOVERY_CODES: Final = 8
_EXPLAINED: Final = 20
"""How many steps off a code may be to be told from a mistyped one: ten minutes."""

_NEVER: Final = -1
_CHECK_BYTES: Final = 16


class CodeRefused(TradeAssistError):
    """A one-time code was not taken; says why."""


@dataclass(frozen=True, slots=True, repr=False)
class OneTimeCodes:
    """A role's authenticator. Shows itself to nobody.

    Args:
        key: Base32, shared with the authenticator app.
        last_step: Of the newest code that was taken: it and all before it are taken no more.
        recovery: The first half of the SHA-256 of each recovery code that is left; a code has 80 random
            bits, so that nothing is to be learned from it.
    """

    key: str
    last_step: int = _NEVER
    recovery: tuple[str, ...] = ()

    def taken(self, code: str, *, now_ns: int) -> "OneTimeCodes":
        """Return what is left after a code is taken; a recovery code counts, too.

        Raises:
            CodeRefused: it is wrong, of another time, or was taken before.
        """
        typed = "".join(code.split()).replace("-", "").upper()
        if not typed.isdigit():
            return self._without_recovery_code(typed)
        now_step = now_ns // NS_PER_SECOND // STEP_S
        step = _step_of(self.key, typed, range(now_step - WINDOW, now_step + WINDOW + 1))
        if step is None:
            off = _step_of(self.key, typed, range(now_step - _EXPLAINED, now_step + _EXPLAINED + 1))
            raise CodeRefused(_wrong() if off is None else _skewed(off - now_step))
        if step <= self.last_step:
            raise CodeRefused("That code was used already. Wait for the next one.")
        return replace(self, last_step=step)

    def spent_as(self, later: "OneTimeCodes") -> "OneTimeCodes":
        """Return what is left where the same authenticator's codes were taken as ``later`` has it."""
        if later.key != self.key:
            return self
        left = tuple(each for each in self.recovery if each in later.recovery)
        return replace(self, last_step=max(self.last_step, later.last_step), recovery=left)

    def _without_recovery_code(self, typed: str) -> "OneTimeCodes":
        check = _check_of(typed)
        left = tuple(each for each in self.recovery if not hmac.compare_digest(each, check))
        if len(left) == len(self.recovery):
            raise CodeRefused(_wrong())
        return replace(self, recovery=left)


def new_key() -> str:
    """Return a key for an authenticator app, base32."""
    import pyotp

    return pyotp.random_base32()


def address(key: str, *, account: str) -> str:
    """Return the ``otpauth://`` address that an authenticator app reads from a picture."""
    import pyotp

    return pyotp.TOTP(key, interval=STEP_S).provisioning_uri(name=account, issuer_name="TradeAssist")


def recovery_codes(count: int = RECOVERY_CODES) -> tuple[str, ...]:
    """Return new recovery codes, to be shown once: four groups of four letters and digits."""
    return tuple(grouped(b32encode(secrets.token_bytes(10)).decode()) for _ in range(count))


def checks_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Return what is kept of recovery codes."""
    return tuple(_check_of(code.replace("-", "").upper()) for code in codes)


def grouped(text: str) -> str:
    """Return a text in groups of four, as people copy it."""
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _step_of(key: str, typed: str, steps: range) -> int | None:
    # Not before: most desks have no codes, and none needs them to start.
    import pyotp

    generator = pyotp.TOTP(key, interval=STEP_S)
    found = None
    for step in steps:  # to the end, always: the time taken tells nothing
        if hmac.compare_digest(generator.generate_otp(step), typed) and step >= 0:
            found = step
    return found


def _check_of(code: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(code.encode()).digest()[:_CHECK_BYTES]).decode()


def _wrong() -> str:
    return "That one-time code is wrong."


def _skewed(steps: int) -> str:
    off_s = abs(steps) * STEP_S
    which = "behind" if steps < 0 else "ahead of"
    return (
        f"That code is about {told_duration(off_s * NS_PER_SECOND)} {'old' if steps < 0 else 'early'}: "
        f"your authenticator's clock is {which} this computer's. Set both by the network, or wait for the "
        "next code."
    )
