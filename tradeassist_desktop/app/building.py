"""Builds a desk's services, each from what it needs; none of them does anything yet."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tradeassist_desktop.app.audit_parts import AuditParts, audit_parts
from tradeassist_desktop.app.ground import Ground
from tradeassist_desktop.app.market_parts import build_market, build_symbols, by_cusip
from tradeassist_desktop.app.past_parts import PastParts, past_parts
from tradeassist_desktop.app.rotation_parts import build_rotation
from tradeassist_desktop.app.routing_parts import RoutingParts, build_routing
from tradeassist_desktop.app.run_position import RunPosition
from tradeassist_desktop.app.secret_places import keyring_keeper
from tradeassist_desktop.app.telling_channels import tell_channels
from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.channels.slack_tokens import SlackTokens
from tradeassist_desktop.domain.rules import RulePhase
from tradeassist_desktop.domain.secret import SLACK_BOT
from tradeassist_desktop.domain.watching import WatchGroup
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.services.adjusting.adjustments import Adjustments
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.blind_watch import BlindWatch
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.services.dead_letters import DeadLetters
from tradeassist_desktop.services.delivery.channel_breakers import channel_guards
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery_figures import DeliveryFigures
from tradeassist_desktop.services.feed_watch import FeedWatch
from tradeassist_desktop.services.gaps.ledger import GapLedger
from tradeassist_desktop.services.health import DeliveryReading, Health
from tradeassist_desktop.services.history import History
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.services.notices import Notices
from tradeassist_desktop.services.recordings.folder import RecordingFolder
from tradeassist_desktop.services.recordings.recordings import Recordings
from tradeassist_desktop.services.rotation.rotation import RotationService
from tradeassist_desktop.services.rule_drafts import RuleDrafts
from tradeassist_desktop.services.rules import Rules
from tradeassist_desktop.services.symbols import Symbols
from tradeassist_desktop.storage.adjustment_store import AdjustmentStore
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.rotations import RotationStore
from tradeassist_desktop.storage.stores import GapStore, MarketStore, RuleStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All there are in one desk."""

    dispatcher: Dispatcher
    alerting: Alerting
    channel_setup: ChannelSetup
    dead_letters: DeadLetters
    notices: Notices
    history: History
    delivery_figures: DeliveryFigures
    routed: RoutingParts
    gaps: GapLedger
    market: MarketData
    rules: Rules
    drafts: RuleDrafts
    adjustments: Adjustments
    recordings: Recordings
    health: Health
    breakers: Breakers
    symbols: Symbols
    past: PastParts
    feed_watch: FeedWatch
    blind_watch: BlindWatch
    rotation: RotationService
    position: RunPosition
    audit: AuditParts


