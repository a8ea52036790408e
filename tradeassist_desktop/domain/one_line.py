"""Foreign text made fit for one line of a log, a table or a file: nothing in it acts, nothing is hidden."""

import unicodedata
from typing import Final

CUT: Final = "…"
_UNSEEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def one_line(text: str, most: int) -> str:
    r"""Return ``text`` with what is not seen written out (``\n``, ``\u202e``), cut to ``most`` characters.

    Newlines forge lines, escape sequences command terminals, bidirectional controls turn words around.
    """
    if text.isascii() and text.isprintable() and len(text) <= most:
        return text
    # However long it is, no more than this is looked at.
    line = "".join(_shown(letter) for letter in text[: most + 1])
    return line if len(line) <= most else line[: most - 1] + CUT


def _shown(letter: str) -> str:
    if unicodedata.category(letter) not in _UNSEEN:
        return letter
    if letter in _SHORT:
        return _SHORT[letter]
    code = ord(letter)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
