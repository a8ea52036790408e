"""Mutes what is only a consequence of something that was told: warnings about a feed that is down."""


class Inhibition:
    """Remembers what stands, which notices are part of it, and how many those were."""

    def __init__(self) -> None:
        self._standing: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._parts: dict[str, str] = {}

    def begin(self, key: str, words: str) -> None:
        """Have something stand: ``words`` is what its parts are muted with, as ``part of: …``."""
        self._standing[key] = words
        self._counts.setdefault(key, 0)

    def end(self, key: str) -> int:
        """Have it stand no longer; return how many notices were muted as part of it."""
        self._standing.pop(key, None)
        return self._counts.pop(key, 0)

    def note(self, alert_id: str, part_of: str) -> None:
        """Take an alert that is about to be raised and is part of something, should that stand."""
        if part_of in self._standing:
            self._parts[alert_id] = part_of

    def reason(self, alert_id: str) -> str:
        """Return, once, what an alert is muted with; empty if nothing it is part of stands."""
        key = self._parts.pop(alert_id, "")
        words = self._standing.get(key, "")
        if not words:
            return ""
        self._counts[key] += 1
        return f"part of: {words}"
