"""What a rule would say if it fired now, for who is writing it."""

from collections.abc import Callable

from tradeassist_desktop.domain.alerts import AlertStatus, Leg
from tradeassist_desktop.domain.messages import Message, alert_title
from tradeassist_desktop.engine.conditions import Leaf, leaves
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.telling.alerts import firing_message, legs_now
from tradeassist_desktop.engine.telling.messages import leftmost_true


def sample_message(instance: Instance, now_ns: int, book_of: Callable[[str], Book]) -> Message:
    """Return the message of a firing now; its value is that of the first comparison where none is true."""
    rule = instance.rule
    legs = legs_now(instance, now_ns)
    leading = leftmost_true(instance.meaning.condition, legs) or _first_known(instance, legs)
    symbol = None if leading is None else leading[1].symbol
    return Message(
        alert_id="",
        rule_uid=rule.uid,
        title=alert_title(instance.symbol, rule.name),
        body=firing_message(instance, legs, leading, now_ns, book_of),
        symbol=instance.symbol,
        priority=rule.priority,
        status=AlertStatus.FIRED,
        event_ns=now_ns,
        value=None if leading is None else leading[1].left,
        value_symbol=symbol,
        value_unit="" if leading is None else leading[1].unit,
        rule_name=rule.name,
        condition=instance.meaning.text,
        tags=rule.tags,
    )


def _first_known(instance: Instance, legs: tuple[Leg, ...]) -> tuple[Leaf, Leg] | None:
    pairs = zip(leaves(instance.meaning.condition), legs, strict=True)
    return next(((leaf, leg) for leaf, leg in pairs if leg.left is not None), None)
