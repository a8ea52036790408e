"""The rules a desk begins with: those of a file, those that were kept, or the demo's own."""

from tradeassist_desktop import paths
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.domain.errors import BadInput, Fault, UsageError
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rulefile import MOST_BYTES, parse_rules
from tradeassist_desktop.storage.stores import RuleStore


def read_rules(launch: Launch) -> tuple[Rule, ...] | None:
    """Return the rules of the launch's file; ``None`` where it names none.

    Raises:
        UsageError: the file cannot be read.
        BadInput: it has faults.
    """
    file = launch.rules_file
    if file is None:
        return None
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"--rules {file}: {error.strerror}") from None
    try:
        return parse_rules(content)
    except BadInput as error:
        raise BadInput(
            [
                Fault(place=f"{file}: {fault.place}", message=fault.message, column=fault.column)
                for fault in error.faults
            ]
        ) from None


async def kept_rules(keeper: RuleStore, *, is_demo: bool) -> tuple[Rule, ...]:
    """Return the trader's rules; on a demo without any, those it starts with."""
    # The starter rules' levels fit the demo market and no other.
    if is_demo and not await keeper.all():
        starters = parse_rules((paths.resources() / "samples" / "starter_rules.json").read_bytes())
        await keeper.keep({rule.uid: rule for rule in starters})
    return await keeper.all()
