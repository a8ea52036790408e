"""What is to be done for the choices made about a file's rules."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.transfer.comparing import Choice, Incoming

ADDING = (Choice.ADD, Choice.ADD_BESIDE)


class FreeName(Protocol):
    """Gives names that no rule has."""

    def __call__(self, wanted: str, *, taken: Iterable[str]) -> str:
        """Return the wanted name, or with a number; none of the taken ones."""
        ...


def settled(
    chosen: Sequence[tuple[Incoming, Choice]], *, new_uid: Callable[[], str], free_name: FreeName
) -> dict[str, Rule | None]:
    """Return the rules as they shall be, by uid; what stays as it is, is not in it.

    Args:
        chosen: Every rule of the file, with its choice.
    """
    after: dict[str, Rule | None] = {}
    taken = {incoming.rule.name for incoming, _ in chosen}
    for incoming, choice in chosen:
        if choice is Choice.REPLACE and incoming.mine is not None:
            after[incoming.mine.uid] = replace(incoming.rule, uid=incoming.mine.uid)
        elif choice in ADDING:
            name = incoming.rule.name
            if choice is Choice.ADD_BESIDE and not incoming.has_twin:
                name = free_name(name, taken=taken)
                taken.add(name)
            uid = new_uid()
            after[uid] = replace(incoming.rule, uid=uid, name=name)
    return after
