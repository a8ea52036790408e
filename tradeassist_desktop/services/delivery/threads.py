"""Which earlier message a new one answers to."""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.storage.attempts import GivenReceipt

KEPT: Final = 1_000


class Threads:
    """The newest receipt of each rule and symbol, for one channel: the newest ``KEPT`` of them."""

    def __init__(self) -> None:
        self._newest: OrderedDict[tuple[str, str], str] = OrderedDict()

    def load(self, receipts: Sequence[GivenReceipt]) -> None:
        """Take what an earlier run was given, oldest first. A digest's, of many, answers nothing."""
        of = Counter(receipt for receipt, *_ in {(r.receipt, r.rule_uid, r.symbol) for r in receipts})
        for each in receipts:
            if of[each.receipt] == 1 and each.rule_uid:
                self._put((each.rule_uid, each.symbol), each.receipt)

    def remember(self, alert: Alert, receipt: str) -> None:
        """Take what the receiver called a message about this alert."""
        if receipt and not alert.is_notice:
            self._put((alert.rule_uid, alert.symbol), receipt)

    def reply_to(self, alert: Alert) -> str:
        """Return the receipt of the newest message about the same rule and symbol; empty for none."""
        return "" if alert.is_notice else self._newest.get((alert.rule_uid, alert.symbol), "")

    def _put(self, about: tuple[str, str], receipt: str) -> None:
        self._newest[about] = receipt
        self._newest.move_to_end(about)
        if len(self._newest) > KEPT:
            self._newest.popitem(last=False)