def build(
    ground: Ground,
    *,
    store: MarketStore,
    rule_store: RuleStore | None,
    watchlist: Sequence[str],
    watch_groups: Sequence[WatchGroup],
) -> Services:
    """Return the services of one desk.

    Args:
        rule_store: ``None`` keeps no rules: they are of a file.
    """
    settings, bus, clock, database = ground.settings, ground.bus, ground.clock, ground.database
    access = ground.access
    source = ground.sources.main

    instruments = InstrumentBook()
    engine = Engine(instruments=instruments.lookup, run_id=ground.run.id)
    dispatcher = Dispatcher(
        database=database,
        bus=bus,
        clock=clock,
        channels=ground.channels,
        guards=channel_guards(ground.breakers, ground.channels),
        on_barred=lambda name, reason: notices.tell_barred(
            name, reason, through=[other for other in ground.channels if other != name]
        ),
        tags_of=lambda alert: () if (rule := rules.get(alert.rule_uid)) is None else rule.tags,
        route_of=lambda alert, delivery: routed.routing.route_of(alert, delivery),  # noqa: PLW0108 - built on this
    )
    history = History(database=database, bus=bus, clock=clock, access=access)
    routed = build_routing(
        settings=settings,
        bus=bus,
        clock=clock,
        database=database,
        channels=ground.channels,
        is_live=source.is_live,
        announcer=dispatcher,
        rules=lambda: rules,
        history=history,
        access=access,
    )
    alerting = Alerting(
        database=database, bus=bus, clock=clock, plan=routed.routing.plan, dispatcher=dispatcher
    )
    notices = Notices(alerting=alerting, clock=clock, inhibition=routed.inhibition)
    gaps = GapLedger(store=GapStore(database=database), bus=bus)
    market = build_market(
        ground,
        engine=engine,
        alerting=alerting,
        store=store,
        instruments=instruments,
        watchlist=watchlist,
        watch_groups=watch_groups,
        gaps=gaps,
    )
    rules = Rules(
        engine=engine,
        store=rule_store,
        bus=bus,
        clock=clock,
        new_uid=lambda: uuid.uuid4().hex,
        on_symbols_changed=market.subscriptions.renew,
        on_changed=market.archive.want_history,
        event_now_ns=market.view.event_now_ns,
        instrument=instruments.lookup,
        access=access,
    )
    return Services(
        dispatcher=dispatcher,
        alerting=alerting,
        channel_setup=ChannelSetup(
            channels=ground.channels,
            kinds=CHANNELS,
            send_test=dispatcher.send_test,
            settings=settings,
            secrets=ground.channel_secrets,
            bus=bus,
            clock=clock,
            access=access,
        ),
        dead_letters=DeadLetters(database=database, resend=dispatcher.resend, access=access),
        notices=notices,
        history=history,
        delivery_figures=DeliveryFigures(database=database, clock=clock, lanes=dispatcher.readings),
        routed=routed,
        gaps=gaps,
        market=market,
        rules=rules,
        drafts=RuleDrafts(
            engine=engine,
            rules=rules,
            instrument=instruments.lookup,
            on_looked=market.archive.want_history,
        ),
        adjustments=Adjustments(
            market=market.view,
            watch_also=market.subscriptions.watch_also,
            rules=rules,
            watchlist=market.watchlist,
            store=AdjustmentStore(database=database, venue=source.venue, now_ns=clock.now_ns),
            bus=bus,
            clock=clock,
            by_cusip=by_cusip(ground.sources),
            expiry_days=lambda: settings.number("rules.expiry_days"),
            tell=partial(notices.tell, about_ns=0),  # once, however often the program is started
            access=access,
        ),
        recordings=Recordings(
            folder=RecordingFolder(folder=ground.launch.places.recordings),
            market=market,
            venue=source.venue,
            is_live=source.is_live,
            settings=settings,
            bus=bus,
            clock=clock,
            access=access,
        ),
        health=Health(
            market=market.view,
            bus=bus,
            clock=clock,
            database_file=ground.launch.places.database,
            delivery=lambda: _delivery(alerting, dispatcher, database),
        ),
        breakers=ground.breakers,
        symbols=build_symbols(ground, watched=lambda: market.watchlist.symbols, instruments=instruments),
        past=past_parts(
            database=database,
            store=store,
            instrument=instruments.lookup,
            event_now_ns=market.view.event_now_ns,
            replayed=None if ground.replay is None else ground.replay.opening,
            fetch_gap=ground.sources.fetch_gap,
            settings=settings,
            bus=bus,
            clock=clock,
            access=access,
        ),
        feed_watch=FeedWatch(
            bus=bus,
            clock=clock,
            notices=notices,
            inhibition=routed.inhibition,
            limit_s=lambda: settings.number("feed.notice_seconds"),
            blind_rules=lambda: _count_blind(rules),
        ),
        blind_watch=BlindWatch(
            bus=bus,
            clock=clock,
            notices=notices,
            limit_s=lambda: settings.number("feed.notice_seconds"),
            is_blind=market.view.is_blind,
            feed_of=market.view.feed_of,
            blind_rules=lambda: _count_blind(rules),
        ),
        rotation=build_rotation(
            secrets=ground.secrets,
            kept=RotationStore(database=database),
            own={SLACK_BOT: SlackTokens(settings=settings, clock=clock)},
            key=ground.secrets.copies,
            settings=settings,
            notices=notices,
            settle=history.settle,
            on_replaced=lambda secret: tell_channels(bus, secret),
            audit=ground.audit,
            access=ground.access,
            bus=bus,
            clock=clock,
            masked=ground.launch.mask,
        ),
        position=RunPosition(
            run=ground.run,
            is_live=source.is_live,
            engine=engine,
            market=market.view,
            alerting=alerting,
            database=database,
            clock=clock,
            drain_s=lambda: ground.ending.drain_s,
        ),
        audit=audit_parts(
            access=access,
            trail=ground.audit,
            database=database,
            keyring=keyring_keeper(ground.launch, clock),
            settings=settings,
            clock=clock,
            notices=lambda: notices,
        ),
    )


def _delivery(alerting: Alerting, dispatcher: Dispatcher, database: Database) -> DeliveryReading:
    return DeliveryReading(
        decided_ns=alerting.decided_ns,
        saved_ns=alerting.saved_ns,
        outbox_pending=dispatcher.pending_count,
        storage_queue=database.queue_length,
        storage_error=database.trouble,
        channels=dispatcher.states(),
    )


def _count_blind(rules: Rules) -> int:
    return sum(
        any(status.phase is RulePhase.BLIND for status in rules.statuses(rule.uid)) for rule in rules.all()
    )
