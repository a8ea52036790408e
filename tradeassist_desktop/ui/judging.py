"""What the trader thinks of alerts, asked for and shown in words."""

from collections.abc import Sequence
from typing import Final

from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.domain.verdicts import Verdict
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext

TITLES: Final = {Verdict.USEFUL: "Useful", Verdict.NOISE: "Noise"}


class Judging:
    """Gives verdicts, each with its way back."""

    def __init__(self, *, context: PanelContext) -> None:
        self._context = context

    def toggle(self, records: Sequence[AlertRecord], verdict: Verdict) -> None:
        """Give the alerts of rules among these a verdict; where all have it already, take it back."""
        verdicts = self._context.desk.verdicts
        fired = [record.alert for record in records if record.alert.status is AlertStatus.FIRED]
        ids = [alert.id for alert in fired if not alert.is_notice]
        if not ids:
            return
        have_it = all(verdicts.of(alert_id) is verdict for alert_id in ids)
        wanted = dict.fromkeys(ids, None if have_it else verdict)
        count = text.plural(len(ids), "alert")
        done = f"Took back the verdict on {count}" if have_it else f"{TITLES[verdict]}: {count}"

        async def give() -> None:
            before = await verdicts.give(wanted)

            async def give_back() -> None:
                await verdicts.give(before)

            self._context.navigator.offer_undo(done, give_back)

        self._context.tasks.start(give())
