"""Texts as Slack is given them: nothing in them is markup, however a rule is named."""

from typing import Final

from tradeassist_desktop.channels.wording import CUT

_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(text: str, most: int) -> str:
    """Return ``text`` with ``&``, ``<`` and ``>`` as entities, each once, and cut to ``most``.

    Slack reads ``<!channel>``, ``<@U1>`` and ``<http://…|text>`` in every kind of text, plain ones too.

    Args:
        most: Length of the result, in UTF-16 units, as Slack counts; no entity is cut in two.
    """
    whole = text.translate(_ENTITIES)
    if width(whole) <= most:
        return whole
    kept: list[str] = []
    room = most - width(CUT)
    for letter in text:
        piece = letter.translate(_ENTITIES)
        room -= width(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + CUT


def width(text: str) -> int:
    """Return the length in UTF-16 units: most emoji are two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
