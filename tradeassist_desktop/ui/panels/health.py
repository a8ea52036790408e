"""The desk's health: feed, speed, lag, memory, disk, channels, each with its limit; and its services."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from tradeassist_desktop.domain.health import HealthReport
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.delivery_words import channel_title
from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.widgets.breakers import BreakersBody
from tradeassist_desktop.ui.widgets.feed_words import FEED_WORDS, detail_in_words, feed_level
from tradeassist_desktop.ui.widgets.gauge import Gauge, Level
from tradeassist_desktop.ui.widgets.section import Section


@dataclass(frozen=True, slots=True)
class Reading:
    """A report's figure as its gauge shows it."""

    value: str
    level: Level = Level.QUIET
    figure: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GaugeSpec:
    """One gauge: its title, what is said of its limit, and how it reads a report."""

    name: str
    title: str
    limit: str
    read: Callable[[HealthReport], Reading]


def _limited(value: float | None, shown: str, *, warn: float, bad: float) -> Reading:
    if value is None:
        return Reading(shown)
    level = Level.BAD if value >= bad else Level.WARN if value >= warn else Level.GOOD
    return Reading(shown, level, value)


def _feed(report: HealthReport) -> Reading:
    status = report.feed
    age = None if status.heartbeat_ns is None else report.taken_ns - status.heartbeat_ns
    heard = f"heard {text.age(age)} ago" if age is not None and age >= 1_000_000_000 else "heard just now"
    detail = detail_in_words(status, report.taken_ns) or (heard if age is not None else "nothing heard yet")
    return Reading(FEED_WORDS[status.state], feed_level(status.state), None, detail)


def _channels(report: HealthReport) -> Reading:
    if not report.channels:
        return Reading("none yet", detail="Channels report with the first alert")
    bad = {name: state for name, state in report.channels.items() if state not in ("ok", "idle", "ready")}
    words = "; ".join(f"{channel_title(name)}: {state}" for name, state in bad.items())
    # Those that are not set up are in no trouble, but "ready" would promise what they cannot do.
    value = f"{len(bad)} in trouble" if bad else "no trouble"
    detail = words or "Notifications says what is set up"
    return Reading(value, Level.WARN if bad else Level.GOOD, None, detail)


def _rejected(report: HealthReport) -> Reading:
    total = sum(report.rejected.values())
    words = ", ".join(
        f"{count:,} {reason.replace('_', ' ')}" for reason, count in report.rejected.items() if count
    )
    return Reading(
        text.short(total), Level.QUIET, total, words or "Nothing; Gates, under Data feed, has them all"
    )


def _outbox(report: HealthReport) -> Reading:
    if report.storage_error:
        return Reading("not saving", Level.BAD, report.outbox_pending, report.storage_error)
    reading = _limited(report.outbox_pending, f"{report.outbox_pending:,} waiting", warn=50, bad=500)
    return Reading(reading.value, reading.level, reading.figure, "Alerts on their way; warns at 50")


