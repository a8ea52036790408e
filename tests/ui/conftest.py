"""A small real desk for the window: the bus is the program's, the services are lists and dictionaries."""

import asyncio
import functools
import itertools
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QTableView
from shiboken6 import isValid

from tests.audit_memory import MemoryDatabase
from tests.fakes import KeptSilences, ListTrail, ManualClock, MemoryKeeper, RecordingChannel, store_of
from tradeassist_desktop import paths
from tradeassist_desktop.channels import CHANNELS, build_channels
from tradeassist_desktop.channels.kind import ChannelContext
from tradeassist_desktop.domain.access import OPEN, Act, Denied, Role
from tradeassist_desktop.domain.alerts import Alert, AlertState, AlertStatus, Leg, Priority
from tradeassist_desktop.domain.channels import Channel, Receipt
from tradeassist_desktop.domain.delivery import Attempt, Delivery, DeliveryKey, DeliveryState
from tradeassist_desktop.domain.delivery_figures import Span
from tradeassist_desktop.domain.errors import TradeAssistError, UsageError
from tradeassist_desktop.domain.events import (
    AlertRaised,
    AlertsAcknowledged,
    BreakerChanged,
    DeliveryChanged,
    FeedChanged,
    GapsChanged,
    ProposalsChanged,
    RecordingChanged,
    RotationStepped,
    RulesChanged,
    SettingChanged,
    SignInChanged,
    WorthLearned,
)
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.gaps import Gap
from tradeassist_desktop.domain.health import (
    FeedState,
    FeedStatus,
    HealthReport,
    Percentiles,
    Refusal,
    RequestLoad,
)
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar, Instrument, Quote, TradingStatus
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.recordings import FileSummary, KeptRecording, RecordingState
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.domain.rotation import RotationStanding, RotationStep
from tradeassist_desktop.domain.rules import PriceLevel, Rule, RulePhase, RuleStatus, Standing
from tradeassist_desktop.domain.secret import SecretKeeper
from tradeassist_desktop.domain.setting import checked
from tradeassist_desktop.domain.settings import SETTINGS, setting
from tradeassist_desktop.domain.sign_in import SignInState, SignInStatus
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.domain.verdicts import GivenVerdict
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.rulefiles.price_levels import price_levels
from tradeassist_desktop.engine.studies.worth.model import Model, Score
from tradeassist_desktop.recordings.survey import needs_symbol, survey
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.runtime.to_the_end import to_the_end
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.services.adjusting.proposals import Proposal
from tradeassist_desktop.services.audit.anchoring import Anchoring
from tradeassist_desktop.services.audit.book import AuditBook
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.backtesting.backtests import Backtests
from tradeassist_desktop.services.changes import Change
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.services.credentials.credentials import Credentials
from tradeassist_desktop.services.credentials.google_cloud import GoogleCloud
from tradeassist_desktop.services.credentials.trying import Trying
from tradeassist_desktop.services.dead_letters import DeadLetter
from tradeassist_desktop.services.delivery_figures import DeliveryReport
from tradeassist_desktop.services.market.market_view import EarlierBars
from tradeassist_desktop.services.market.watchlist import Watchlist
from tradeassist_desktop.services.rotation.works import RotationOutcome
from tradeassist_desktop.services.rotation.written import TellingTrail
from tradeassist_desktop.services.routing.mutes import Mutes
from tradeassist_desktop.services.routing.policy import CurrentPolicy
from tradeassist_desktop.services.routing.routing import Routing
from tradeassist_desktop.services.routing.silence_book import SilenceBook
from tradeassist_desktop.services.routing.silences import Silences
from tradeassist_desktop.services.rule_drafts import RuleDrafts
from tradeassist_desktop.services.rules.edit import RuleEdit
from tradeassist_desktop.services.rules.in_force import OnProgress
from tradeassist_desktop.services.settings import SettingRow, Settings
from tradeassist_desktop.services.suggesting.suggestions import Suggestions
from tradeassist_desktop.services.symbols import Symbols
from tradeassist_desktop.services.templates.own import OwnTemplates
from tradeassist_desktop.services.testing.older_days import OlderDays
from tradeassist_desktop.services.testing.preview import MarketFile, Preview
from tradeassist_desktop.services.verdicts import Verdicts
from tradeassist_desktop.services.worth.track_record import TrackRecord
from tradeassist_desktop.services.worth.training import NotEnough
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.faults import StorageFailed
from tradeassist_desktop.ui.channels.answering import LocalChannels
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.channels.sound import SoundChannel
from tradeassist_desktop.ui.channels.tray import TrayChannel
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.toasts import ToastStack

START_NS = 1_719_928_800 * NS_PER_SECOND  # 2024-07-02 14:00:00 UTC


