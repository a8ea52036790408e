"""``tradeassist rules``: check, format and make rule files; list the language's words and the templates."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tradeassist_desktop.cli.rule_files import load_rules
from tradeassist_desktop.domain.errors import BadInput, Fault, UsageError
from tradeassist_desktop.engine.kinds.form_fields import FormField
from tradeassist_desktop.engine.language.reference import reference
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.rulefiles.rulefile import rules_to_json
from tradeassist_desktop.engine.templates import TEMPLATES, Template, template_rule

Row = tuple[str, ...]
"""One line of a table, cell by cell."""


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    parser = commands.add_parser(
        "rules",
        help="check, format and make rule files; list words and templates",
        description="Check, format and make rule files; list the language's words and the templates.",
        allow_abbrev=False,
    )
    tasks = parser.add_subparsers(metavar="TASK", required=True)

    check = tasks.add_parser("check", help="tell every fault of rule files", allow_abbrev=False)
    check.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a rule file")
    check.set_defaults(run=_check)

    format_ = tasks.add_parser("format", help="print a rule file in its canonical form", allow_abbrev=False)
    format_.add_argument("file", type=Path, metavar="FILE", help="a rule file")
    format_.set_defaults(run=_format)

    words = tasks.add_parser("words", help="list the words of conditions", allow_abbrev=False)
    words.add_argument(
        "pattern", nargs="?", default="", metavar="PATTERN", help="only words with this in them"
    )
    words.set_defaults(run=_words)

    templates = tasks.add_parser(
        "templates", help="list the templates and their parameters", allow_abbrev=False
    )
    templates.add_argument("name", nargs="?", metavar="TEMPLATE", help="only this one")
    templates.set_defaults(run=_templates)

    make = tasks.add_parser(
        "make",
        help="print the rule file of a filled template",
        description="Print the rule file of a template; each --set NAME=VALUE fills in a parameter.",
        allow_abbrev=False,
    )
    make.add_argument(
        "template", metavar="TEMPLATE", help="its name, as `tradeassist rules templates` lists it"
    )
    make.add_argument(
        "--symbol",
        action="append",
        default=[],
        dest="symbols",
        metavar="S",
        help="may be given several times",
    )
    make.add_argument("--name", help="what to call the rule")
    make.set_defaults(run=_make)


def _check(arguments: argparse.Namespace) -> int:
    """Tell how many rules each good file has, and every fault of every bad one.

    Raises:
        BadInput: with every fault of every file.
    """
    faults: list[Fault] = []
    for file in arguments.files:
        try:
            count = len(load_rules(file))
        except BadInput as error:
            faults.extend(error.faults)
        else:
            _print([f"{file}: {count:,} {'rule' if count == 1 else 'rules'}, no fault"])
    if faults:
        raise BadInput(faults)
    return 0


def _format(arguments: argparse.Namespace) -> int:
    rules = [replace(rule, when=meaning_of(rule).text) for rule in load_rules(arguments.file)]
    _print([rules_to_json(rules).decode().rstrip("\n")])
    return 0


def _make(arguments: argparse.Namespace) -> int:
    template = _template(arguments.template)
    values: dict[str, object] = {}
    for text in arguments.overrides:
        name, is_given, value = text.partition("=")
        if not is_given:
            raise UsageError(f"--set {text}: expected NAME=VALUE")
        values[name.strip()] = value
    rule = template_rule(template, arguments.symbols, values, name=arguments.name)
    _print([rules_to_json([rule]).decode().rstrip("\n")])
    return 0


# --- templates


def _templates(arguments: argparse.Namespace) -> int:
    chosen = TEMPLATES.values() if arguments.name is None else [_template(arguments.name)]
    lines: list[str] = []
    for template in chosen:
        symbols = f" ({', '.join(template.symbols)} if no symbol is given)" if template.symbols else ""
        lines += [f"{template.name}: {template.label}{symbols}", f"    {template.story}"]
        rows = [(field.name, field.default, field.limits, _help(field)) for field in template.parameters]
        lines += [f"      {line}" for line in _columns([("PARAMETER", "DEFAULT", "LIMITS", ""), *rows])]
        lines.append("")
    _print(lines[:-1])
    return 0


def _template(name: str) -> Template:
    if name not in TEMPLATES:
        raise UsageError(f"no template {name!r}; there are {', '.join(TEMPLATES)}")
    return TEMPLATES[name]


def _help(field: FormField) -> str:
    meanings = "; ".join(f"{value}: {words}" for value, words in field.choices if value != words)
    return f"{field.help} ({meanings})" if meanings else field.help


# --- words

_WRITING: Final = (
    ("a > b   a >= b   a < b   a <= b   a == b   a != b", "", "Compare two values"),
    ("a + b   a - b   a * b   a / b   -a   (a)", "", "Calculate with values"),
    ("2%", "percent", "A percentage, beside values in percent"),
    ("a[5m]", "", "a of bars of that length; without it, of the rule's timeframe"),
    ("SYMBOL.a", "", 'Another symbol\'s value: $VIX.last, "BRK.B".rsi(14)[5m]'),
)
_WRITING_GROUP: Final = "Values"


def _words(arguments: argparse.Namespace) -> int:
    """List the words; those asked for by a part of them with their parameters and an example."""
    pattern = arguments.pattern.lower()
    groups: dict[str, list[tuple[Row, tuple[str, ...]]]] = {}
    for row in _WRITING:
        groups.setdefault(_WRITING_GROUP, []).append((row, ()))
    for word in reference():
        more = (f"example: {word.example}", *word.parameters) if pattern else ()
        groups.setdefault(word.group, []).append(((word.signature, word.unit, word.doc), more))
    lines: list[str] = []
    for group, found in groups.items():
        matching = [(row, more) for row, more in found if pattern in " ".join((group, *row)).lower()]
        if matching:
            rows = _columns([row for row, _ in matching])
            lines.append(group)
            for line, (_, more) in zip(rows, matching, strict=True):
                lines += [f"  {line}", *(f"      {each}" for each in more)]
            lines.append("")
    if not lines:
        raise UsageError(f"no word has {arguments.pattern!r} in it")
    _print(lines[:-1])
    return 0


# --- printing


def _columns(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the rows with their columns aligned; very wide cells push the rest to the right."""
    widths = [min(52, max(len(row[column]) for row in rows)) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()


def _print(lines: Iterable[str]) -> None:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    for line in lines:
        print(line)
