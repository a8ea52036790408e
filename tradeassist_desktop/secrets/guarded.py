"""A keeper, asked with a time limit and left alone for a while once it was silent."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from tradeassist_desktop.domain.secret import KeeperError, KeeperSilent, SecretKeeper
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

log = logging.getLogger(__name__)

T = TypeVar("T")

_LEFT_ALONE_S: Final = 5.0
_LEFT_ALONE_MOST_S: Final = 120.0
_NS_PER_S: Final = 1_000_000_000


class LeftAlone(KeeperSilent):
    """It was silent a moment ago, and was not asked again."""


class GuardedKeeper:
    """Turns whatever a keeper does into an answer or a ``KeeperError``, in time.

    Silent for one, a keeper is silent for all: who asks next need not wait for that once more.
    """

    def __init__(self, keeper: SecretKeeper, *, clock: Clock) -> None:
        self.keeper = keeper
        self._clock = clock
        self._silence: KeeperSilent | None = None
        self._left_alone_until_ns = 0
        self.silent_since_ns: int | None = None
        """Since when it has not answered, UTC nanoseconds; ``None`` while it does."""

    @property
    def name(self) -> str:
        """The keeper's."""
        return self.keeper.name

    @property
    def answers_at_once(self) -> bool:
        """Whether neither a person nor another machine is waited for."""
        return self.keeper.is_prompt and not self.keeper.is_remote

    async def ask(
        self, work: Callable[[SecretKeeper], Coroutine[Any, Any, T]], *, limit_s: float, insists: bool = False
    ) -> T:
        """Return the keeper's answer.

        Args:
            limit_s: For one that answers at once. One that may wait for a person has no limit.
            insists: Ask one too that was silent a moment ago, as for what a person has just asked for.

        Raises:
            KeeperError: as the keeper raised it, or silent: it took too long, or broke.
        """
        if (
            not insists
            and self._silence is not None
            and self._clock.monotonic_ns() < self._left_alone_until_ns
        ):
            raise LeftAlone(str(self._silence), keeper=self.name)
        try:
            if self.keeper.is_prompt:
                answer = await within(self._clock, limit_s, work(self.keeper))
            else:
                answer = await work(self.keeper)
        except KeeperSilent as silence:
            raise self._fell_silent(silence) from None
        except KeeperError:
            self._answered()
            raise
        except TimeoutError:
            late = KeeperSilent(f"the {self.name} did not answer within {limit_s:.2g} s", keeper=self.name)
            raise self._fell_silent(late) from None
        except Exception as error:  # one that breaks must not keep the others from being asked
            log.exception("keeper of secrets broke", extra={"keeper": self.name})
            broken = KeeperSilent(f"the {self.name} broke: {type(error).__name__}", keeper=self.name)
            raise self._fell_silent(broken) from None
        self._answered()
        return answer

    async def is_at_hand(self) -> bool:
        """Return whether it would answer without asking a person; whether it was silent is no matter."""
        try:
            return not await self.keeper.asks_first()
        except KeeperError:
            return False

    def reset(self) -> None:
        """Forget that it was silent."""
        self._silence, self.silent_since_ns = None, None

    def _answered(self) -> None:
        if self.silent_since_ns is not None:
            log.info("keeper of secrets answers again", extra={"keeper": self.name})
        self.reset()

    def _fell_silent(self, silence: KeeperSilent) -> KeeperSilent:
        if self.silent_since_ns is None:
            self.silent_since_ns = self._clock.now_ns()
            log.warning("keeper of secrets is silent", extra={"keeper": self.name, "reason": str(silence)})
        self._silence = silence
        wait_s = min(silence.retry_after_s or _LEFT_ALONE_S, _LEFT_ALONE_MOST_S)
        self._left_alone_until_ns = self._clock.monotonic_ns() + round(wait_s * _NS_PER_S)
        return silence
