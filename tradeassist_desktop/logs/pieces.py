"""Finds pieces of known texts in another text, at a cost that does not grow with how many are known."""

from collections.abc import Iterator
from typing import Final

from tradeassist_desktop.logs.disguises import PIECE, Disguise

# Any piece of 12 characters has 8 within it that begin at a multiple of 5: so few are looked up.
_GRAM: Final = 8
_STRIDE: Final = PIECE - _GRAM + 1


class Pieces:
    """What may be looked for. One thread at a time may change it; any may look meanwhile."""

    def __init__(self) -> None:
        # Tuples: who looks has the old or the new one, never one that changes under it.
        self._places: dict[str, tuple[tuple[str, int], ...]] = {}
        self._short: tuple[str, ...] = ()

    def add(self, disguise: Disguise) -> None:
        """Look for it from now on."""
        form = disguise.text
        if len(form) < PIECE:
            self._short = tuple(sorted((*self._short, form), key=len, reverse=True))
            return
        for gram, offset in _grams(disguise):
            self._places[gram] = (*self._places.get(gram, ()), (form, offset))

    def remove(self, disguise: Disguise) -> None:
        """Look for it no more; added twice, it is looked for until it is removed twice."""
        form = disguise.text
        if len(form) < PIECE:
            short = list(self._short)
            short.remove(form)
            self._short = tuple(short)
            return
        for gram, offset in _grams(disguise):
            places = list(self._places[gram])
            places.remove((form, offset))
            if places:
                self._places[gram] = tuple(places)
            else:
                del self._places[gram]

    def replaced(self, text: str, mask: str) -> str:
        """Return ``text`` with ``mask`` for every piece of 12 characters, and for each whole shorter text."""
        places = self._places
        spans: list[tuple[int, int]] = []
        for at in range(0, len(text) - _GRAM + 1, _STRIDE):
            if found := places.get(text[at : at + _GRAM]):
                spans += (_widest(text, at, form, offset) for form, offset in found)
        if spans:
            text = _without(text, spans, mask)
        for short in self._short:
            text = text.replace(short, mask)
        return text


def _grams(disguise: Disguise) -> Iterator[tuple[str, int]]:
    form = disguise.text
    last = len(form) - _GRAM if disguise.is_told_by_any_piece else _STRIDE - 1
    for offset in range(last + 1):
        yield form[offset : offset + _GRAM], offset


def _widest(text: str, at: int, form: str, offset: int) -> tuple[int, int]:
    """Return where the piece of ``form`` begins and ends that stands in ``text`` around ``at``."""
    start, end = at, at + _GRAM
    first, last = offset, offset + _GRAM
    while start and first and text[start - 1] == form[first - 1]:
        start, first = start - 1, first - 1
    while end < len(text) and last < len(form) and text[end] == form[last]:
        end, last = end + 1, last + 1
    return start, end


def _without(text: str, spans: list[tuple[int, int]], mask: str) -> str:
    """Return ``text`` with spans of at least a piece masked; those that meet are one."""
    kept: list[str] = []
    done = 0
    for start, end in sorted(span for span in spans if span[1] - span[0] >= PIECE):
        if start > done or not kept:
            kept += (text[done:start], mask)
        done = max(done, end)
    return "".join(kept) + text[done:] if kept else text