class DeskClock:
    """Moves only when told."""

    def __init__(self) -> None:
        self.ns = START_NS

    def now_ns(self) -> int:
        return self.ns

    def monotonic_ns(self) -> int:
        return self.ns

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class DeskMarket:
    def __init__(self, bus: Bus, clock: DeskClock) -> None:
        self._bus = bus
        self._clock = clock
        self.feed_status = FeedStatus(state=FeedState.LIVE, name="demo", heartbeat_ns=START_NS)
        self.quotes: dict[str, Quote] = {}
        self.counts: dict[str, int] = {}
        self.instruments: dict[str, Instrument] = {}
        self.closed: dict[tuple[str, str], list[Bar]] = {}
        self.earlier: dict[tuple[str, str], list[Bar]] = {}
        self.closed_counts: dict[tuple[str, str], int] = {}
        self.forming: dict[tuple[str, str], Bar] = {}
        self.sparklines: dict[str, list[float]] = {}
        self.halted: dict[str, TradingStatus] = {}
        self.blind: set[str] = set()
        self.refused: dict[str, tuple[Refusal, ...]] = {}

    @property
    def feed_statuses(self) -> tuple[FeedStatus, ...]:
        return (self.feed_status,)

    def become(self, status: FeedStatus) -> None:
        self.feed_status = status
        self._bus.publish(FeedChanged(status=status))

    def trade(self, symbol: str, price: float, **fields: Any) -> None:
        before = self.quotes.get(symbol)
        values = {"last": price, "trade_ns": self._clock.ns, "event_ns": self._clock.ns, **fields}
        quote = Quote(symbol=symbol, event_ns=self._clock.ns, received_ns=self._clock.ns)
        self.quotes[symbol] = replace(before or quote, **values)
        self.counts[symbol] = self.counts.get(symbol, 0) + 1

    def quote(self, symbol: str) -> Quote | None:
        return self.quotes.get(symbol)

    def instrument(self, symbol: str) -> Instrument:
        return self.instruments.get(symbol, Instrument(symbol=symbol))

    def updates(self, symbol: str) -> int:
        return self.counts.get(symbol, 0)

    def trading(self, symbol: str) -> TradingStatus:
        return self.halted.get(symbol, TradingStatus.NORMAL)

    def is_blind(self, symbol: str) -> bool:
        return symbol in self.blind

    def gate_counts(self) -> dict[str, int]:
        return {reason: len(kept) for reason, kept in self.refused.items()}

    def refusals(self) -> dict[str, tuple[Refusal, ...]]:
        return self.refused

    def is_silent(self, symbol: str) -> bool:
        return self.updates(symbol) == 0

    def feed_of(self, symbol: str) -> str:
        return self.feed_status.name

    def event_now_ns(self) -> int:
        return self._clock.ns

    async def bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        return self.closed.get((symbol, timeframe), [])[-limit:]

    async def earlier_bars(self, symbol: str, timeframe: str, before_ns: int, shown: int) -> EarlierBars:
        found = [bar for bar in self.earlier.get((symbol, timeframe), []) if bar.start_ns < before_ns]
        return EarlierBars(found[-200:], is_more_likely=len(found) > 200)

    def forming_bar(self, symbol: str, timeframe: str) -> Bar | None:
        return self.forming.get((symbol, timeframe))

    def closed_bars_count(self, symbol: str, timeframe: str) -> int:
        return self.closed_counts.get((symbol, timeframe), 0)

    def sparkline(self, symbol: str) -> Sequence[float]:
        return self.sparklines.get(symbol, [])


