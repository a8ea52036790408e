"""How a rule's alerts did, counted."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How many of a rule's alerts were worth it, of those of which that is known."""

    worth_it: int
    known: int

    @property
    def share(self) -> float:
        """Return the share that was worth it, 0 to 1."""
        return self.worth_it / self.known


def track_records(worth: Mapping[str, bool], rules: Mapping[str, str]) -> dict[str, TrackRecord]:
    """Return the records of rules.

    Args:
        worth: Whether an alert was worth it; by alert, as its rule is in ``rules``.
    """
    counts: dict[str, tuple[int, int]] = {}
    for alert_id, is_worth in worth.items():
        uid = rules.get(alert_id)
        if uid is not None:
            worth_it, known = counts.get(uid, (0, 0))
            counts[uid] = worth_it + is_worth, known + 1
    return {uid: TrackRecord(*count) for uid, count in counts.items()}
