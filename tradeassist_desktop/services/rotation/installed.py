"""Rotators that users install: Python entry points of the group ``tradeassist.rotators``.

Looked for when a setting names one (``rotate.smtp = 30d with mypackage``) and something is to be done with
it. What it does runs beside the desk: it may block, raise anything or never end, and the desk goes on.

    [project.entry-points."tradeassist.rotators"]
    mypackage = "mypackage.rotation:MailPassword"

The object is a class without arguments or an instance of one, with ``domain.rotation.Rotator``'s three
methods; secrets are mappings of texts, and ``make`` may return any such mapping. Only packages installed
beside the program are found: the packaged program has those it was built with.
"""

import asyncio
import inspect
import logging
import sys
from collections.abc import Callable, Coroutine, Mapping
from importlib.metadata import entry_points
from typing import Any, Final, cast

from tradeassist_desktop.domain.rotation import RotationFailed, Rotator
from tradeassist_desktop.domain.secret import Secret
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

log = logging.getLogger(__name__)

GROUP: Final = "tradeassist.rotators"
LIMIT_S: Final = 60.0
"""For one method of one."""

_METHODS: Final = ("make", "verify", "retire")
_TEXT_LENGTH: Final = 300


class InstalledRotator:
    """One of them by its name, each method in a thread and a loop of its own, and with a time limit.

    ``make`` that raises has made nothing, and is tried again. A new secret of which ``verify`` raises does
    not work, and is forgotten, unless it raises ``RotationFailed`` with ``retry=True``.
    """

    def __init__(self, *, name: str, clock: Clock, limit_s: float = LIMIT_S) -> None:
        self._name = name
        self._clock = clock
        self._limit_s = limit_s
        self._busy = 0

    async def make(self, secret: Secret) -> Secret:
        """Return what it made.

        Raises:
            RotationFailed: it did not, or not in time.
        """
        made = await self._call("make", secret, retry=True)
        if not isinstance(made, Mapping) or not all(
            isinstance(part, str) for pair in made.items() for part in pair
        ):
            raise RotationFailed(
                f"the rotator “{self._name}” returned {type(made).__name__}, and no mapping of texts",
                retry=False,
            )
        return Secret(made)

    async def verify(self, secret: Secret) -> None:
        """Have it use a new secret; raises as ``make`` does."""
        await self._call("verify", secret, retry=False)

    async def retire(self, secret: Secret) -> None:
        """Have it end a secret; raises as ``make`` does."""
        await self._call("retire", secret, retry=True)

    async def _call(self, method: str, secret: Secret, *, retry: bool) -> object:
        if self._busy:
            # One that never ends would leave a thread behind with each try.
            raise RotationFailed(f"the rotator “{self._name}” has not ended its last call yet", retry=True)
        self._busy += 1

        def ended() -> None:
            self._busy -= 1

        loop = asyncio.get_running_loop()

        def work() -> object:
            try:
                return _outcome(self._name, method, secret, retry=retry)
            finally:
                _tell(loop, ended)

        try:
            outcome = await within(self._clock, self._limit_s, aside(work, name=f"rotator {self._name}"))
        except TimeoutError:
            raise RotationFailed(
                f"the rotator “{self._name}” did not end “{method}” within {self._limit_s:g} s", retry=True
            ) from None
        if isinstance(outcome, RotationFailed):
            raise outcome
        return outcome


def _tell(loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(ended)
    except RuntimeError:
        log.debug("rotator ended after the desk")


def _outcome(name: str, method: str, secret: Secret, *, retry: bool) -> object:
    """Return what a method of a rotator returned, or how it failed. Runs in a thread of its own."""
    try:
        return asyncio.run(_called(_found(name), method, secret))
    except RotationFailed as error:
        return RotationFailed(_without_texts(str(error), secret)[:_TEXT_LENGTH], retry=error.retry)
    except BaseException as error:  # also one that ends the interpreter: it is a guest
        # Only its type: its text, and its traceback, may hold the secret.
        log.warning("rotator broke", extra={"rotator": name, "method": method, "error": type(error).__name__})
        return RotationFailed(
            f"the rotator “{name}” broke in “{method}”: {type(error).__name__}", retry=retry
        )


def _found(name: str) -> Rotator:
    found = tuple(entry_points(group=GROUP, name=name))
    if not found:
        where = "is built into this program" if getattr(sys, "frozen", False) else "is installed"
        raise RotationFailed(
            f"no package with a rotator “{name}” (an entry point of “{GROUP}”) {where}", retry=True
        )
    if len(found) > 1:
        packages = ", ".join(sorted(point.dist.name for point in found if point.dist is not None))
        raise RotationFailed(f"several packages have a rotator “{name}”: {packages}", retry=True)
    loaded = found[0].load()
    rotator = loaded() if inspect.isclass(loaded) else loaded
    missing = [method for method in _METHODS if not callable(getattr(rotator, method, None))]
    if missing:
        raise RotationFailed(f"the rotator “{name}” has no “{', '.join(missing)}”", retry=True)
    return cast(Rotator, rotator)  # it has the methods; what they do is theirs


async def _called(rotator: Rotator, method: str, secret: Secret) -> object:
    call: Callable[[Secret], Coroutine[Any, Any, object]] = getattr(rotator, method)
    return await call(secret)


def _without_texts(words: str, secret: Secret) -> str:
    for text in sorted(secret.values(), key=len, reverse=True):
        if text:
            words = words.replace(text, "•••")
    return words