class DeskRules:
    """Knows one form of rule: ``SYMBOL last crosses above NUMBER``."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.rules: dict[str, Rule] = {}
        self.removed: dict[str, Rule] = {}
        self.states: dict[str, RuleStatus] = {}
        self.lines: dict[str, tuple[PriceLevel, ...]] = {}
        self.explained: dict[str, Any] = {}
        self.turn = asyncio.Lock()
        self.is_free = asyncio.Event()
        self.is_free.set()
        self._numbers = itertools.count(1)

    def all(self) -> tuple[Rule, ...]:
        return tuple(self.rules.values())

    def get(self, uid: str) -> Rule | None:
        return self.rules.get(uid)

    def statuses(self, uid: str) -> tuple[RuleStatus, ...]:
        rule = self.rules.get(uid)
        if rule is None:
            return ()
        armed = RuleStatus(uid=uid, symbol=rule.symbols[0], phase=RulePhase.ARMED)
        return (self.states.get(uid, armed),)

    def explain(self, uid: str, symbol: str) -> Explanation | None:
        rule = self.rules.get(uid)
        if rule is None:
            return None
        explanation = Explanation(
            uid=uid,
            rule_name=rule.name,
            symbol=symbol,
            condition=rule.when,
            event_ns=START_NS,
            is_true=None,
            legs=(),
            phase=RulePhase.ARMED,
        )
        return replace(explanation, **self.explained)

    def in_words(self, rule: Rule) -> str:
        return rule.when.replace("last", "last price")

    async def add_text(self, text: str) -> Rule:
        rule = self.read_text(text)
        await self.put(rule)
        return rule

    def new_uid(self) -> str:
        return f"rule-{next(self._numbers)}"

    def free_name(self, wanted: str, *, taken: Iterable[str] = ()) -> str:
        names = {rule.name for rule in self.rules.values()} | set(taken)
        return next(
            name for name in (wanted, *(f"{wanted} ({n})" for n in range(2, 99))) if name not in names
        )

    def read_text(self, text: str) -> Rule:
        symbol, _, condition = text.partition(" ")
        return Rule(uid=self.new_uid(), name=self.free_name(text), symbols=(symbol,), when=condition)

    def edit(
        self, words: str, after: Mapping[str, Rule | None], *, on_progress: OnProgress | None = None
    ) -> Change:
        """Return the real change, on the rules of this desk."""
        edit = RuleEdit(
            words=words,
            after=after,
            book=self,  # type: ignore[arg-type]
            in_force=self,  # type: ignore[arg-type]
            access=OPEN,
            on_progress=on_progress,
        )
        edit.check()
        return edit

    async def edit_many(self, words: str, after: Mapping[str, Rule | None], **progress: Any) -> Change:
        return self.edit(words, after, **progress)

    def owners(self, after: Mapping[str, Rule | None]) -> dict[str, str]:
        return {rule.name: uid for uid, rule in self.rules.items() if uid not in after}

    async def change(
        self, after: Mapping[str, Rule | None], *, on_progress: OnProgress | None = None, **_: Any
    ) -> dict[str, Any]:
        return await to_the_end(self._changed(after, on_progress))

    async def _changed(
        self, after: Mapping[str, Rule | None], on_progress: OnProgress | None
    ) -> dict[str, Any]:
        if on_progress is not None:
            on_progress(20, len(after))
        await self.is_free.wait()
        for uid, rule in after.items():
            if rule is None:
                self.removed[uid] = self.rules.pop(uid)
            else:
                self.rules[uid] = rule
        self._bus.publish(RulesChanged(uids=tuple(after)))
        return {}

    async def put(self, rule: Rule) -> None:
        self.rules[rule.uid] = rule
        self._bus.publish(RulesChanged(uids=(rule.uid,)))

    async def remove(self, uids: Sequence[str]) -> None:
        for uid in uids:
            self.removed[uid] = self.rules.pop(uid)
        self._bus.publish(RulesChanged(uids=tuple(uids)))

    async def snooze(self, uids: Sequence[str], *, for_ns: int | None = None) -> None:
        until_ns = START_NS + (8 * 3600 * NS_PER_SECOND if for_ns is None else for_ns)
        for uid in uids:
            self.states[uid] = RuleStatus(uid, "/ES", RulePhase.SNOOZED, until_ns)
        self._bus.publish(RulesChanged(uids=tuple(uids)))

    async def wake(self, uids: Sequence[str]) -> None:
        for uid in uids:
            self.states.pop(uid, None)
        self._bus.publish(RulesChanged(uids=tuple(uids)))

    def levels(self, symbol: str) -> tuple[PriceLevel, ...]:
        if symbol in self.lines:
            return self.lines[symbol]
        return tuple(
            PriceLevel(rule.uid, rule.name, symbol, price, is_armed=True)
            for rule in self.rules.values()
            if rule.active
            for of, price in price_levels(parse(rule.when), rule.symbols[0])
            if of == symbol
        )


class KeptVerdicts:
    """Keeps verdicts in memory alone."""

    async def load(self) -> tuple[GivenVerdict, ...]:
        return ()

    async def put(self, given: Sequence[GivenVerdict], withdrawn: Sequence[str] = ()) -> None:
        return


class DeskWorth:
    """Has learned what it is told to have."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.is_possible = self.is_wanted = True
        self.model: Model | None = None
        self.trouble = ""
        self.given: dict[str, Score] = {}
        self.records: dict[str, TrackRecord] = {}
        self.to_learn: Model | TradeAssistError = NotEnough("3 alerts of known worth, 1 of them worth it.")

    def score(self, alert_id: str) -> Score | None:
        return self.given.get(alert_id)

    def track_record(self, rule_uid: str) -> TrackRecord | None:
        return self.records.get(rule_uid)

    async def learn(self) -> Model:
        if isinstance(self.to_learn, TradeAssistError):
            self.trouble = str(self.to_learn)
            self._bus.publish(WorthLearned())
            raise self.to_learn
        self.model, self.trouble = self.to_learn, ""
        self._bus.publish(WorthLearned())
        return self.model


class DeskPast:
    """What rules are studied on: one recorded week of minutes, however many days are asked for."""

    week = paths.resources() / "samples" / "6eh24-2024-01-week2-1min.csv.gz"

    def data(self, *rules: Rule, days: int) -> MarketFile:
        return MarketFile(self.week, "/6EH24")


