"""Refuses secrets on the command line: every program of this machine can read it there."""

import re
from collections.abc import Sequence
from typing import Final

from tradeassist_desktop import logs
from tradeassist_desktop.domain.errors import UsageError

_NAMED: Final = re.compile(
    r"--?(?:[a-z]+[-_.])*(token|password|passwd|passphrase|secret|pin|otp|api[-_]?key|app[-_]?key|hmac[-_]?key"
    r"|credentials?)(?:=.*)?",
    re.IGNORECASE | re.DOTALL,
)
_SETTINGS: Final = re.compile(
    r"(?:slack|smtp|schwab|webhook)\.[a-z_.]*(?:token|password|secret|app_?key|hmac|headers|webhook|url)\s*=.+",
    re.IGNORECASE | re.DOTALL,
)
_OURS: Final = re.compile(r"[a-z]+\.base_url\s*=.*", re.DOTALL)
_WHERE: Final = (
    "secrets are not taken on the command line, where any program of this computer can read them: use "
    "`tradeassist channels set NAME`, `tradeassist sign-in` or the environment; the one given may be known "
    "by now, so make a new one"
)


def refuse_secrets(words: Sequence[str]) -> None:
    """Refuse arguments that are named as a secret or look like one; none is repeated.

    Raises:
        UsageError: there is one.
    """
    if "simulator" in words:  # the keys of a simulated Schwab open nothing
        return
    mask = logs.SecretMask()
    for word in words:
        if _NAMED.fullmatch(word):
            raise UsageError(f"{word.partition('=')[0]}: {_WHERE}")
        if (_SETTINGS.fullmatch(word) and not _OURS.fullmatch(word)) or mask(word) != word:
            raise UsageError(_WHERE)
