"""Wrong PINs: how long the next try has to wait."""

from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND

FREE_TRIES: Final = 3
_FIRST_S: Final = 5
LONGEST_S: Final = 900


def wait_s(wrong: int) -> int:
    """Return the seconds to wait after so many wrong tries in a row: none, then 5, 10, 20 … 900."""
    if wrong < FREE_TRIES:
        return 0
    return min(LONGEST_S, _FIRST_S << min(wrong - FREE_TRIES, 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Wrong tries in a row; kept, so that a restart is no way around them.

    Args:
        until_ns: When the next try may be made, UTC nanoseconds.
    """

    wrong: int = 0
    until_ns: int = 0

    def left_s(self, now_ns: int) -> int:
        """Return the seconds still to wait, rounded up; never more than the wait itself was.

        Else a clock that was set back would keep its owner out for as long.
        """
        left = -(-(self.until_ns - now_ns) // NS_PER_SECOND)
        return max(0, min(left, wait_s(self.wrong)))

    def after_wrong(self, now_ns: int) -> "Tries":
        """Return the tries after one more wrong one."""
        wrong = self.wrong + 1
        return Tries(wrong=wrong, until_ns=now_ns + wait_s(wrong) * NS_PER_SECOND)
