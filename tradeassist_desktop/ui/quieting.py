"""The trader's ways to have peace, each with its way back: snooze, mute a rule, pause everything."""

from collections.abc import Sequence
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.routing import Silence, SilenceScope, subject_of
from tradeassist_desktop.domain.rules import Rule, RulePhase
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.rule_acts import named

_NS_PER_MINUTE: Final = 60 * NS_PER_SECOND


class Quieting:
    """Asks for silences and offers to undo them."""

    def __init__(self, *, context: PanelContext) -> None:
        self._context = context
        self._desk = context.desk
        self._silences = context.desk.silences

    def snooze(self, alert_ids: Sequence[str], minutes: int) -> None:
        """Have what these alerts are about quiet for a while, and told again if it is true still then."""
        records = (self._desk.history.record(alert_id) for alert_id in alert_ids)
        alerts = {subject_of(each.alert): each.alert for each in records if each is not None}

        async def snooze() -> None:
            for_ns = minutes * _NS_PER_MINUTE
            made = [await self._silences.snooze(alert, for_ns=for_ns) for alert in alerts.values()]
            how_many = text.plural(len(alert_ids), "alert")
            self._offer_undo(f"Snoozed {how_many} for {text.duration(for_ns)}", made)

        if alerts:
            self._context.tasks.start(snooze())
        else:
            self._context.navigator.noticed.emit("Nothing to snooze: these alerts are no longer in the list.")

    def snooze_rules(self, rules: Sequence[Rule], for_ns: int | None) -> None:
        """Have rules fire in silence for a while, or (``None``) until the session of each symbol ends."""
        if not rules:
            return
        uids = tuple(rule.uid for rule in rules)
        how_long = "until the session's end" if for_ns is None else f"for {text.duration(for_ns)}"

        async def snooze() -> None:
            await self._desk.rules.snooze(uids, for_ns=for_ns)
            self._context.navigator.offer_undo(
                f"Snoozed {named(rules)} {how_long}", lambda: self._desk.rules.wake(uids)
            )

        self._context.tasks.start(snooze())

    def wake_rules(self, rules: Sequence[Rule]) -> None:
        """End the snooze of those rules that are snoozed."""
        uids = tuple(rule.uid for rule in rules if self.is_snoozed(rule))
        if uids:
            self._context.tasks.start(self._desk.rules.wake(uids))

    def is_snoozed(self, rule: Rule) -> bool:
        """Return whether a rule is snoozed on a symbol of its."""
        return any(each.phase is RulePhase.SNOOZED for each in self._desk.rules.statuses(rule.uid))

    def silence_symbol(self, symbol: str, minutes: int | None) -> None:
        """Mute alerts about a symbol for a while, or (``None``) until that is ended."""
        now_ns = self._desk.clock.now_ns()
        until_ns = None if minutes is None else now_ns + minutes * _NS_PER_MINUTE

        async def silence() -> None:
            made = await self._silences.add(SilenceScope.SYMBOL, symbol=symbol, until_ns=until_ns)
            how_long = (
                "until you end it" if minutes is None else f"for {text.duration(minutes * _NS_PER_MINUTE)}"
            )
            self._offer_undo(f"Alerts about {symbol} are silenced {how_long}", [made])

        self._context.tasks.start(silence())

    def toggle_mutes(self, rule_uids: Sequence[str]) -> None:
        """Mute rules until they are unmuted; unmute them where all are muted."""
        uids = tuple(dict.fromkeys(uid for uid in rule_uids if uid))
        silences = self._silences
        muted = [silence for uid in uids if (silence := silences.muting_rule(uid)) is not None]

        async def mute() -> None:
            made = [await silences.mute_rule(uid) for uid in uids if silences.muting_rule(uid) is None]
            self._offer_undo(f"Muted {text.plural(len(made), 'rule')}; M unmutes", made)

        async def unmute() -> None:
            for uid in uids:
                await silences.unmute_rule(uid)
            self._offer_resume(f"Unmuted {text.plural(len(uids), 'rule')}", muted)

        if uids:
            self._context.tasks.start(unmute() if len(muted) == len(uids) else mute())

    def pause(self, *, minutes: int | None = None) -> None:
        """Pause everything for a while, or (``None``) until it is resumed."""
        until_ns = None if minutes is None else self._desk.clock.now_ns() + minutes * _NS_PER_MINUTE
        self._pause_until(until_ns)

    def pause_until_open(self) -> None:
        """Pause everything until shares open next."""
        self._pause_until(self._silences.next_open_ns())

    def resume(self) -> None:
        """End the pause."""
        paused = [silence for silence in self._silences.active() if silence.mutes_everything]

        async def resume() -> None:
            await self._silences.end_pause()
            self._offer_resume("Alerts are on again", paused)

        self._context.tasks.start(resume())

    def toggle_pause(self) -> None:
        """Pause everything, or end the pause."""
        if self._silences.pausing() is None:
            self.pause()
        else:
            self.resume()

    def pause_in_words(self) -> str:
        """Return until when everything is paused; empty while it is not."""
        pause = self._silences.pausing()
        if pause is None:
            return ""
        if pause.end_ns is None:
            return "Alerts paused"
        return f"Alerts paused until {self._time(pause.end_ns)}"

    def next_open_in_words(self) -> str:
        """Return when shares open next."""
        return self._time(self._silences.next_open_ns())

    def _time(self, at_ns: int) -> str:
        now_ns = self._desk.clock.now_ns()
        moment = text.local(at_ns)
        return f"{moment:%H:%M}" if moment.date() == text.local(now_ns).date() else f"{moment:%a %H:%M}"

    def _pause_until(self, until_ns: int | None) -> None:
        async def pause() -> None:
            made = await self._silences.pause(until_ns=until_ns)
            self._offer_undo(f"{self.pause_in_words()}: they are kept in the list, and sent nowhere", [made])

        self._context.tasks.start(pause())

    def _offer_undo(self, done: str, made: Sequence[Silence]) -> None:
        async def undo() -> None:
            for silence in made:
                await self._silences.remove(silence.id)

        self._context.navigator.offer_undo(done, undo)

    def _offer_resume(self, done: str, ended: Sequence[Silence]) -> None:
        async def undo() -> None:
            for silence in ended:
                await self._silences.resume(silence.id)

        self._context.navigator.offer_undo(done, undo)
