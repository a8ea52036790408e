"""One credential as it is shown: everything that is known of it but its texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tradeassist_desktop.domain.rotation import CACHE_KEY, RotationStep
from tradeassist_desktop.domain.secret import SCHWAB_APP, SCHWAB_TOKEN, SECRET_NAMES, Secret

CREDENTIALS: Final = (*SECRET_NAMES, CACHE_KEY)
"""All there are, in the order people are shown them."""

SCHWAB: Final = (SCHWAB_APP, SCHWAB_TOKEN)


class Deed(StrEnum):
    """What a person may want to do with a credential."""

    TEST = "test"
    ROTATE = "rotate"
    KEEP = "keep"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Checked:
    """How the last test of this run went. ``was_tried`` is false where something has to be given first."""

    at_ns: int
    is_good: bool
    words: str
    was_tried: bool = True

    @property
    def has_failed(self) -> bool:
        """Whether it was tried, and did not go well."""
        return self.was_tried and not self.is_good


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """How one credential stands. All times are UTC nanoseconds.

    Args:
        name: Such as ``slack.bot``.
        title: As people know it.
        is_seen: Whether somebody has answered about it; until then nothing else of it is known.
        is_asking: Whether somebody is being asked now.
        is_present: Whether anybody keeps it.
        source: Who keeps it: a keeper's name; ``memory`` for what no keeper could keep.
        waits_for: Of what no keeper could keep: the one that gets it once it is open; empty for none.
        hides: Of what no keeper could keep: a keeper with another, which is not used until the program ends.
        offline_since_ns: Since when its keeper could not be asked, where a copy stands in.
        stands_until_ns: Until when that copy may; then there is none any more.
        version: As its keeper names it; empty where it has no versions.
        since_ns: Since when it is what it is, as far as is known.
        expires_ns: When it runs out, where that is known.
        used_ns: When it was last read to be used.
        used_by: By whom, as the audit log names components.
        rotated_ns: When the program last replaced it.
        policy: When it is to be replaced: ``90d``, ``before 2h``; ``off`` for never.
        due_ns: When that is next; ``None`` for never.
        is_reminded_of: Whether a person is being asked to replace it.
        snoozed_until_ns: Until when nobody is asked to.
        step: What a rotation does now.
        failure: What is wrong, in words; empty for nothing.
        hint: What a person has to do to replace it; empty where the program does.
        channel: Whose form it is entered in; empty where it is entered elsewhere, or nowhere.
        barred: Why not, for each deed that cannot be done now.
    """

    name: str
    title: str
    is_seen: bool = False
    is_asking: bool = False
    is_present: bool = False
    source: str = ""
    waits_for: str = ""
    hides: str = ""
    offline_since_ns: int | None = None
    stands_until_ns: int | None = None
    version: str = ""
    since_ns: int | None = None
    expires_ns: int | None = None
    used_ns: int | None = None
    used_by: str = ""
    rotated_ns: int | None = None
    policy: str = ""
    due_ns: int | None = None
    is_reminded_of: bool = False
    snoozed_until_ns: int | None = None
    step: RotationStep = RotationStep.IDLE
    failure: str = ""
    hint: str = ""
    checked: Checked | None = None
    channel: str = ""
    barred: Mapping[Deed, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Removed:
    """A credential that was taken out. Whoever holds this can put it back; it shows no text of it.

    Args:
        words: What was done, for people.
        left: Who gives another in its place; empty for nobody.
    """

    name: str
    words: str
    left: str
    secret: Secret