class DeskAdjustments:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.found: tuple[Proposal, ...] = ()
        self.ends: dict[str, tuple[str, int]] = {}
        self.done: list[tuple[str, str]] = []

    def proposals(self) -> tuple[Proposal, ...]:
        return self.found

    def ending(self, rule: Rule) -> tuple[str, int] | None:
        return self.ends.get(rule.uid)

    def propose(self, *proposals: Proposal) -> None:
        self.found = proposals
        self._bus.publish(ProposalsChanged(count=len(proposals)))

    async def apply(self, proposal_id: str) -> Callable[[], Any]:
        return self._settle("applied", proposal_id)

    async def dismiss(self, proposal_id: str) -> Callable[[], Any]:
        return self._settle("dismissed", proposal_id)

    def _settle(self, outcome: str, proposal_id: str) -> Callable[[], Any]:
        before = self.found
        self.done.append((outcome, proposal_id))
        self.propose(*(each for each in before if each.id != proposal_id))

        async def undo() -> None:
            self.done.append(("undone", proposal_id))
            self.propose(*before)

        return undo


class DeskFigures:
    """Of a desk that has sent nothing yet."""

    def __init__(self, clock: DeskClock) -> None:
        self._clock = clock

    def lanes(self) -> dict[str, Any]:
        return {}

    async def report(self, span: Span) -> DeliveryReport:
        return DeliveryReport(
            span=span, since_ns=0, taken_ns=self._clock.ns, channels=(), reasons=(), lanes={}
        )

    async def attempts(self, alert_id: str) -> tuple[Attempt, ...]:
        return ()

    async def record(self, alert_id: str) -> AlertRecord | None:
        return None


class DeskHistory:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.kept: list[AlertRecord] = []
        self.acknowledged: set[str] = set()
        self.is_disk_full = False

    def fire(self, record: AlertRecord) -> None:
        self.kept.insert(0, record)
        self._bus.publish(AlertRaised(alert=record.alert, deliveries=record.deliveries, is_saved=True))

    def records(self) -> tuple[AlertRecord, ...]:
        return tuple(self.kept)

    def record(self, alert_id: str) -> AlertRecord | None:
        return next((record for record in self.kept if record.alert.id == alert_id), None)

    def is_acknowledged(self, alert_id: str) -> bool:
        return alert_id in self.acknowledged

    async def acknowledge(self, ids: Sequence[str]) -> None:
        if self.is_disk_full:
            raise StorageFailed("The disk is full.")
        self.acknowledged.update(ids)
        self._mark(ids, AlertState.ACKNOWLEDGED)

    async def unacknowledge(self, ids: Sequence[str]) -> None:
        self.acknowledged.difference_update(ids)
        self._mark(ids, AlertState.NEW)

    @property
    def unacknowledged_count(self) -> int:
        return sum(
            record.state is AlertState.NEW and record.alert.status is AlertStatus.FIRED
            for record in self.kept
        )

    def _mark(self, ids: Sequence[str], state: AlertState) -> None:
        self.kept = [replace(each, state=state) if each.alert.id in ids else each for each in self.kept]
        self._bus.publish(AlertsAcknowledged(alert_ids=tuple(ids)))


