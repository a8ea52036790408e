"""Makes the cards: what is on them, and what their buttons do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from textwrap import shorten
from typing import Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.ui import message_words as say
from tradeassist_desktop.ui.channels.requests import SNOOZES_MIN, AlertRequests
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.toast_card import CardButton, CardWords, ToastCard

_LINES: Final = 4
_LINE: Final = 64


@dataclass(frozen=True, slots=True)
class Gathered:
    """The one card of many alerts, and those its buttons are about: both change as alerts come."""

    card: ToastCard
    alert_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToastLimits:
    """What who is at the desk may see of toasts and do on them.

    Args:
        hides_text: They say only that there is an alert.
        why_no_answer: Why nobody may answer; empty where somebody may.
        why_no_way: Why they lead nowhere in the window; empty where they do.
    """

    hides_text: bool = False
    why_no_answer: str = ""
    why_no_way: str = ""


class ToastCards:
    """One way to make each kind of card.

    Args:
        on_done: Told of alerts whose card has served: they were acknowledged, snoozed or closed on it.
    """

    def __init__(
        self, *, theme: Theme, requests: AlertRequests, on_done: Callable[[Sequence[str]], None]
    ) -> None:
        self._theme = theme
        self._requests = requests
        self._on_done = on_done
        self._limits = ToastLimits()

    def restrict(self, limits: ToastLimits) -> bool:
        """Make cards within these limits from now on; return whether they are others than before."""
        before, self._limits = self._limits, limits
        return before != limits

    def of_message(self, message: Message, *, is_low: bool = False) -> ToastCard:
        """Return the card of one alert, or of a test; one that ``is_low`` says it in a line."""
        fact, value = say.fact(message)
        body = shorten(message.body, _LINE, placeholder="…") if is_low else message.body
        words = CardWords(
            title=say.headline(message),
            priority=message.priority,
            fact=fact,
            value=value,
            body=body,
            marks=say.marks(message),
        )
        ids = (message.alert_id,)
        buttons: list[CardButton] = []
        if not message.is_test:
            buttons += [
                CardButton("Acknowledge", partial(self._acknowledge, ids), is_answer=True),
                CardButton("Why?", partial(self._requests.explain.emit, message.alert_id)),
            ]
        if message.symbol:
            show = partial(self._requests.chart.emit, message.symbol, message.event_ns)
            buttons.append(CardButton("Show on chart", show))
        return self._made(
            words=words,
            buttons=buttons,
            snoozes=self._snoozes(lambda: ids) if message.rule_uid and not message.is_test else (),
            on_close=partial(self._on_done, ids),
        )

    def of_many(
        self,
        messages: Sequence[Message],
        *,
        count: int,
        waiting: tuple[str, ...],
        is_low: bool = False,
        before: Gathered | None = None,
    ) -> Gathered:
        """Return the one card of many alerts; one that ``is_low`` says it in a line.

        Args:
            count: How many they are.
            waiting: Those its buttons are about.
            before: Such a card that is shown: it becomes this one if it can: making one takes milliseconds.
        """
        lines = say.gathered(line for message in messages for line in say.lines_of(message))
        body = say.in_lines(lines, count=count, most=1 if is_low else _LINES)
        urgent = sum(line.count for line in lines if line.priority is Priority.URGENT)
        words = CardWords(
            title=say.counted(count, messages),
            priority=max({message.priority for message in messages}, key=lambda each: each.loudness),
            fact=f"{min(urgent, count):,} urgent" if urgent else "",
            body=body.replace("\n", ", ") if is_low else body,
            marks=say.marks(messages[0]) if len(messages) == 1 else (),
        )
        if before is not None and before.card.say(self._shown(words)):
            before.alert_ids[:] = waiting
            return before
        ids = list(waiting)
        card = self._made(
            words=words,
            buttons=(
                CardButton("Acknowledge all", lambda: self._acknowledge(tuple(ids)), is_answer=True),
                CardButton("Show alerts", self._requests.alerts.emit),
            ),
            snoozes=self._snoozes(lambda: tuple(ids)),
            on_close=lambda: self._on_done(tuple(ids)),
        )
        return Gathered(card, ids)

    def of_summary(
        self, words: CardWords, waiting: tuple[str, ...], on_close: Callable[[], None]
    ) -> ToastCard:
        """Return the card that sums up; ``waiting`` are the alerts that are not acknowledged."""

        def show() -> None:
            self._requests.alerts.emit()
            on_close()

        buttons = [CardButton("Show alerts", show)]
        if waiting:
            answer = partial(self._acknowledge, waiting)
            buttons.insert(0, CardButton("Acknowledge all", answer, is_answer=True))
        return self._made(words=words, buttons=buttons, snoozes=(), on_close=on_close)

    def _made(
        self,
        *,
        words: CardWords,
        buttons: Sequence[CardButton],
        snoozes: Sequence[CardButton],
        on_close: Callable[[], None],
    ) -> ToastCard:
        return ToastCard(
            words=self._shown(words),
            theme=self._theme,
            buttons=[self._allowed(button) for button in buttons],
            snoozes=[self._allowed(button) for button in snoozes],
            on_close=on_close,
        )

    def _shown(self, words: CardWords) -> CardWords:
        if not self._limits.hides_text:
            return words
        return CardWords(title=say.concealed(words.title), priority=words.priority, body=say.LOCKED)

    def _allowed(self, button: CardButton) -> CardButton:
        limits = self._limits
        return replace(button, why_not=limits.why_no_answer if button.is_answer else limits.why_no_way)

    def _snoozes(self, alert_ids: Callable[[], tuple[str, ...]]) -> list[CardButton]:
        return [
            CardButton(
                f"{minutes} m",
                partial(self._snooze, alert_ids, minutes),
                f"Snooze {minutes} minutes",
                is_answer=True,
            )
            for minutes in SNOOZES_MIN
        ]

    def _acknowledge(self, alert_ids: tuple[str, ...]) -> None:
        self._requests.acknowledge.emit(alert_ids)
        self._on_done(alert_ids)

    def _snooze(self, alert_ids: Callable[[], tuple[str, ...]], minutes: int) -> None:
        ids = alert_ids()
        self._requests.snooze.emit(ids, minutes)
        self._on_done(ids)
