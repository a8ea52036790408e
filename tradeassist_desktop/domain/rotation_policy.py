"""When a secret is to be replaced: ``30d``, ``before 2h``, ``30d before 2h``, ``90d with mypackage``."""

import re
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.durations import duration_text, parse_duration

OFF: Final = "off"
_LONGEST_NS: Final = 3_650 * 86_400_000_000_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,99}", re.ASCII)
_EXAMPLES: Final = "off, 90d, before 2h, or 30d with mypackage"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPolicy:
    """When to replace a secret; with neither time, never.

    Args:
        every_ns: So long after it was replaced last; ``None`` for no interval.
        before_ns: So long before it runs out, where it says when; ``None`` for not by that.
        rotator: Name of the installed rotator that makes the new one; empty for the program's own,
            or where there is none: for a person.
    """

    every_ns: int | None = None
    before_ns: int | None = None
    rotator: str = ""

    @property
    def is_off(self) -> bool:
        """Whether nothing is ever due."""
        return self.every_ns is None and self.before_ns is None

    def due_ns(self, *, since_ns: int, expires_ns: int | None) -> int | None:
        """Return when it is due, UTC nanoseconds; ``None`` for never.

        Args:
            since_ns: Since when the secret is what it is.
            expires_ns: When it runs out, where it says so.
        """
        times = []
        if self.every_ns is not None:
            times.append(since_ns + self.every_ns)
        if self.before_ns is not None and expires_ns is not None:
            times.append(expires_ns - self.before_ns)
        return min(times, default=None)

    def __str__(self) -> str:
        words = []
        if self.every_ns is not None:
            words.append(duration_text(self.every_ns))
        if self.before_ns is not None:
            words += ["before", duration_text(self.before_ns)]
        if words and self.rotator:
            words += ["with", self.rotator]
        return " ".join(words) or OFF


def parse_policy(text: str) -> RotationPolicy:
    """Return the policy that a text stands for; ``every`` may stand before an interval.

    Raises:
        ValueError: it is none; the message says what could stand there.
    """
    words = text.split()
    if words == [OFF]:
        return RotationPolicy()
    left = words[1:] if words[:1] == ["every"] else words
    every_ns = before_ns = None
    if left and left[0] not in ("before", "with"):
        every_ns, left = _duration(left[0]), left[1:]
    if left[:1] == ["before"] and len(left) > 1:
        before_ns, left = _duration(left[1]), left[2:]
    rotator = ""
    if left[:1] == ["with"] and len(left) == 2 and _NAME.fullmatch(left[1]):
        rotator, left = left[1], []
    if left or (every_ns is None and before_ns is None):
        raise ValueError(f"expected {_EXAMPLES}, found {text[:60]!r}")
    return RotationPolicy(every_ns=every_ns, before_ns=before_ns, rotator=rotator)


def _duration(text: str) -> int:
    try:
        return parse_duration(text, longest_ns=_LONGEST_NS)
    except ValueError:
        raise ValueError(f"expected {_EXAMPLES}, found {text[:60]!r}") from None
