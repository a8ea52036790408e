"""``tradeassist secrets``: what can be done with secrets on the command line; each action in a file."""

from collections.abc import Callable
from typing import Any, Final

from tradeassist_desktop.cli import secrets_check, secrets_list, secrets_rotate, secrets_set

ACTIONS: Final[tuple[Callable[[Any], None], ...]] = (
    secrets_list.add_list,
    secrets_list.add_test,
    secrets_set.add_set,
    secrets_set.add_remove,
    secrets_list.add_versions,
    secrets_set.add_states,
    secrets_check.add_action,
    secrets_rotate.add_action,
)


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    words = "list, set, remove and replace credentials; try where they are kept"
    parser = commands.add_parser("secrets", help=words, description=words, allow_abbrev=False)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for add_action in ACTIONS:
        add_action(actions)
