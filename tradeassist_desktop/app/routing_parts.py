"""Builds what decides where alerts go, and what follows of them."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.channels import Channel
from tradeassist_desktop.domain.rules import Rule, Standing
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.history import History
from tradeassist_desktop.services.routing.acknowledgements import Acknowledgements
from tradeassist_desktop.services.routing.followups import Followups
from tradeassist_desktop.services.routing.gathering import Announcer
from tradeassist_desktop.services.routing.inhibition import Inhibition
from tradeassist_desktop.services.routing.mutes import Mutes
from tradeassist_desktop.services.routing.policy import CurrentPolicy, SettingReader
from tradeassist_desktop.services.routing.routing import Routing
from tradeassist_desktop.services.routing.silence_book import SilenceBook
from tradeassist_desktop.services.routing.silences import Silences
from tradeassist_desktop.services.rules import Rules
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.silences import SilenceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingParts:
    """The parts; ``followups`` are not started where the market is a recording."""

    policy: CurrentPolicy
    routing: Routing
    silences: Silences
    followups: Followups
    inhibition: Inhibition


def build_routing(
    *,
    settings: SettingReader,
    bus: Bus,
    clock: Clock,
    database: Database,
    channels: Mapping[str, Channel],
    is_live: bool,
    announcer: Announcer,
    rules: Callable[[], Rules],
    history: History,
    access: Gate,
) -> RoutingParts:
    """Return the parts.

    Args:
        rules: Asked for once the desk runs: rules are built on alerting, which is built on this.
    """

    def rule(uid: str) -> Rule | None:
        return rules().get(uid)

    def standing(uid: str, symbol: str) -> Standing:
        return rules().standing(uid, symbol)

    inhibition = Inhibition()
    policy, book = CurrentPolicy(settings=settings), SilenceBook(clock=clock)
    silences = Silences(
        book=book,
        store=SilenceStore(database=database),
        bus=bus,
        clock=clock,
        new_id=lambda: uuid.uuid4().hex,
        access=access,
    )
    mutes = Mutes(
        policy=policy,
        book=book,
        rule=rule,
        standing=standing,
        is_local=lambda name: name in channels and channels[name].traits.is_local,
        is_live=is_live,
    )
    return RoutingParts(
        policy=policy,
        routing=Routing(
            policy=policy,
            mutes=mutes,
            clock=clock,
            is_set_up=lambda name: name in channels,
            is_acknowledged=history.is_acknowledged,
            inhibition=inhibition,
        ),
        silences=silences,
        inhibition=inhibition,
        followups=Followups(
            bus=bus,
            clock=clock,
            policy=policy,
            mutes=mutes,
            book=book,
            acknowledgements=Acknowledgements(book=book, silences=silences, standing=standing, rule=rule),
            database=database,
            announcer=announcer,
            record=history.record,
            standing=standing,
        ),
    )
