"""Alerts made of a rule that fired: id, values, message."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Leg, Timing
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.engine.arming import Verdict
from tradeassist_desktop.engine.conditions import Leaf, operands_of, sides
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.language.units import unit_of_value
from tradeassist_desktop.engine.leaves import LeafNode
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.operands.specification import Unit
from tradeassist_desktop.engine.telling.messages import (
    UNKNOWN,
    cleared_message,
    default_message,
    fill,
    leftmost_true,
    message_parts,
    price_text,
    time_text,
    value_text,
)
from tradeassist_desktop.engine.telling.operand_values import operand_values
from tradeassist_desktop.engine.telling.true_part import has_choice, true_part

_UNITS: Final = {Unit.PERCENT: "%", Unit.SECONDS: "s"}


def legs_then(instance: Instance, now_ns: int) -> tuple[Leg, ...]:
    """Return every comparison of the condition, left to right, as of its latest evaluation."""
    legs = []
    for node in instance.leaves:
        left, right = node.latest_values(now_ns)
        values = operand_values(node, left, right, now_ns, instance.books, instance.symbol)
        legs.append(
            Leg(node.text(), left, right, node.truth, values, _symbol_of(node, instance), _unit_of(node))
        )
    return tuple(legs)


def legs_now(instance: Instance, now_ns: int) -> tuple[Leg, ...]:
    """Return every comparison compared anew; of a momentary one, the truth is the latest evaluation's."""
    legs = []
    for node in instance.leaves:
        left, right = node.values(now_ns)
        values = operand_values(node, left, right, now_ns, instance.books, instance.symbol)
        legs.append(
            Leg(
                node.text(),
                left,
                right,
                node.glance(now_ns),
                values,
                _symbol_of(node, instance),
                _unit_of(node),
            )
        )
    return tuple(legs)


def alert_of(
    instance: Instance,
    verdict: Verdict,
    *,
    event_ns: int,
    received_ns: int,
    run_id: str,
    book_of: Callable[[str], Book],
    timing: Timing,
) -> Alert:
    """Return the record of a verdict and number it."""
    rule, state, meaning = instance.rule, instance.arming.state, instance.meaning
    sequence = state.sequence
    state.sequence += 1
    legs = legs_then(instance, event_ns)
    value = next((leg.left for leg in legs if leg.is_true), None)
    parts = (
        run_id,
        rule.uid,
        meaning.fingerprint,
        instance.symbol,
        str(sequence),
        str(event_ns),
        verdict.status.value,
    )
    alert_id = blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()
    if verdict.status is AlertStatus.SUPPRESSED:
        instance.arming.note_record(alert_id)
    return Alert(
        id=alert_id,
        rule_uid=rule.uid,
        rule_name=rule.name,
        symbol=instance.symbol,
        sequence=sequence,
        priority=rule.priority,
        status=verdict.status,
        event_ns=event_ns,
        value=value,
        message=_message(instance, verdict, legs, event_ns, book_of),
        condition=meaning.text,
        reason=verdict.reason,
        channels=rule.channels,
        legs=legs,
        received_ns=received_ns,
        timing=timing,
    )


def _symbol_of(node: LeafNode, instance: Instance) -> str | None:
    """Return what the left side is of: empty for the rule's own symbol, ``None`` for several."""
    symbols = {operand.symbol or instance.symbol for operand in operands_of(sides(node.source)[0])}
    if len(symbols) > 1:
        return None
    return next(iter(symbols - {instance.symbol}), "")


def _unit_of(node: LeafNode) -> str:
    unit = unit_of_value(sides(node.source)[0])
    return _UNITS.get(unit, "") if unit is not None else ""


def _by_default(instance: Instance, legs: tuple[Leg, ...], instrument_of: Callable[[str], Instrument]) -> str:
    symbol, meaning = instance.symbol, instance.meaning
    if instance.message_parts is None:
        if has_choice(meaning.condition):
            told, legs = true_part(meaning.condition, legs)
            return default_message(message_parts(symbol, told), symbol, told, legs, instrument_of)
        instance.message_parts = message_parts(symbol, meaning.condition, meaning.text)
    return default_message(instance.message_parts, symbol, meaning.condition, legs, instrument_of)


def _message(
    instance: Instance,
    verdict: Verdict,
    legs: tuple[Leg, ...],
    event_ns: int,
    book_of: Callable[[str], Book],
) -> str:
    condition = instance.meaning.condition
    if verdict.status is AlertStatus.CLEARED:
        return cleared_message(
            instance.meaning.text, instance.symbol, condition, legs, lambda of: book_of(of).instrument
        )
    return firing_message(instance, legs, leftmost_true(condition, legs), event_ns, book_of)


def firing_message(
    instance: Instance,
    legs: tuple[Leg, ...],
    leading: tuple[Leaf, Leg] | None,
    event_ns: int,
    book_of: Callable[[str], Book],
) -> str:
    """Return what a rule says as it fires.

    Args:
        leading: The comparison whose left side is the alert's value; ``None`` where none is.
    """
    rule, symbol = instance.rule, instance.symbol

    def instrument_of(of: str) -> Instrument:
        return book_of(of).instrument

    if not rule.message:
        return _by_default(instance, legs, instrument_of)
    book = book_of(symbol)
    value = UNKNOWN
    if leading is not None and leading[1].left is not None:
        value = value_text(leading[1].left, leading[0], symbol, instrument_of)
    return fill(
        rule.message,
        {
            "name": rule.name,
            "symbol": symbol,
            "last": price_text(book.last.value, book.instrument),
            "bid": price_text(book.bid.value, book.instrument),
            "ask": price_text(book.ask.value, book.instrument),
            "value": value,
            "condition": instance.meaning.text,
            "time": time_text(event_ns),
            "priority": rule.priority.value,
        },
    )
