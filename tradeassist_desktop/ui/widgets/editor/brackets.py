"""Which bracket belongs to which."""

from typing import Final

_PAIRS: Final = {"(": ")", "[": "]"}
_CLOSERS: Final = {closer: opener for opener, closer in _PAIRS.items()}


def matching_brackets(text: str, caret: int) -> tuple[int, ...]:
    """Return the places of the bracket at the caret and of its fellow.

    One place alone is a bracket without a fellow; none where no bracket is at the caret.
    """
    for place in (caret - 1, caret):
        if 0 <= place < len(text) and (text[place] in _PAIRS or text[place] in _CLOSERS):
            fellow = _fellow(text, place)
            return (place,) if fellow is None else (place, fellow)
    return ()


def _fellow(text: str, place: int) -> int | None:
    opens = text[place] in _PAIRS
    step = 1 if opens else -1
    open_ones: list[str] = []
    is_quoted = False
    at = place
    while 0 <= at < len(text):
        sign = text[at]
        if sign == '"':
            is_quoted = not is_quoted
        elif not is_quoted and sign in (_PAIRS if opens else _CLOSERS):
            open_ones.append(sign)
        elif not is_quoted and sign in (_CLOSERS if opens else _PAIRS):
            if (_PAIRS if opens else _CLOSERS)[open_ones.pop()] != sign:
                return None
            if not open_ones:
                return at
        at += step
    return None
