"""The shapes one secret has in what libraries print: itself, and as encoders write it."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus, urlsplit

SHORTEST: Final = 6
"""Shorter texts would mask ordinary words."""
PIECE: Final = 12
"""So many characters in a row are enough to be recognised, and to be worth hiding."""

_MAIL_ADDRESS: Final = re.compile(r"[^@\s]+@[\w-]+(\.[\w-]+)+")
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*: ")
# At each of three alignments base64 cuts the bytes anew; so many first characters hold what came before.
_NOT_OURS: Final = (0, 2, 3)


@dataclass(frozen=True, slots=True)
class Disguise:
    """One text to look for.

    Args:
        is_told_by_any_piece: Whether any ``PIECE`` characters of it give it away, not just its first ones.
    """

    text: str
    is_told_by_any_piece: bool


def disguises_of(secret: str) -> tuple[Disguise, ...]:
    """Return every text that stands for a secret; none where it is too short to be told from words."""
    if len(secret) < SHORTEST:
        return ()
    found: dict[str, bool] = {}
    for part, is_token in _parts(secret):
        for text in _texts(part):
            if len(text) >= SHORTEST:
                found[text] = found.get(text, False) or is_token
    return tuple(Disguise(text=text, is_told_by_any_piece=is_token) for text, is_token in found.items())


def _parts(secret: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts that are secret, and whether every piece of a part is."""
    if "://" in secret and not any(letter.isspace() for letter in secret):
        # The host is in every log line of that service; what follows it lets in.
        try:
            address = urlsplit(secret)
            has_host = bool(address.netloc)
        except ValueError:
            has_host = False
        if has_host:
            rest = secret.partition("://")[2].partition("/")[2]
            if len(rest) >= SHORTEST:
                yield rest, True
            if address.username or address.password:
                yield address.netloc.rpartition("@")[0], True
            return
    # Headers, or a key in PEM: their names are in many texts.
    lines = secret.splitlines()
    if len(lines) > 1 or _HEADER.match(secret):
        values = [line.rpartition(" ")[2] for line in lines]
        if parts := [value for value in values if len(value) >= SHORTEST and "://" not in value]:
            yield from ((part, True) for part in parts)
            return
    # A mail address holds a domain that hosts are named after, a sentence holds words.
    is_words = any(letter.isspace() for letter in secret) or _MAIL_ADDRESS.fullmatch(secret) is not None
    yield secret, not is_words


def _texts(part: str) -> Iterator[str]:
    yield part
    for encoded in (quote(part, safe=""), quote(part), quote_plus(part)):
        yield encoded
        yield re.sub("%[0-9A-F]{2}", lambda found: found.group().lower(), encoded)
    for escaped in (json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1], repr(part)[1:-1]):
        yield escaped
        yield escaped.replace("/", "\\/")
    raw = part.encode("utf-8", "surrogatepass")
    for before, not_ours in enumerate(_NOT_OURS):
        whole = (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + raw).decode("ascii")[not_ours:whole]
