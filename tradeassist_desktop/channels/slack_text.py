"""Texts as Slack is given them: nothing in them is markup, however a rule is named."""

from typing import Final

from tradeassist_desktop.channels.wording import CUT

_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str, most: int) -> str:
    """Return ``text`` with ``&``, ``<`` and ``>`` as entities, each once, and cut to ``most``.

    Slack reads ``<!channel>``, ``<@U1>`` and ``<http://…|text>`` in every kind of text, plain ones too.

    Args:
        most: Length of the result, in UTF-16 units, as Slack counts; no entity is cut in two.
    """
    pieces = [_ENTITIES.get(letter, letter) for letter in text]
    if sum(map(width, pieces)) <= most:
        return "".join(pieces)
    kept: list[str] = []
    room = most - width(CUT)
    for piece in pieces:
        room -= width(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + CUT


def width(text: str) -> int:
    """Return the length in UTF-16 units: most emoji are two."""
    return len(text) + sum(letter > "\uffff" for letter in text)
