"""Counts reads that are alike: one secret may be asked for a hundred times a second."""

from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.audit import AuditEntry

_MINUTE_NS: Final = 60_000_000_000
_MOST_KINDS: Final = 1_000

_Kind = tuple[str, str, str, str, str, str]


class _Counted:
    __slots__ = ("count", "last", "minute")

    def __init__(self, entry: AuditEntry, minute: int) -> None:
        self.last = entry
        self.minute = minute
        self.count = 0


class Repeats:
    """Lets the first read of a kind through in each minute; further ones are counted, and come as one entry.

    So a kill loses none but repeats. That entry has the time of the last of them.
    """

    def __init__(self) -> None:
        self._kinds: dict[_Kind, _Counted] = {}
        self._over: list[_Counted] = []

    def __bool__(self) -> bool:
        return bool(self._over) or any(counted.count for counted in self._kinds.values())

    def takes(self, entry: AuditEntry) -> bool:
        """Count a read that repeats another of its minute; return whether it does."""
        kind = (entry.who, entry.what, entry.version, entry.source, entry.result, entry.detail)
        minute = entry.at_ns // _MINUTE_NS
        counted = self._kinds.get(kind)
        if counted is None:
            if len(self._kinds) < _MOST_KINDS:
                self._kinds[kind] = _Counted(entry, minute)
            return False
        if counted.minute != minute:
            if counted.count:
                self._over.append(counted)
            self._kinds[kind] = _Counted(entry, minute)
            return False
        counted.count += entry.count
        counted.last = entry
        return True

    def ended(self, now_ns: int) -> list[AuditEntry]:
        """Return the repeats of minutes that are over."""
        minute = now_ns // _MINUTE_NS
        return self._take([kind for kind, counted in self._kinds.items() if counted.minute != minute])

    def all(self) -> list[AuditEntry]:
        """Return the repeats so far; the next read of each kind is a first one again."""
        return self._take(list(self._kinds))

    def _take(self, kinds: list[_Kind]) -> list[AuditEntry]:
        taken = [*self._over, *(self._kinds.pop(kind) for kind in kinds)]
        self._over = []
        return [replace(counted.last, count=counted.count) for counted in taken if counted.count]
