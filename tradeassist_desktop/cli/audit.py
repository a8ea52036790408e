"""``tradeassist audit``: what was done with secrets and rights; whether the log is whole; files of it."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tradeassist_desktop.cli.command_launch import command_launch
from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.audit import AuditAct, AuditPick, AuditResult, RecordedEntry
from tradeassist_desktop.domain.errors import UsageError

if TYPE_CHECKING:
    from tradeassist_desktop.app import Launch
    from tradeassist_desktop.services.audit.book import AuditBook

_TITLES: Final = ("TIME", "WHO", "ACT", "WHAT", "RESULT", "SOURCE", "VERSION", "TIMES", "DETAIL")
_NOTHING: Final = "Nothing has been recorded in this folder yet."
_NS_PER_S: Final = 1_000_000_000


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    parser = commands.add_parser(
        "audit",
        help="list who did what with secrets; prove that the log is whole; export it",
        description="Without an option: the newest entries of the audit log, the newest last.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--verify", action="store_true", help="prove that no entry was changed; status 1 where one was"
    )
    parser.add_argument(
        "--accept",
        default="",
        metavar="REASON",
        help="take the log as it is, changed or not",
    )
    parser.add_argument(
        "--export", type=Path, metavar="FILE", help="write the entries picked to a .csv or .jsonl file"
    )
    parser.add_argument("--about", default="", metavar="NAME", help="only about this one, as slack.bot")
    parser.add_argument("--who", default="", metavar="NAME", help="only by this component or role")
    for name, kinds in (("act", AuditAct), ("result", AuditResult)):
        words = [kind.value for kind in kinds]
        parser.add_argument(f"--{name}", choices=words, help=f"only this {name}")
    parser.add_argument("--text", default="", metavar="WORDS", help="only with this in it")
    parser.add_argument("--days", type=_days, metavar="DAYS", help="only of the last so many days")
    parser.add_argument(
        "--limit", type=_limit, default=50, metavar="COUNT", help="so many at most; 50 where not given"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; return 1 where the log was changed outside of the program.

    Raises:
        TradeAssistError: it cannot be read, or the file cannot be written.
    """
    launch = command_launch(arguments)
    return asyncio.run(_work(launch, arguments))


async def _work(launch: "Launch", arguments: argparse.Namespace) -> int:
    from tradeassist_desktop.app.audit_reading import audit_reading

    pick = _pick(arguments)
    async with audit_reading(launch) as book:
        if book is None:
            print(_NOTHING)
            return 0
        await _ask(launch, arguments)
        if arguments.export is not None:
            count = await book.export(pick, arguments.export, on_progress=_Progress("written").show)
            print(f"{count:,} entries written to {arguments.export}")
        if arguments.accept:
            await book.accept(arguments.accept)
            print("Accepted as it is. What was changed before will not be told again.")
        if arguments.verify:
            return await _verify(book)
        if arguments.export is None and not arguments.accept:
            await _list(book, pick, arguments.limit)
    return 0


async def _ask(launch: "Launch", arguments: argparse.Namespace) -> None:
    from tradeassist_desktop.app.command_gate import command_gate
    from tradeassist_desktop.cli.unlock import asker

    async with command_gate(launch, *_acts(arguments), ask=asker(arguments)):
        pass


def _acts(arguments: argparse.Namespace) -> list[Act]:
    acts = [Act.EXPORT_AUDIT] if arguments.export is not None else []
    if arguments.accept:
        acts.append(Act.ACCEPT_AUDIT)
    if arguments.verify or not acts:
        acts.append(Act.READ_AUDIT)
    return acts


async def _verify(book: "AuditBook") -> int:
    verified = await book.verify(when=_time, on_progress=_Progress("verified").show)
    is_whole = verified.verdict.broken is None
    print(verified.words, file=sys.stdout if is_whole else sys.stderr)
    return 0 if is_whole else 1


async def _list(book: "AuditBook", pick: AuditPick, limit: int) -> None:
    entries: list[RecordedEntry] = []
    while len(entries) < limit:
        page = await book.older(pick, below=entries[-1].number if entries else None)
        if not page:
            break
        entries += page
    if not entries:
        print("No entry is like that." if pick != AuditPick() else _NOTHING)
        return
    _print_table([_TITLES, *(_cells(each) for each in reversed(entries[:limit]))])


def _pick(arguments: argparse.Namespace) -> AuditPick:
    since = None if arguments.days is None else datetime.now(UTC) - timedelta(days=arguments.days)
    return AuditPick(
        who=arguments.who,
        what=arguments.about,
        acts=frozenset({AuditAct(arguments.act)} if arguments.act else ()),
        results=frozenset({AuditResult(arguments.result)} if arguments.result else ()),
        text=arguments.text,
        since_ns=None if since is None else int(since.timestamp()) * _NS_PER_S,
    )


def _cells(recorded: RecordedEntry) -> tuple[str, ...]:
    entry = recorded.entry
    return (
        _time(entry.at_ns),
        entry.who,
        entry.act.value,
        entry.what,
        entry.result.value,
        entry.source,
        entry.version,
        f"{entry.count:,}" if entry.count != 1 else "",
        entry.detail,
    )


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[-1]]).rstrip())


def _time(at_ns: int) -> str:
    try:
        return f"{datetime.fromtimestamp(at_ns // _NS_PER_S, UTC).astimezone():%Y-%m-%d %H:%M:%S}"
    except (OverflowError, OSError, ValueError):  # changed by who knows whom
        return "-"


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 0 < days <= 36_500:
        raise UsageError(f"--days {text}: expected a number over 0")
    return days


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise UsageError(f"--limit {text}: expected a whole number over 0")
    return int(text)


class _Progress:
    """Shows on a terminal how far it is."""

    def __init__(self, done: str) -> None:
        self._done = done

    def show(self, at: int, of: int) -> None:
        """Show it, and clear the line at the end."""
        if sys.stderr.isatty():
            line = f"{at / of:.0%} {self._done}" if at < of else ""
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
