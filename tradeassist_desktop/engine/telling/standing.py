"""Whether what a rule fired for is so still."""

from itertools import repeat

from tradeassist_desktop.domain.rules import Standing
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.telling.truth import truth_of


def standing(instance: Instance, now_ns: int) -> Standing:
    """Return how a rule's condition stands as of its latest evaluation, also one that is blind since.

    What is true for one evaluation only stands for as long as what it has led to: a crossing while
    its left side is beyond, an ``enters`` while its value is inside. Of a touch, of a crossing in
    either direction and of a sequence that cannot be told.
    """
    state = instance.arming.state
    if not instance.has_momentary:
        return Standing(True if state.was_true else instance.root.truth, state.true_since_ns)
    leaves = (node.lasts(now_ns) for node in instance.leaves)
    return Standing(truth_of(instance.meaning.condition, leaves, repeat(None)), None)
