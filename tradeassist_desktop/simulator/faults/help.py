"""A table of faults as text, for ``--help``."""

import textwrap
from typing import Final

from tradeassist_desktop.simulator.faults.kind import Kinds
from tradeassist_desktop.simulator.faults.values import REQUIRED, Parameter

_WIDTH: Final = 100


def fault_help(kinds: Kinds) -> str:
    """Return a few lines for each fault; those with ``for_s`` last until it is over, or until ended."""
    lines: list[str] = []
    for name, kind in kinds.items():
        lasts = "" if kind.end is None else " (for_s)"
        lines.append(f"  {name}{lasts}: {kind.doc}")
        for parameter in kind.parameters:
            lines.extend(
                textwrap.wrap(
                    _parameter(parameter), _WIDTH, initial_indent="      ", subsequent_indent="        "
                )
            )
    return "\n".join(lines)


def _parameter(parameter: Parameter) -> str:
    usual = parameter.usual
    text = str(usual).lower() if isinstance(usual, bool) else str(usual)
    default = "" if usual in (REQUIRED, "") else f" (default: {text})"
    choices = f": {', '.join(map(str, parameter.choices))}" if parameter.choices else ""
    return f"{parameter.name} - {parameter.doc}{choices}{default}"
