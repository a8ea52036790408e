"""How well alerts arrive: figures of each channel, latencies over time, reasons, and what is behind them."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.delivery import DeliveryState, Muting
from tradeassist_desktop.domain.delivery_figures import ChannelFigures, DeliveryPick, Span
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.services.delivery_figures import DeliveryReport
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.latency import LatencyChart
from tradeassist_desktop.ui.delivery_words import channel_title
from tradeassist_desktop.ui.panels.base import Panel, PanelContext, Toolbar
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.delivery.channels_table import ChannelNow, ChannelsTable
from tradeassist_desktop.ui.widgets.delivery.figure_words import READING, SPANS, details_in_html
from tradeassist_desktop.ui.widgets.delivery.picked_list import PickedList
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.channel_words import UNKNOWN, ChannelState
from tradeassist_desktop.ui.widgets.page_scroll import PageScroll
from tradeassist_desktop.ui.widgets.segments import Segments
from tradeassist_desktop.ui.widgets.sight import is_in_sight

_APART_NS: Final = 2 * NS_PER_SECOND
_SHARE_OF_TIME: Final = 20
"""Counting may take one part in so many of the time: over all there is it takes longer."""
_OLD_NS: Final = 20 * NS_PER_SECOND
"""What is older is counted anew though nothing was delivered: the span has moved on."""


class DeliveryPanel(Panel):
    """Counted anew as deliveries change, every two seconds at most, and only while it is seen."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._figures = context.desk.delivery_figures
        self._span = Span.DAY
        self._pick: DeliveryPick | None = None
        self._report: DeliveryReport | None = None
        self._unread = ""
        self._is_seen = False
        self._is_changed = True
        self._is_counting = False
        self._due_ns = 0
        self._states: ChannelStates | None = None
        self._table = ChannelsTable(theme=context.theme, parent=self)
        self._chart = LatencyChart(theme=context.theme, parent=self)
        self._list = PickedList(theme=context.theme, parent=self)
        self._chart_title = _heading("Latency", self)
        self._details = QLabel(self)
        self._lay_out()
        self._table.picked.connect(self._open)
        self._table.chosen.connect(self._show_chosen)
        self._list.picked.connect(self._open)
        self._list.left.connect(self._forget_pick)
        self._list.alert_wanted.connect(self._show_alert)
        self._details.linkActivated.connect(self._open_link)
        context.bridge.deliveries_changed.connect(self._note_change)
        context.pulse.states.connect(self._look)
        context.pulse.second.connect(self._beat)

    def take_focus(self) -> None:
        """Go to the channels."""
        self._table.setFocus()

    # --- building

    def _lay_out(self) -> None:
        bar = Toolbar(parent=self)
        self._said = QLabel(bar)
        self._said.setObjectName("deliverySaid")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setText(READING)
        self._said.setProperty("tone", "second")
        bar.row.addWidget(self._said)
        bar.row.addStretch(1)
        spans = Segments(
            name="deliverySpan",
            offered={span: (words, f"Figures of {meaning}") for span, (words, meaning) in SPANS.items()},
            chosen=self._span,
            parent=bar,
        )
        spans.changed.connect(lambda: self._choose_span(Span(spans.value)))
        bar.row.addWidget(spans)
        self._details.setObjectName("deliveryDetails")
        self._details.setTextFormat(Qt.TextFormat.RichText)
        self._details.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._details.setWordWrap(True)
        self._details.setFont(ui_font(12))
        self._details.setProperty("tone", "second")
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(24)
        row.addLayout(_column(self._table, self._details), 9)
        row.addLayout(_column(self._chart_title, self._chart, stretched=self._chart), 4)
        row.addWidget(self._list, 4)
        self.stack(bar, PageScroll(page=page, name="deliveryScroll", parent=self))

    # --- counting

    def _note_change(self, *_: object) -> None:
        self._is_changed = True

    def _look(self) -> None:
        # A dock behind another's tab counts as visible in Qt, and raising it is no show event.
        was_seen, self._is_seen = self._is_seen, is_in_sight(self)
        if self._is_seen and not was_seen:
            # Not before: it may ask the keyring, and that its trader.
            self._states = self._states or ChannelStates(context=self.context, parent=self)
            self._count()

    def _beat(self) -> None:
        if not self._is_seen:
            return
        self._show_now()
        clock, report = self.context.desk.clock, self._report
        is_old = report is None or clock.now_ns() - report.taken_ns >= _OLD_NS
        if (self._is_changed or is_old) and clock.monotonic_ns() >= self._due_ns:
            self._count()

    def _count(self) -> None:
        self._is_changed = True
        if not self._is_counting:
            self._is_counting = True
            self.context.tasks.start(self._count_now())

    async def _count_now(self) -> None:
        clock = self.context.desk.clock
        began_ns, rest_ns = clock.monotonic_ns(), _APART_NS
        try:
            span = None
            while span is not self._span:  # another was chosen meanwhile
                span, self._is_changed = self._span, False
                report = await self._figures.report(span)
            self._report, self._unread = report, ""
            self._show_now()
            self._show_chosen()
            self._list.show_reasons(report.reasons, now_ns=report.taken_ns)
            await self._list_picked()
        except TradeAssistError as error:
            self._unread = f"The figures could not be read: {error}"
            self._said.setText(self._unread)
            if self._report is None:
                self._chart.say("The figures could not be read.")
                self._list.show_unread()
            rest_ns = _OLD_NS
        finally:
            self._is_counting = False
            ended_ns = clock.monotonic_ns()
            self._due_ns = ended_ns + max(rest_ns, _SHARE_OF_TIME * (ended_ns - began_ns))

    async def _list_picked(self) -> None:
        pick = self._pick
        if pick is None:
            return
        found = await self._figures.picked(pick, self._span)
        if pick is self._pick:
            self._list.show_picked(pick, found, now_ns=self.context.desk.clock.now_ns())

    # --- showing

    def _show_now(self) -> None:
        report = self._report
        if report is None:
            return
        now_ns = self.context.desk.clock.now_ns()
        lanes = self._figures.lanes()
        channels = [
            ChannelNow(figures, lanes.get(figures.channel), self._state_of(figures.channel), now_ns)
            for figures in report.channels
        ]
        self._table.show_figures([each for each in channels if each.has_anything])
        waiting = sum(lane.waiting for lane in lanes.values())
        sent = sum(figures.sent for figures in report.channels)
        said = f"{text.plural(sent, 'announcement')} sent in {SPANS[report.span][1]}"
        if waiting:
            said += f", {waiting:,} waiting now"
        self._said.setText(self._unread or (said if report.span is self._span else READING))

    def _state_of(self, channel: str) -> ChannelState:
        return UNKNOWN if self._states is None else self._states.of(channel)

    def _show_chosen(self) -> None:
        report, figures = self._report, self._table.chosen_figures()
        if report is None:
            return
        if figures is None:
            self._chart.say("Nothing was sent yet.")
            return
        self._chart_title.setText(f"Latency of {channel_title(figures.channel)}, decision to delivery")
        self._chart.show_points(figures.points, since_ns=report.since_ns, until_ns=report.taken_ns)
        self._details.setText(self._dressed(figures))

    def _dressed(self, figures: ChannelFigures) -> str:
        # A label takes the colour of its links from the palette of the application, not its style sheet.
        colour = self.context.theme.tokens.accent
        return f"<style>a {{ color: {colour}; text-decoration: none; }}</style>{details_in_html(figures)}"

    # --- what the trader does

    def _choose_span(self, span: Span) -> None:
        self._span = span
        self._show_now()
        self._count()

    def _open(self, pick: DeliveryPick) -> None:
        self._pick = pick
        self.context.tasks.start(self._list_picked())

    def _forget_pick(self) -> None:
        self._pick = None

    def _open_link(self, link: str) -> None:
        figures = self._table.chosen_figures()
        if figures is None:
            return
        kind, _, word = link.partition(":")
        if kind == "state":
            self._open(DeliveryPick(channel=figures.channel, states=(DeliveryState(word),)))
        elif kind == "muting":
            self._open(DeliveryPick(channel=figures.channel, muting=Muting(word)))
        else:
            self._open(DeliveryPick(channel=figures.channel, is_retried=True))

    def _show_alert(self, alert_id: str) -> None:
        self.context.navigator.dock_wanted.emit("alerts")
        self.context.navigator.alert_chosen.emit(alert_id)


def _heading(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(ui_font(SMALL_PX, weight=QFont.Weight.DemiBold))
    label.setProperty("tone", "quiet")
    return label


def _column(*widgets: QWidget, stretched: QWidget | None = None) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for widget in widgets:
        column.addWidget(widget, 1 if widget is stretched else 0)
    if stretched is None:
        column.addStretch(1)
    return column
