"""What of a condition with ``or`` in it is true, so that an alert tells of nothing else."""

from collections.abc import Iterator
from itertools import repeat

from tradeassist_desktop.domain.alerts import Leg
from tradeassist_desktop.engine.conditions import All, Condition, Some, Then, leaves
from tradeassist_desktop.engine.logic import Truth
from tradeassist_desktop.engine.telling.truth import truth_of

Part = tuple[Condition, tuple[Leg, ...]]


def has_choice(condition: Condition) -> bool:
    """Whether something can be left out of what is told of the condition."""
    if isinstance(condition, All):
        return any(map(has_choice, condition.parts))
    if isinstance(condition, Then):
        return has_choice(condition.steps[-1])
    return isinstance(condition, Some)


def true_part(condition: Condition, legs: tuple[Leg, ...]) -> Part:
    """Return the condition without what is not true between ``or``, and the legs that are left.

    What is not known stays only where nothing is known to be true, as of a sequence; where all is
    false, everything stays.

    Args:
        legs: One for each comparison, left to right.
    """
    if isinstance(condition, Some):
        return _joined(condition, _that_hold(list(_shared(condition.parts, legs))))
    if isinstance(condition, All):
        return _joined(condition, list(_shared(condition.parts, legs)))
    if isinstance(condition, Then):
        # Of its earlier steps the legs tell nothing: what those saw is past.
        *earlier, (last, own) = _shared(condition.steps, legs)
        told, kept = true_part(last, own)
        steps = (*(step for step, _ in earlier), told)
        return Then(steps, condition.within), (*legs[: len(legs) - len(own)], *kept)
    # What is false within "not" is why that is true.
    return condition, legs


def _shared(parts: tuple[Condition, ...], legs: tuple[Leg, ...]) -> Iterator[Part]:
    """Yield each part with its own legs."""
    begin = 0
    for part in parts:
        end = begin + sum(1 for _ in leaves(part))
        yield part, legs[begin:end]
        begin = end


def _that_hold(parts: list[Part]) -> list[Part]:
    truths = [_truth(part) for part in parts]
    for wanted in (True, None):
        if wanted in truths:
            return [part for part, truth in zip(parts, truths, strict=True) if truth is wanted]
    return parts


def _truth(part: Part) -> Truth:
    condition, legs = part
    return truth_of(condition, iter([leg.is_true for leg in legs]), repeat(None))


def _joined(condition: All | Some, parts: list[Part]) -> Part:
    told = [true_part(*part) for part in parts]
    if len(told) == 1:
        return told[0]
    return type(condition)(tuple(each for each, _ in told)), tuple(leg for _, own in told for leg in own)