class DeskDeadLetters:
    """Holds what a test gives up; sending it again takes it off."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.letters: list[DeadLetter] = []
        self.resent: list[DeliveryKey] = []
        self.discarded: set[DeliveryKey] = set()

    def give_up(self, letter: DeadLetter) -> None:
        self.letters.insert(0, letter)
        self._bus.publish(DeliveryChanged(delivery=letter.delivery))

    async def newest(self) -> tuple[DeadLetter, ...]:
        return tuple(letter for letter in self.letters if letter.delivery.key not in self.discarded)

    async def discard(self, keys: Sequence[DeliveryKey]) -> None:
        self.discarded.update(keys)

    async def take_back(self, keys: Sequence[DeliveryKey]) -> None:
        self.discarded.difference_update(keys)

    def are_discarded(self, keys: Sequence[DeliveryKey]) -> bool:
        return self.discarded.issuperset(keys)

    async def resend(self, keys: Sequence[DeliveryKey]) -> int:
        self.resent += keys
        self.letters = [letter for letter in self.letters if letter.delivery.key not in keys]
        return len(keys)


class DeskSettings:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.values: dict[str, Any] = {setting.key: setting.default for setting in SETTINGS}

    def get(self, key: str) -> Any:
        return self.values[key]

    def flag(self, key: str) -> bool:
        return bool(self.values[key])

    def number(self, key: str) -> float:
        return float(self.values[key])

    def text(self, key: str) -> str:
        return str(self.values[key])

    def names(self, key: str) -> tuple[str, ...]:
        return tuple(self.values[key])

    def rows(self) -> tuple[SettingRow, ...]:
        return tuple(
            SettingRow(
                spec=spec,
                value=self.values[spec.key],
                source="default" if self.values[spec.key] == spec.default else "file",
            )
            for spec in SETTINGS
        )

    async def set(self, key: str, value: Any) -> None:
        self.values[key] = checked(setting(key), value)
        self._bus.publish(SettingChanged(key=key))


class DeskGaps:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.ledger: list[Gap] = []

    def newest(self) -> list[Gap]:
        return list(reversed(self.ledger))

    def note(self, **fields: Any) -> None:
        self.ledger.append(Gap(number=len(self.ledger) + 1, **fields))
        self._bus.publish(GapsChanged())


class DeskRecordings:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.is_live = True
        self.place = Path("/nowhere/recordings")
        self.state = RecordingState()
        self.files: list[KeptRecording] = []
        self.is_slow = False

    def become(self, state: RecordingState) -> None:
        self.state = state
        self._bus.publish(RecordingChanged(state=state))

    async def start(self) -> None:
        self.become(RecordingState(file=self.place / "new.csv.gz", since_ns=START_NS))

    async def stop(self) -> None:
        self.become(RecordingState())

    async def kept(self) -> list[KeptRecording]:
        return list(self.files)

    async def learn(self, kept: KeptRecording) -> KeptRecording:
        return kept

    async def delete(self, file: Path) -> Callable[[], Any]:
        deleted = [kept for kept in self.files if kept.file == file]
        self.files = [kept for kept in self.files if kept.file != file]
        self.become(self.state)

        async def take_back() -> None:
            self.files += deleted
            self.become(self.state)

        return take_back

    async def needs_symbol(self, file: Path) -> bool:
        return needs_symbol(file)

    async def examine(
        self, file: Path, *, symbol: str | None, tell: Callable[[float], None], is_wanted: Callable[[], bool]
    ) -> FileSummary | None:
        while self.is_slow and is_wanted():
            tell(0.25)
            await asyncio.sleep(0.01)
        return survey(file, symbol=symbol) if is_wanted() else None


class DeskSignIn:
    """Takes one key, and one address, as right."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.status = SignInStatus(
            state=SignInState.SIGNED_OUT, detail="You are not signed in to Schwab: sign in.", has_app=True
        )
        self.apps: list[tuple[str, str]] = []
        self.pasted: list[str] = []

    def become(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)
        self._bus.publish(SignInChanged(status=self.status))

    async def use_app(self, key: str, secret: str) -> None:
        if not key:
            raise UsageError("The app key is a word of letters and digits.")
        self.apps.append((key, secret))
        self.become(has_app=True)

    async def begin(self) -> None:
        self.become(
            state=SignInState.WAITING,
            detail="Sign in on the page that has opened in your browser.",
            address="https://schwab/authorize?state=s",
            callback="https://127.0.0.1:8182",
        )

    def paste(self, address: str) -> None:
        if "code=" not in address:
            raise UsageError("That address leads elsewhere.")
        self.pasted.append(address)
        self.become(state=SignInState.SIGNED_IN, detail="")

    async def cancel(self) -> None:
        self.become(state=SignInState.SIGNED_OUT, detail="")


class DeskGate:
    """Lets everything pass until somebody else sits at the desk; ``refused`` goes into an audit log."""

    def __init__(self) -> None:
        self.is_admin = True
        self.refused: list[Act] = []

    def may(self, act: Act) -> bool:
        return self.is_admin

    def require(self, act: Act) -> None:
        if not self.is_admin:
            self.refused.append(act)
            raise Denied(act, Role.TRADER, is_locked=False)


class DeskRotation:
    """Has what it was given; a rotation goes on once it ``may_go_on``."""

    def __init__(self, bus: Bus, clock: DeskClock) -> None:
        self._bus = bus
        self._clock = clock
        self.given: dict[str, RotationStanding] = {}
        self.may_go_on = asyncio.Event()

    def standings(self) -> tuple[RotationStanding, ...]:
        return tuple(self.given.values())

    async def snooze(self, name: str, *, days: int) -> None:
        until_ns = self._clock.now_ns() + days * 86_400 * 10**9
        self.given[name] = replace(self.given[name], snoozed_until_ns=until_ns)

    async def rotate_now(self, name: str) -> RotationOutcome:
        self._bus.publish(RotationStepped(secret=name, step=RotationStep.VERIFY))
        await self.may_go_on.wait()
        self._bus.publish(RotationStepped(secret=name, step=RotationStep.IDLE))
        return RotationOutcome(True, "Replaced; the new one is in use.")


