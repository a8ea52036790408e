"""Fires a rule as a test, through the channels its alerts would go to; no alert comes of it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.alerts import AlertStatus, Leg
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.market import Instrument, Quote
from tradeassist_desktop.domain.messages import Message, alert_title
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.conditions import Leaf, leaves
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.telling.messages import (
    UNKNOWN,
    default_message,
    fill,
    leftmost_true,
    message_parts,
    price_text,
    time_text,
    value_text,
)
from tradeassist_desktop.engine.telling.true_part import true_part
from tradeassist_desktop.services.channel_setup import ChannelSetup, Tested
from tradeassist_desktop.services.routing.routing import Routing


@dataclass(frozen=True, slots=True)
class Drilled:
    """How it went through one channel.

    Args:
        title: The channel's name for people.
        muted: Why an alert would not go there now; empty where it would.
    """

    channel: str
    title: str
    tested: Tested
    muted: str


class FireDrill:
    """Sends what the rule would say with the market's present values, marked as a test everywhere.

    It goes past the outbox: no alert is stored, counted, muted or repeated.

    Args:
        explain: Returns how a kept rule stands on a symbol; ``None`` for one that is not kept.
        quote: Returns a symbol's present values.
    """

    def __init__(
        self,
        *,
        routing: Routing,
        channel_setup: ChannelSetup,
        explain: Callable[[str, str], Explanation | None],
        quote: Callable[[str], Quote | None],
        instrument: Callable[[str], Instrument],
        event_now_ns: Callable[[], int],
        access: Gate = OPEN,
    ) -> None:
        self._routing = routing
        self._channel_setup = channel_setup
        self._explain = explain
        self._quote = quote
        self._instrument = instrument
        self._event_now_ns = event_now_ns
        self._access = access

    def channels(self, rule: Rule) -> Mapping[str, str]:
        """Return where alerts of a rule go, each with why they would not now (empty where they would)."""
        plan = self._routing.explain_rule(rule, rule.symbols[0])
        return {route.channel: route.reason if route.muting is not None else "" for route in plan.routes}

    async def fire(self, rule: Rule) -> tuple[Drilled, ...]:
        """Send it on the rule's first symbol through each of its channels, muted ones too.

        Raises:
            BadInput: its condition cannot be read.
        """
        self._access.require(Act.RESEND)
        message = self.message(rule)
        channels = self.channels(rule)
        tested = await asyncio.gather(*(self._channel_setup.test(channel, message) for channel in channels))
        return tuple(
            Drilled(channel, self._channel_setup.title(channel), each, channels[channel])
            for channel, each in zip(channels, tested, strict=True)
        )

    def message(self, rule: Rule) -> Message:
        """Return what would be sent.

        Raises:
            BadInput: its condition cannot be read.
        """
        symbol, meaning, now_ns = rule.symbols[0], meaning_of(rule), self._event_now_ns()
        quote, instrument = self._quote(symbol), self._instrument(symbol)
        kept = self._explain(rule.uid, symbol)
        legs = kept.legs if kept is not None and kept.condition == meaning.text else ()
        leading = None
        if legs:
            leading = leftmost_true(meaning.condition, legs) or (next(leaves(meaning.condition)), legs[0])
        value = None if leading is None else leading[1].left
        if rule.message:
            prices = {
                name: price_text(getattr(quote, name, None), instrument) for name in ("last", "bid", "ask")
            }
            body = fill(
                rule.message,
                prices
                | {
                    "name": rule.name,
                    "symbol": symbol,
                    "value": self._value_text(leading, symbol),
                    "condition": meaning.text,
                    "time": time_text(now_ns),
                    "priority": rule.priority.value,
                },
            )
        elif legs:
            told, legs = true_part(meaning.condition, legs)
            body = default_message(message_parts(symbol, told), symbol, told, legs, self._instrument)
        else:
            body = f"{symbol} {meaning.text}"
        return Message(
            alert_id="",
            rule_uid="",  # it has no alert: nothing may be acknowledged or snoozed for it
            title=alert_title(symbol, rule.name),
            body=body,
            symbol=symbol,
            priority=rule.priority,
            status=AlertStatus.FIRED,
            event_ns=now_ns,
            value=value,
            rule_name=rule.name,
            condition=meaning.text,
            tags=rule.tags,
            is_test=True,
        )

    def _value_text(self, leading: tuple[Leaf, Leg] | None, symbol: str) -> str:
        if leading is None or leading[1].left is None:
            return UNKNOWN
        return value_text(leading[1].left, leading[0], symbol, self._instrument)
