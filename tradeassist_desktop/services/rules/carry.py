"""Which rules can be carried over to other prices, and what they are called then."""

from collections.abc import Sequence
from dataclasses import replace

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.services.rules.book import RuleBook


def still_sound(changes: Sequence[tuple[Rule, Rule]], book: RuleBook) -> list[tuple[Rule, Rule]]:
    """Return what is to be replaced by what, each under a name of its own.

    A rule that is no longer as it was looked at is left out.

    Raises:
        BadInput: one says nothing sound.
    """
    sound: list[tuple[Rule, Rule]] = []
    names: dict[str, str] = {}
    for before, after in changes:
        if book.get(before.uid) != before:
            continue
        owner = book.uid_of_name(after.name)
        is_free = owner in (None, before.uid, *names.values()) and after.name not in names
        name = after.name if is_free else book.free_name(after.name, taken=names.keys())
        named = replace(after, name=name)
        meaning_of(named)
        names[name] = named.uid
        sound.append((before, named))
    return sound
