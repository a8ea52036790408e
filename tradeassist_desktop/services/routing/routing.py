"""Where an alert goes, and why: asked in the tick path, and by whoever wants to know beforehand."""

from collections.abc import Callable

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.channel_names import why_absent
from tradeassist_desktop.domain.delivery import Cause, Delivery, DeliveryState, Muting
from tradeassist_desktop.domain.durations import whole_duration
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.routing import Plan, Route
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.routing.duplicates import Duplicates
from tradeassist_desktop.services.routing.inhibition import Inhibition
from tradeassist_desktop.services.routing.mutes import Mute, Mutes, Target
from tradeassist_desktop.services.routing.policy import Policy


class Routing:
    """Decides at once, from memory: nothing here waits or fails.

    Args:
        is_set_up: Whether there is a channel of that name.
        is_acknowledged: Whether the alert of an id was.
        inhibition: Knows which notices are only part of something; by default none is.
    """

    def __init__(
        self,
        *,
        policy: Callable[[], Policy],
        mutes: Mutes,
        clock: Clock,
        is_set_up: Callable[[str], bool],
        is_acknowledged: Callable[[str], bool] = lambda alert_id: False,
        inhibition: Inhibition | None = None,
    ) -> None:
        self._policy = policy
        self._mutes = mutes
        self._clock = clock
        self._is_set_up = is_set_up
        self._is_acknowledged = is_acknowledged
        self._inhibition = inhibition or Inhibition()
        self._duplicates = Duplicates()

    def plan(self, alert: Alert) -> tuple[Delivery, ...]:
        """Return the deliveries an alert begins with, each to be sent or suppressed, with its reason."""
        target = self._mutes.target(alert)
        now_ns = self._clock.now_ns()
        covering = self._mutes.covering(target)
        inhibited = self._inhibition.reason(alert.id)
        mutes: dict[str, Mute | None] = {}
        for channel in self._channels(target):
            if inhibited:
                mutes[channel] = Mute(Muting.INHIBITED, inhibited)
            else:
                mutes[channel] = self._mutes.on(channel, target, covering, now_ns)
        if None in mutes.values():
            original_ns = self._duplicates.original_ns(alert, self._policy().duplicate_ns)
            if original_ns is None:
                self._duplicates.note(alert)
            else:
                before_s = (alert.event_ns - original_ns) / NS_PER_SECOND
                same = Mute(Muting.DUPLICATE, f"duplicate of what was sent {before_s:.1f} s before")
                mutes = {channel: mute or same for channel, mute in mutes.items()}
        return tuple(_delivery(alert, channel, mute, now_ns) for channel, mute in mutes.items())

    def route_of(self, alert: Alert, delivery: Delivery) -> Route:
        """Return whether a planned delivery is still to be sent: its channel may have been down for hours.

        Once it was acknowledged, nothing that follows of it is of use, and nothing that this machine would
        show or play: an urgent tone would go on for ever. Elsewhere it is kept as what has fired. What its
        trader has sent again himself nothing mutes.
        """
        channel = delivery.channel
        planned = Route(channel, "as planned")
        if delivery.cause is Cause.RESENT:
            return planned
        target = self._mutes.target(alert)
        mute = self._mutes.on(channel, target, self._mutes.covering(target), self._clock.now_ns())
        if delivery.cause is not Cause.FIRED or self._mutes.is_local(channel):
            if self._is_acknowledged(alert.id):
                mute = Mute(Muting.ACKNOWLEDGED, "acknowledged before it was sent")
        elif mute is not None and mute.muting is Muting.ACKNOWLEDGED:
            return planned  # what has fired since then was muted when it was planned
        # What a replay keeps back was told when it was planned. The desk of a replay also sends what the
        # live one has left.
        if mute is None or mute.muting is Muting.REPLAY:
            return planned
        return Route(channel, mute.words, mute.muting)

    def explain(self, alert: Alert) -> Plan:
        """Return where an alert would go if it were raised now, and why."""
        return self._explain(self._mutes.target(alert))

    def explain_rule(self, rule: Rule, symbol: str) -> Plan:
        """Return where an alert of a rule would go now, and why."""
        return self._explain(self._mutes.target_of_rule(rule, symbol))

    def _explain(self, target: Target) -> Plan:
        now_ns = self._clock.now_ns()
        covering = self._mutes.covering(target)
        asked = (
            "the rule asks for it"
            if target.channels is not None
            else f"alerts with priority {target.priority} go there"
        )
        routes = []
        for channel in self._channels(target):
            mute = self._mutes.on(channel, target, covering, now_ns)
            if mute is not None:
                routes.append(Route(channel, mute.words, mute.muting))
            elif self._is_set_up(channel):
                routes.append(Route(channel, asked))
            else:
                routes.append(Route(channel, f"{asked}, but it {why_absent(channel)}"))
        policy = self._policy()
        steps = policy.escalation.get(target.priority, ())
        repeat_ns = policy.repeat_ns.get(target.priority)
        return Plan(
            routes=tuple(routes),
            later=tuple(
                Route(step.channel, f"after {whole_duration(step.after_ns)} unless acknowledged")
                for step in steps
            ),
            repeats=""
            if repeat_ns is None
            else f"again every {whole_duration(repeat_ns)} while true and not acknowledged",
        )

    def _channels(self, target: Target) -> tuple[str, ...]:
        return self._policy().channels_of(target.priority, target.channels)


def _delivery(alert: Alert, channel: str, mute: Mute | None, now_ns: int) -> Delivery:
    created_ns = alert.evaluated_ns or now_ns
    if mute is None:
        return Delivery(alert_id=alert.id, channel=channel, created_ns=created_ns)
    return Delivery(
        alert_id=alert.id,
        channel=channel,
        state=DeliveryState.SUPPRESSED,
        detail=mute.words,
        muting=mute.muting,
        created_ns=created_ns,
        finished_ns=now_ns,
    )
