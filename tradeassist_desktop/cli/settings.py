"""``tradeassist settings``: every setting with its type, limits, value, and where that comes from."""

import argparse
import json
from typing import Any

from tradeassist_desktop import paths
from tradeassist_desktop.services.settings import SettingRow, Settings, Value


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    parser = commands.add_parser("settings", help="list every setting, its value and where it comes from")
    parser.add_argument("--json", action="store_true", help="as one JSON document")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the settings as they would hold with these arguments."""
    settings = Settings(
        file=paths.resolve(arguments.data_dir).settings,
        overrides=tuple(arguments.overrides),
        environment=arguments.environment,
        is_dev=arguments.is_dev,
    )
    rows = settings.rows()
    if arguments.json:
        print(json.dumps([_as_object(row) for row in rows], indent=2))
        return 0
    table = [("KEY", "VALUE", "FROM", "TYPE", "LIMITS")]
    table += [
        (row.spec.key, _text(row.value), row.source, row.spec.type_name, row.spec.limits) for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(4)]
    for line, row in zip(table, [None, *rows], strict=True):
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        print("  ".join([*cells, line[4]]).rstrip())
        if row is not None:
            print(f"    {row.spec.doc}{' Only with --dev.' if row.spec.is_dev_only else ''}")
    return 0


def _as_object(row: SettingRow) -> dict[str, object]:
    spec = row.spec
    return {
        "key": spec.key,
        "value": row.value,
        "source": row.source,
        "default": spec.default,
        "type": spec.type_name,
        "minimum": spec.minimum,
        "maximum": spec.maximum,
        "choices": list(spec.choices),
        "unit": spec.unit,
        "dev_only": spec.is_dev_only,
        "doc": spec.doc,
    }


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        ", ".join(value)
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
