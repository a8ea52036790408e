"""A secret as Secret Manager keeps it: a JSON object of texts, and its checksum."""

import json
from typing import Any, Final

from tradeassist_desktop.domain.secret import Secret

MOST_BYTES: Final = 65_536
"""How large a version's payload may be."""


def packed(secret: Secret) -> dict[str, Any]:
    """Return the payload that keeps a secret, with the checksum that Google is to compare."""
    import google_crc32c

    data = json.dumps(dict(secret), ensure_ascii=False, sort_keys=True).encode()
    return {"data": data, "data_crc32c": google_crc32c.value(data)}


def is_whole(payload: Any) -> bool:
    """Return whether a payload has a checksum, and the bytes it was made of: the client never looks."""
    import google_crc32c

    return "data_crc32c" in payload and google_crc32c.value(payload.data) == payload.data_crc32c


def unpacked(data: bytes) -> Secret | None:
    """Return the secret that is in a payload, or ``None`` where that is not one of ours."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):  # its own message, and what it carries, would show the payload
        return None
    if not isinstance(document, dict) or not document:
        return None
    if not all(isinstance(text, str) for text in document.values()):
        return None
    return Secret(document)
