"""The truth of a condition, worked out from that of its comparisons."""

from collections.abc import Iterator

from tradeassist_desktop.engine.conditions import All, Condition, Not, Some, Then
from tradeassist_desktop.engine.logic import Truth


def truth_of(condition: Condition, of_leaves: Iterator[Truth], of_sequences: Iterator[Truth]) -> Truth:
    """Return the condition's truth by Kleene, given those of its comparisons, left to right.

    Args:
        of_sequences: Truths of sequences, an inner one before the one around it.
    """
    if isinstance(condition, All | Some):
        decisive = isinstance(condition, Some)
        truths = [truth_of(part, of_leaves, of_sequences) for part in condition.parts]
        return decisive if decisive in truths else None if None in truths else not decisive
    if isinstance(condition, Not):
        truth = truth_of(condition.part, of_leaves, of_sequences)
        return None if truth is None else not truth
    if isinstance(condition, Then):
        for step in condition.steps:
            truth_of(step, of_leaves, of_sequences)
        return next(of_sequences)
    return next(of_leaves)
