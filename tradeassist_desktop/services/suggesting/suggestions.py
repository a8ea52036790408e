"""Studies rules over what the desk has kept, in processes of their own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.suggesting.study import Findings, Study
from tradeassist_desktop.services.backtesting.backtests import Backtests
from tradeassist_desktop.services.backtesting.kept import KeptMarket
from tradeassist_desktop.services.backtesting.run import BacktestJob, BacktestProgress
from tradeassist_desktop.services.testing.preview import MarketFile


class PastData(Protocol):
    """Says what rules are run over."""

    def data(self, *rules: Rule, days: int) -> KeptMarket | MarketFile:
        """Return the newest days that are kept of what rules read, or the recording that is replayed."""
        ...


class StudyFailed(TradeAssistError):
    """A rule could not be studied; it is as it was."""


class Suggestions:
    """Finds what would make a rule better. Changes nothing itself.

    Args:
        past: What rules are run over.
        instrument: Returns what is known of a symbol.
    """

    def __init__(
        self, *, past: PastData, backtests: Backtests, instrument: Callable[[str], Instrument]
    ) -> None:
        self._past = past
        self._backtests = backtests
        self._instrument = instrument

    async def study(
        self,
        rule: Rule,
        *,
        days: int,
        wish_a_day: float | None = None,
        file: MarketFile | None = None,
        on_progress: Callable[[BacktestProgress], None] | None = None,
    ) -> Findings:
        """Return what the past suggests about a rule; cancelling the task ends the work.

        Args:
            days: How many of the newest days that are kept.
            wish_a_day: Alerts a day that are wished for; ``None`` asks for no such level.
            file: Looked at, whole, in place of what is kept.

        Raises:
            BadInput: the rule or the file cannot be used.
            StudyFailed: a variant of the rule broke off.
            BacktestFailed: a process crashed or was killed.
            TradeAssistError: what is kept cannot be read.
        """
        rule_alone = replace(rule, starts_at_ns=None, expires_at_ns=None)
        tick_size = self._instrument(rule.symbols[0]).tick_size or 0.0
        study = Study(rule=rule_alone, wish_a_day=wish_a_day, tick_size=tick_size)
        rules = study.rules()
        data = self._past.data(*rules, days=days) if file is None else file
        if isinstance(data, KeptMarket):
            job = BacktestJob(rules=rules, data=(), kept=data)
        else:
            job = BacktestJob(rules=rules, data=(data.path,), symbol=data.symbol, until_ns=data.until_ns)
        report = await self._backtests.run(job, on_progress=on_progress)
        if report.errors:
            _, symbol, what = report.errors[0]
            raise StudyFailed(f"“{rule.name}” could not be studied: on {symbol} it broke off with {what}.")
        findings = study.findings(report.rules)
        return replace(
            findings,
            suggestions=tuple(
                each
                if each.after is None
                else replace(
                    each,
                    after=replace(
                        each.after, starts_at_ns=rule.starts_at_ns, expires_at_ns=rule.expires_at_ns
                    ),
                )
                for each in findings.suggestions
            ),
        )
