"""What a trader changed, each change with its way back."""

from collections.abc import Mapping
from typing import Protocol

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.routing import Silence
from tradeassist_desktop.services.routing.silences import Silences
from tradeassist_desktop.services.settings import Settings, Value


class Overtaken(TradeAssistError):
    """What was changed has been changed again elsewhere: the older change no longer has a way back."""


class Change(Protocol):
    """One change. ``words`` say what it does: ``Send high alerts to Slack``."""

    @property
    def words(self) -> str:
        """What it does, as an order."""
        ...

    @property
    def is_done(self) -> bool:
        """Whether things stand as it leaves them."""
        ...

    @property
    def is_undone(self) -> bool:
        """Whether things stand as they did before it."""
        ...

    async def do(self) -> None:
        """Bring it about.

        Raises:
            TradeAssistError: it could not be, or not be kept; ``is_done`` tells which.
        """
        ...

    async def undo(self) -> None:
        """Take it back; raises as ``do`` does."""
        ...

    def joined(self, later: "Change") -> "Change | None":
        """Return both in one, where ``later`` goes on with this one; ``None`` where it does not."""
        ...


class SettingsChange:
    """Settings given other values, all together.

    Args:
        after: The new values, by key.
        before: Their way back, where they were given already; else what they are when it is done.
        is_gradual: Whether further changes of the same settings go on with this one, as when a number
            is turned up step by step.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        words: str,
        after: Mapping[str, Value],
        before: Mapping[str, Value] | None = None,
        is_gradual: bool = False,
    ) -> None:
        self._settings = settings
        self._words = words
        self._after = dict(after)
        self._before = None if before is None else dict(before)
        self._is_gradual = is_gradual

    @property
    def words(self) -> str:
        """What it does, as an order."""
        return self._words

    @property
    def is_done(self) -> bool:
        """Whether the settings have the new values."""
        return self._stand(self._after)

    @property
    def is_undone(self) -> bool:
        """Whether they have those of before."""
        return self._before is not None and self._stand(self._before)

    async def do(self) -> None:
        """Set the new values.

        Raises:
            BadInput: a setting cannot have one.
            Overtaken: they were changed elsewhere since.
            TradeAssistError: they could not be written; they hold for this run all the same.
        """
        if self._before is None:
            self._before = {key: self._settings.get(key) for key in self._after}
        await self._go(self._before, self._after)

    async def undo(self) -> None:
        """Set those of before; raises as ``do`` does."""
        assert self._before is not None
        await self._go(self._after, self._before)

    def joined(self, later: Change) -> Change | None:
        """Return both in one, where both turn the same number."""
        if not isinstance(later, SettingsChange) or not (self._is_gradual and later._is_gradual):
            return None
        if self._after != later._before:
            return None
        return SettingsChange(
            settings=self._settings,
            words=later.words,
            after=later._after,
            before=self._before,
            is_gradual=True,
        )

    def _stand(self, values: Mapping[str, Value]) -> bool:
        return all(self._settings.get(key) == value for key, value in values.items())

    async def _go(self, start: Mapping[str, Value], end: Mapping[str, Value]) -> None:
        if not self._stand(start):
            raise Overtaken(f"“{self._words}” was changed elsewhere since: it stays as it is.")
        trouble: TradeAssistError | None = None
        for key, value in end.items():
            try:
                await self._settings.set(key, value)
            except TradeAssistError as error:
                if self._settings.get(key) != value:
                    raise
                trouble = error  # it holds, and the others are to hold too
        if trouble is not None:
            raise trouble


class SilenceChange:
    """A silence that was made, or given another end.

    Args:
        before: ``None`` where it was made.
        after: As it stands since then.
    """

    def __init__(self, *, silences: Silences, words: str, before: Silence | None, after: Silence) -> None:
        self._silences = silences
        self._words = words
        self._before = before
        self._after = after

    @property
    def words(self) -> str:
        """What it does, as an order."""
        return self._words

    @property
    def is_done(self) -> bool:
        """Whether the silence stands as it was left."""
        return self._silences.get(self._after.id) == self._after

    @property
    def is_undone(self) -> bool:
        """Whether it stands as before, or is not there again."""
        return self._silences.get(self._after.id) == self._before

    async def do(self) -> None:
        """Have the silence again.

        Raises:
            Overtaken: it was changed elsewhere since.
            StorageFailed: it could not be kept; it stays as it was.
        """
        self._expect(self.is_undone)
        await self._silences.put_back(self._after)

    async def undo(self) -> None:
        """Have it as before, or no longer; raises as ``do`` does."""
        self._expect(self.is_done)
        if self._before is None:
            await self._silences.remove(self._after.id)
        else:
            await self._silences.put_back(self._before)

    def joined(self, later: Change) -> Change | None:
        """Return ``None``: each silence is a change of its own."""
        return None

    def _expect(self, stands_as_left: bool) -> None:
        if not stands_as_left:
            raise Overtaken(f"“{self._words}” was changed elsewhere since: it stays as it is.")


class Together:
    """Several changes that are one to the trader.

    Args:
        changes: Undone in reverse.
    """

    def __init__(self, *, words: str, changes: tuple[Change, ...]) -> None:
        self._words = words
        self._changes = changes

    @property
    def words(self) -> str:
        """What it does, as an order."""
        return self._words

    @property
    def is_done(self) -> bool:
        """Whether all are; none are of none."""
        return bool(self._changes) and all(change.is_done for change in self._changes)

    @property
    def is_undone(self) -> bool:
        """Whether all are."""
        return bool(self._changes) and all(change.is_undone for change in self._changes)

    async def do(self) -> None:
        """Bring all about; what stands so already is left."""
        for change in self._changes:
            if not change.is_done:
                await change.do()

    async def undo(self) -> None:
        """Take all back; what stands so already is left."""
        for change in reversed(self._changes):
            if not change.is_undone:
                await change.undo()

    def joined(self, later: Change) -> Change | None:
        """Return ``None``."""
        return None