class DeskPreviews:
    """Knows of nothing that was kept; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Rule] = []
        self.recording: Path | None = None

    def prepare(self) -> None:
        pass

    async def look(self, rule: Rule, **asked: Any) -> Preview:
        self.asked.append(rule)
        return Preview(
            rule=rule,
            fired=0,
            firings=(),
            held_back=0,
            is_cut=False,
            reports=(),
            read=(),
            files=(),
            silent=(),
        )

    async def close(self) -> None:
        pass


@dataclass
class FakeDesk:
    bus: Bus = field(default_factory=Bus)
    clock: DeskClock = field(default_factory=DeskClock)
    source: str = "Demo market"
    is_dev: bool = False
    sign_in: DeskSignIn | None = None
    access: Any = OPEN
    lock: DeskLock | None = None

    def __post_init__(self) -> None:
        self.market = DeskMarket(self.bus, self.clock)
        self.watch()
        self.reconnected: list[str] = []
        self.reconnect = self.reconnected.append
        self.rules = DeskRules(self.bus)
        self.engine = Engine(instruments=self.market.instrument)
        self.drafts = RuleDrafts(
            engine=self.engine,
            rules=self.rules,
            instrument=self.market.instrument,
            on_looked=lambda: None,
        )
        self.adjustments = DeskAdjustments(self.bus)
        self.history = DeskHistory(self.bus)
        self.delivery_figures: Any = DeskFigures(self.clock)
        self.settings = DeskSettings(self.bus)
        self.previews: Any = DeskPreviews()
        self.older_days = OlderDays(
            fetch=None, keep=self._keep_nothing, clock=self.clock, on_grown=lambda *_: None
        )
        self.own_templates = OwnTemplates(file=None)
        self.health = SimpleNamespace(report=None)
        self.breakers = Breakers(clock=self.clock, rng=random.Random(1))
        self.breakers.listen(lambda reading: self.bus.publish(BreakerChanged(reading=reading)))
        numbers = itertools.count()
        book = SilenceBook(clock=self.clock)
        self.silences = Silences(
            book=book,
            store=KeptSilences(),
            bus=self.bus,
            clock=self.clock,
            new_id=lambda: f"silence-{next(numbers)}",
        )
        policy = CurrentPolicy(settings=self.settings)
        policy.follow(self.bus, lambda: None)
        self.routing = Routing(
            policy=policy,
            mutes=Mutes(
                policy=policy,
                book=book,
                rule=self.rules.get,
                standing=lambda uid, symbol: Standing(False),
                is_local=lambda name: True,
                is_live=True,
            ),
            clock=self.clock,
            is_set_up=lambda name: True,
        )
        self.dead_letters = DeskDeadLetters(self.bus)
        self.audit_gate = DeskGate()
        self.audit_trail = AuditLog(clock=self.clock, mask=str, bus=self.bus)
        self.audit_database = MemoryDatabase()
        self.audit_store = AuditStore(transactions=self.audit_database)
        self.audit_trail.open(self.audit_store)
        self.audit = AuditBook(
            access=self.audit_gate,
            who=lambda: "trader",
            store=self.audit_store,
            trail=self.audit_trail,
            anchoring=Anchoring(
                store=self.audit_store,
                trail=self.audit_trail,
                keeper=MemoryKeeper(),
                clock=SystemClock(),
                tell=lambda broken: None,
            ),
            clock=SystemClock(),
        )
        self.keyring = MemoryKeeper()
        self.acts = ListTrail()
        self.channels: dict[str, Channel] = {
            name: RecordingChannel(name) for name in ("toast", "tray", "sound")
        }
        self.rotation = DeskRotation(self.bus, self.clock)
        self.use_keeper(self.keyring)
        self.gaps = DeskGaps(self.bus)
        self.recordings = DeskRecordings(self.bus)
        self.replay: Any = None
        self.reopened: list[Opening | None] = []
        self.reopen = self.reopened.append
        self.load = RequestLoad(used=12, limit=120)
        self.requests = lambda: self.load
        self.searched: list[str] = []
        self.listed: list[FoundInstrument] = []
        self.verdicts = Verdicts(store=KeptVerdicts(), bus=self.bus, clock=self.clock)
        self.worth = DeskWorth(self.bus)
        self.past = DeskPast()
        self.suggestions = Suggestions(
            past=self.past, backtests=Backtests(most_workers=1), instrument=self.market.instrument
        )
        self.symbols = Symbols(
            searches=(self._search,),
            known=lambda: [self.market.instrument(symbol) for symbol in self.watchlist.symbols],
            clock=self.clock,
        )

    def watch(self, *symbols: str) -> None:
        """Have the real list, of these symbols."""
        self.watchlist = Watchlist(symbols=symbols, store=None, bus=self.bus, on_changed=lambda: None)

    def _channel_setup(self) -> ChannelSetup:
        """Return the real one, over a keyring in memory."""
        store = self.secret_store
        # Its patience with a keyring is real: on a clock that only a test moves it would have none.
        self.secrets = secrets = ChannelSecrets(store=store, clock=SystemClock())
        self.channels |= build_channels(
            ChannelContext(
                settings=self.settings,
                read_secret=secrets.read,
                clock=self.clock,
                mask=lambda texts: None,
            )
        )

        async def send_test(name: str, message: Message) -> Receipt:
            return await self.channels[name].send(message)

        return ChannelSetup(
            channels=self.channels,
            kinds=CHANNELS,
            send_test=send_test,
            settings=self.settings,  # type: ignore[arg-type]
            secrets=secrets,
            bus=self.bus,
            clock=self.clock,
        )

    def use_keeper(self, *keepers: SecretKeeper) -> None:
        """Have secrets kept by these."""
        self.secret_store = store_of(*keepers, trail=TellingTrail(trail=self.acts, bus=self.bus))
        self.channel_setup = self._channel_setup()
        self.credentials = self._credentials()
        self.google_cloud = GoogleCloud(
            secrets=self.secret_store,
            settings=self.settings,  # type: ignore[arg-type]
            trail=self.acts,
            access=self.audit_gate,
            clock=SystemClock(),  # its patience with another machine is real, too
            rng=random.Random(7),
        )

    def _credentials(self) -> Credentials:
        """Return the real ones, over the keyring in memory; as of ``want_sign_in`` with its sign-in."""
        return Credentials(
            secrets=self.secret_store,
            rotation=self.rotation,  # type: ignore[arg-type]
            audit=self.audit,
            trail=self.acts,
            trying=Trying(
                secrets=self.secret_store,
                settings=self.settings,  # type: ignore[arg-type]
                channel_setup=self.channel_setup,
                kinds=CHANNELS,
                sign_in=self.sign_in,  # type: ignore[arg-type]
            ),
            sign_in=self.sign_in,  # type: ignore[arg-type]
            on_changed=lambda secret: None,
            access=self.audit_gate,
            bus=self.bus,
            clock=self.clock,
        )

    async def _search(self, text: str, limit: int) -> list[FoundInstrument]:
        self.searched.append(text)
        return [each for each in self.listed if each.symbol.startswith(text.upper())][:limit]

    async def _keep_nothing(self, symbol: str, closed: Sequence[Bar]) -> None:
        pass

    def want_sign_in(self) -> None:
        """Become the desk of a venue that wants its trader to sign in."""
        self.sign_in = DeskSignIn(self.bus)
        self.credentials = self._credentials()

    def report(self, **changes: Any) -> HealthReport:
        values: dict[str, Any] = {
            "taken_ns": self.clock.ns,
            "feed": self.market.feed_status,
            "ticks_per_second": 62.0,
            "ticks_total": 12_345,
            "loop_lag": Percentiles(1200, 0.4, 3.2, 9.0),
            "tick_to_alert": Percentiles(12, 0.05, 0.21, 0.3),
            "tick_to_saved": Percentiles(12, 2.1, 6.4, 7.0),
            "outbox_pending": 0,
            "storage_queue": 0,
            "storage_error": None,
            "database_bytes": 12_582_912,
            "memory_bytes": 188_000_000,
            "cpu_percent": 11.0,
            "rejected": {"late": 3},
            "channels": {"toast": "ok", "tray": "ok", "sound": "unavailable: no sound device"},
        }
        return HealthReport(**{**values, **changes})


def make_alert(alert_id: str, **changes: Any) -> Alert:
    """Return /ES crossing 5530, fired, normal priority."""
    values: dict[str, Any] = {
        "id": alert_id,
        "rule_uid": "rule-0",
        "rule_name": "ES breakout",
        "symbol": "/ES",
        "sequence": 0,
        "priority": Priority.NORMAL,
        "status": AlertStatus.FIRED,
        "event_ns": START_NS,
        "value": 5530.25,
        "message": "/ES last 5530.25 crosses above 5530",
        "condition": "last crosses above 5530",
        "legs": (Leg("last crosses above 5530", 5530.25, 5530.0, True),),
        "received_ns": START_NS + 12_000_000,
        "evaluated_ns": START_NS + 12_050_000,
    }
    return Alert(**{**values, **changes})


def make_record(alert_id: str, **changes: Any) -> AlertRecord:
    """Return a stored alert, delivered by toast and tray, without a sound device."""
    alert = make_alert(alert_id, **changes)
    deliveries = tuple(
        Delivery(alert_id, channel, state=state, attempts=1, finished_ns=START_NS + 20_000_000, detail=detail)
        for channel, state, detail in (
            ("toast", DeliveryState.DELIVERED, ""),
            ("tray", DeliveryState.DELIVERED, ""),
            ("sound", DeliveryState.UNAVAILABLE, "no sound device"),
        )
    )
    if alert.status is AlertStatus.SUPPRESSED:
        deliveries = ()
    return AlertRecord(alert=alert, deliveries=deliveries, committed_ns=START_NS + 15_000_000)


def make_bars(symbol: str, timeframe: str, count: int, *, first: float, tick: float) -> list[Bar]:
    """Return a seeded walk that ends before ``START_NS``."""
    chance = random.Random(7)
    width = TIMEFRAMES[timeframe]
    bars: list[Bar] = []
    close = first
    for number in range(count):
        start = START_NS - (count - number) * width
        opened = close
        moves = [round(chance.gauss(0, 3)) * tick for _ in range(6)]
        path = [opened]
        for move in moves:
            path.append(path[-1] + move)
        close = path[-1]
        volume = 200 + chance.randrange(1500) + 90 * abs(close - opened) / tick
        bars.append(Bar(symbol, timeframe, start, start + width, opened, max(path), min(path), close, volume))
    return bars


@pytest.fixture
def desk() -> FakeDesk:
    """A desk with /ES, AAPL and a symbol that stays silent; one rule."""
    made = FakeDesk()
    made.watch("/ES", "AAPL", "NOSUCH")
    made.market.instruments["/ES"] = Instrument("/ES", tick_size=0.25, description="E-mini S&P 500")
    made.market.trade("/ES", 5528.5, prev_close=5500.0, bid=5528.25, ask=5528.5, volume=1_234_567.0)
    made.market.trade("AAPL", 220.1, prev_close=221.0, bid=220.09, ask=220.11, volume=8_200.0)
    made.rules.rules["rule-0"] = Rule(
        uid="rule-0", name="ES breakout", symbols=("/ES",), when="last crosses above 5530"
    )
    made.market.closed["/ES", "1m"] = make_bars("/ES", "1m", 300, first=5520.0, tick=0.25)
    return made


@pytest.fixture
def gate(desk: FakeDesk) -> DeskGate:
    """Says who may do what; to be asked for before the window is."""
    desk.access = desk.audit_gate
    return desk.audit_gate


@functools.cache
def _worn(application: QApplication) -> Theme:
    made = Theme(application=application, resources=paths.resources(), parent=application)
    made.start("dark", "green_red")
    return made


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The theme every test begins with: dark. One for all, as to put it on takes as long as most tests do."""
    worn = _worn(qapp)
    tokens = worn.tokens
    yield worn
    if worn.tokens != tokens:
        worn.choose("dark", "green_red")


