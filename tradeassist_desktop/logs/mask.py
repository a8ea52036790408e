"""Takes secrets out of texts that are about to be written."""

import re
import threading
from collections.abc import Iterable
from typing import Final

from tradeassist_desktop.logs.disguises import SHORTEST, disguises_of
from tradeassist_desktop.logs.pieces import Pieces

# What a token looks like on the wire, known to us or not: Schwab's, Slack's, Google's, a private key,
# and anything handed over as a bearer, in a query, in a JSON answer, or before a host's name.
_TOKEN_SHAPES: Final = re.compile(
    r"(I0\.[\w\-+/=.]{8,}@?|xox[a-z](?:\.xox[a-z])?-[\w.-]{8,}|ya29\.[\w.-]{8,}"
    r"|(?<=[Bb]earer )[\w\-.=+/@~]{8,}"
    r"|(?<=[Bb]asic )[\w=+/]{8,}|(?<=code=)[^&\s\"']+|(?<=token=)[^&\s\"']+|(?<=secret=)[^&\s\"']+"
    r"|(?<=hooks\.slack\.com/)[\w/.-]{8,}|(?<=://)[^/@\s\"':]+:[^/@\s\"']+(?=@)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|(?:(?<=_token\": \")|(?<=_token\":\")|(?<=_secret\": \")|(?<=_secret\":\"))[^\"]+)",
    re.DOTALL,
)
# A text without any of these has none of those shapes, and this is told in a hundredth of the time.
_SIGNS: Final = (
    "I0.", "xox", "ya29.", "earer ", "asic ", "code=", "token", "secret", "hooks.slack.com/", "://",
    "PRIVATE KEY",
)  # fmt: skip
_MASK: Final = "•••"
_MOST_LASTING: Final = 500
_MOST_PASSING: Final = 32


class SecretMask:
    """Replaces secrets in texts: as they are, URL-encoded, JSON-escaped, in base64, and 12 or more letters of
    one in a row.

    Texts under 6 characters would mask ordinary words and are not taken. What a text costs depends on
    its length, not on how many secrets are known. Any thread may use it.
    """

    def __init__(self) -> None:
        self._lasting: dict[str, None] = {}
        self._passing: dict[str, None] = {}
        self._pieces = Pieces()
        self._guard = threading.RLock()

    def learn(self, secrets: Iterable[str]) -> None:
        """Mask these from now on: the newest 500, of which one learned again is new again."""
        self._learn(self._lasting, secrets, most=_MOST_LASTING)

    def learn_passing(self, secrets: Iterable[str]) -> None:
        """Mask these until 32 others have come: tokens that are good for half an hour, one after another."""
        self._learn(self._passing, secrets, most=_MOST_PASSING)

    def __call__(self, text: str) -> str:
        """Return ``text`` without secrets."""
        text = self._pieces.replaced(text, _MASK)
        return _TOKEN_SHAPES.sub(_MASK, text) if any(sign in text for sign in _SIGNS) else text

    def _learn(self, known: dict[str, None], secrets: Iterable[str], *, most: int) -> None:
        with self._guard:
            for secret in secrets:
                if len(secret) < SHORTEST:
                    continue
                if secret in known:
                    del known[secret]
                else:
                    for disguise in disguises_of(secret):
                        self._pieces.add(disguise)
                known[secret] = None
            while len(known) > most:
                oldest = next(iter(known))
                del known[oldest]
                for disguise in disguises_of(oldest):
                    self._pieces.remove(disguise)
