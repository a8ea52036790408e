"""Keys as text: the same on every system, and as the settings keep them."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from PySide6.QtGui import QKeySequence

_COMMA: Final = "Comma"  # a list of settings is parted by commas
_LEAVES_TYPING: Final = re.compile(r"(Ctrl|Alt|Meta)\+|Shift\+(Ctrl|Alt|Meta)\+|(Shift\+)?F[1-9]")


def key_text(keys: QKeySequence) -> str:
    """Return keys as written: ``Ctrl+N``; empty for none."""
    return keys.toString(QKeySequence.SequenceFormat.PortableText)


def keys_of(kept: Iterable[str]) -> dict[str, str]:
    """Return the keys by command of texts such as ``window.new-rule=Ctrl+N``, without those of no keys."""
    found: dict[str, str] = {}
    for text in kept:
        id_, parted, keys = text.partition("=")
        written = key_text(QKeySequence(keys.replace(_COMMA, ",")))
        if parted and (written or not keys):
            found[id_] = written
    return found


def kept_keys(keys: Mapping[str, str]) -> tuple[str, ...]:
    """Return the texts of which ``keys_of`` makes the same."""
    return tuple(f"{id_}={written.replace(',', _COMMA)}" for id_, written in sorted(keys.items()))


def works_everywhere(keys: str) -> bool:
    """Return whether keys leave typing alone: one is held, or it is one that types nothing."""
    return not keys or _LEAVES_TYPING.match(keys) is not None
