"""``tradeassist recordings``: which sessions are kept, and what a file holds."""

import argparse
from pathlib import Path
from typing import Any

from tradeassist_desktop import paths
from tradeassist_desktop.recordings.alert_lines import utc_text
from tradeassist_desktop.recordings.survey import survey
from tradeassist_desktop.services.recordings.folder import RecordingFolder


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    parser = commands.add_parser("recordings", help="list recorded sessions, or tell what a file holds")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the recordings kept in the data folder, newest first")
    listing.set_defaults(run=list_kept)
    info = actions.add_parser("info", help="read a file through: its kind, rows, span and symbols")
    info.add_argument("file", type=Path, metavar="FILE", help="CSV, gzipped CSV or Parquet")
    info.add_argument("--symbol", metavar="S", help="symbol of a file that has no symbol column")
    info.set_defaults(run=tell)


def list_kept(arguments: argparse.Namespace) -> int:
    """Print one line a recording."""
    folder = RecordingFolder(folder=paths.resolve(arguments.data_dir).recordings)
    kept = folder.list()
    if not kept:
        print(f"no recordings in {folder.folder}")
        return 0
    table = [("FILE", "BYTES", "ROWS", "FROM", "TO")]
    for each in map(folder.learn, kept):
        first, last = (
            "unknown" if at_ns is None else utc_text(at_ns)[:19] + "Z"
            for at_ns in (each.first_ns, each.last_ns)
        )
        rows = "unknown" if each.rows is None else f"{each.rows:,}"
        table.append((each.file.name, f"{each.size_bytes:,}", rows, first, last))
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for name, size, rows, first, last in table:
        cells = [name.ljust(widths[0]), size.rjust(widths[1]), rows.rjust(widths[2])]
        print("  ".join([*cells, first.ljust(widths[3]), last]))
    return 0


def tell(arguments: argparse.Namespace) -> int:
    """Print what the file holds.

    Raises:
        BadInput: it cannot be read.
    """
    summary = survey(arguments.file, symbol=arguments.symbol)
    print(f"kind: {summary.kind}")
    print(f"rows: {summary.rows:,}")
    print(f"from: {utc_text(summary.first_ns)}")
    print(f"to: {utc_text(summary.last_ns)}")
    print(f"symbols: {', '.join(summary.symbols)}")
    print(f"unreadable: {summary.unreadable:,}")
    for fault in summary.faults:
        print(f"  {fault}")
    return 0