@pytest.fixture
async def window(
    desk: FakeDesk, theme: Theme, tmp_path: Path, until: Callable[..., Any]
) -> AsyncIterator[MainWindow]:
    """The whole window on the desk, every panel built."""
    state_file = tmp_path / "layout.ini"
    state_file.write_text("[welcome]\nopen=false\n")  # whoever tests this has been here before
    made = MainWindow(desk=desk, theme=theme, state_file=state_file)  # type: ignore[arg-type]
    made.start()
    made.build_every_panel()
    made.activateWindow()
    await until(made.isActiveWindow)
    yield made
    await made.finish()
    await desk.secrets.close()
    made.deleteLater()


@pytest.fixture
def requests(qapp: QApplication) -> AlertRequests:
    """What is asked for on toasts and notifications."""
    return AlertRequests()


@pytest.fixture
def make_stack(
    desk: FakeDesk, theme: Theme, requests: AlertRequests, tmp_path: Path
) -> Iterator[Callable[..., ToastStack]]:
    """``make_stack(settings, room=…)``: toasts of this desk, closed in the end."""
    made: list[ToastStack] = []

    def make(settings: Settings | None = None, **more: Any) -> ToastStack:
        made.append(
            ToastStack(
                theme=theme,
                settings=settings or Settings(file=tmp_path / "settings.json"),
                clock=desk.clock,
                requests=requests,
                screen=QGuiApplication.primaryScreen,
                **more,
            )
        )
        return made[-1]

    yield make
    for stack in made:
        if isValid(stack.window):
            stack.close()