GAUGES: Final[tuple[GaugeSpec, ...]] = (
    GaugeSpec("feed", "Feed", "", _feed),
    GaugeSpec(
        "ticks",
        "Updates per second",
        "Live data received",
        lambda report: Reading(
            text.short(report.ticks_per_second),
            Level.QUIET,
            report.ticks_per_second,
            f"{report.ticks_total:,} since the start",
        ),
    ),
    GaugeSpec(
        "tickToAlert",
        "Tick to alert, p99",
        "Limit 10 ms",
        lambda report: _limited(
            report.tick_to_alert.p99_ms, text.milliseconds(report.tick_to_alert.p99_ms), warn=10, bad=100
        ),
    ),
    GaugeSpec(
        "tickToAlertHalf",
        "Tick to alert, p50",
        "Limit 5 ms",
        lambda report: _limited(
            report.tick_to_alert.p50_ms, text.milliseconds(report.tick_to_alert.p50_ms), warn=5, bad=50
        ),
    ),
    GaugeSpec(
        "tickToSaved",
        "Tick to disk, p99",
        "Limit 250 ms",
        lambda report: _limited(
            report.tick_to_saved.p99_ms, text.milliseconds(report.tick_to_saved.p99_ms), warn=250, bad=1000
        ),
    ),
    GaugeSpec(
        "loopLag",
        "Event loop lag, p99",
        "Limit 33 ms, a frame",
        lambda report: _limited(
            report.loop_lag.p99_ms, text.milliseconds(report.loop_lag.p99_ms), warn=33, bad=100
        ),
    ),
    GaugeSpec("outbox", "Outbox", "", _outbox),
    GaugeSpec(
        "storageQueue",
        "Storage queue",
        "Batches; warns at 20",
        lambda report: _limited(report.storage_queue, f"{report.storage_queue:,}", warn=20, bad=200),
    ),
    GaugeSpec(
        "database",
        "Database",
        "File and write-ahead log",
        lambda report: Reading(text.size(report.database_bytes), Level.QUIET, report.database_bytes),
    ),
    GaugeSpec(
        "memory",
        "Memory",
        "Limit 1 GB",
        lambda report: _limited(report.memory_bytes, text.size(report.memory_bytes), warn=2**30, bad=2**31),
    ),
    GaugeSpec(
        "cpu",
        "Processor",
        "Of one core; limit 80 %",
        lambda report: _limited(report.cpu_percent, f"{report.cpu_percent:.0f} %", warn=80, bad=100),
    ),
    GaugeSpec("channels", "Channels", "", _channels),
    GaugeSpec("rejected", "Updates refused", "", _rejected),
    GaugeSpec(
        "connects",
        "Connections made",
        "",
        lambda report: Reading(
            f"{report.feed.connects:,}",
            Level.QUIET,
            None,
            f"{text.plural(report.feed.bad_frames, 'bad frame')} so far",
        ),
    ),
)

_CARD_WIDTH: Final = 188
_CARD_HEIGHT: Final = 76
_GAP: Final = 8


class _Board(QWidget):
    """Lays cards out in as many columns as fit, all of one width."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.cards: list[Gauge] = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        room = self.width() - _GAP
        columns = max(1, room // (_CARD_WIDTH + _GAP))
        width = room // columns - _GAP
        for place, card in enumerate(self.cards):
            row, column = divmod(place, columns)
            card.setGeometry(
                _GAP + column * (width + _GAP), _GAP + row * (_CARD_HEIGHT + _GAP), width, _CARD_HEIGHT
            )
        rows = -(-len(self.cards) // columns)
        self.setMinimumHeight(_GAP + rows * (_CARD_HEIGHT + _GAP))


class HealthPanel(Panel):
    """A board of gauges, fed once a second; below it the services the desk depends on."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        board = _Board(parent=self)
        self._gauges: dict[str, Gauge] = {}
        for spec in GAUGES:
            gauge = Gauge(title=spec.title, limit=spec.limit, theme=context.theme, parent=board)
            gauge.setObjectName(f"gauge_{spec.name}")
            self._gauges[spec.name] = gauge
            board.cards.append(gauge)
        self._services = Section(
            name="breakersSection", title="Services", body=BreakersBody(context=context), parent=self
        )
        page = QWidget()
        below = QVBoxLayout()
        below.setContentsMargins(_GAP, _GAP, _GAP, _GAP)
        below.addWidget(self._services)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(board)
        rows.addLayout(below)
        rows.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        scroll.viewport().setAutoFillBackground(False)
        for ground in (page, board):
            ground.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)
        context.bridge.health_measured.connect(self._show)
        context.bridge.health_measured.connect(self._show_services)
        self._show_services()
        if context.desk.health.report is not None:
            self._show(context.desk.health.report)

    def _show(self, report: HealthReport) -> None:
        for spec in GAUGES:
            reading = spec.read(report)
            self._gauges[spec.name].show_reading(
                reading.value, reading.level, reading.figure, detail=reading.detail
            )

    def _show_services(self, *_: object) -> None:
        # A replay asks nobody, at least until an alert goes out.
        self._services.setVisible(bool(self.context.desk.breakers.readings()))
