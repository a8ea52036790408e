"""Silences made, ended and moved as changes with a way back."""

from collections.abc import Callable, Sequence

from tradeassist_desktop.domain.routing import Silence, SilenceScope
from tradeassist_desktop.services.changes import Change, SilenceChange, Together
from tradeassist_desktop.services.routing.silences import Silences


async def add(
    silences: Silences,
    scope: SilenceScope,
    *,
    words: str,
    until_ns: int | None,
    from_ns: int = 0,
    rule_uid: str = "",
    symbol: str = "",
    tag: str = "",
    channels: tuple[str, ...] = (),
    note: str = "",
) -> Change:
    """Mute alerts from now on, or from a time to come; raises as ``Silences.add`` does."""
    made = await silences.add(
        scope,
        until_ns=until_ns,
        from_ns=from_ns,
        rule_uid=rule_uid,
        symbol=symbol,
        tag=tag,
        channels=channels,
        note=note,
    )
    return SilenceChange(silences=silences, words=words, before=None, after=made)


async def pause(silences: Silences, *, words: str) -> Change:
    """Mute everything until that is ended."""
    made = await silences.pause()
    return SilenceChange(silences=silences, words=words, before=None, after=made)


async def end(silences: Silences, ended: Sequence[Silence], *, words: str) -> Change:
    """End silences now; what has ended by itself meanwhile is left."""
    changes: list[Change] = []
    for before in ended:
        await silences.end(before.id)
        after = silences.get(before.id)
        if after is not None and after != before:
            changes.append(SilenceChange(silences=silences, words=words, before=before, after=after))
    return Together(words=words, changes=tuple(changes))


async def extend(
    silences: Silences, moved: Sequence[Silence], until_ns: Callable[[Silence], int], *, words: str
) -> Change:
    """Have silences end later; those without an end, and those that have ended, are left."""
    changes: list[Change] = []
    for before in moved:
        if before.end_ns is None:
            continue
        after = await silences.move_end(before.id, until_ns=until_ns(before))
        if after is not None and after != before:
            changes.append(SilenceChange(silences=silences, words=words, before=before, after=after))
    return Together(words=words, changes=tuple(changes))