@pytest.fixture
def stack(make_stack: Callable[..., ToastStack]) -> ToastStack:
    """Toasts of this desk, where they stand unless told otherwise."""
    return make_stack()


@pytest.fixture
def alert() -> Callable[..., AlertRecord]:
    """``alert(id, **fields)``: a stored alert."""
    return make_record


@pytest.fixture
def bars() -> Callable[..., list[Bar]]:
    """``bars(symbol, timeframe, count, first=…, tick=…)``: a seeded walk."""
    return make_bars


@pytest.fixture
def choose_row() -> Callable[..., None]:
    """``choose_row(table, row)``: select one row, whatever keys another test seems to hold down."""

    def choose(table: QTableView, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        chosen = flags.ClearAndSelect | flags.Rows
        table.selectionModel().setCurrentIndex(table.model().index(row, 0), chosen)

    return choose


@pytest.fixture
def fire(desk: FakeDesk) -> Callable[..., None]:
    """``fire(id, **fields)``: an alert fires on the desk."""
    return lambda alert_id, **changes: desk.history.fire(make_record(alert_id, **changes))


@pytest.fixture
def sound(qapp: QApplication, tmp_path: Path) -> Iterator[SoundChannel]:
    """Tones on this machine's sound device, if it has one."""
    settings = Settings(file=tmp_path / "settings.json")
    made = SoundChannel(tones_folder=paths.resources() / "tones", settings=settings, clock=ManualClock())
    yield made
    made.close()


@pytest.fixture
def heard(
    window: MainWindow, stack: ToastStack, sound: SoundChannel, requests: AlertRequests, tmp_path: Path
) -> MainWindow:
    """The window, doing what is asked for on toasts."""
    settings = Settings(file=tmp_path / "settings.json")
    tray = TrayChannel(settings=settings, requests=requests, tray_icon=lambda: None)
    window.listen(requests, LocalChannels(toasts=stack, tray=tray, sound=sound))
    return window
