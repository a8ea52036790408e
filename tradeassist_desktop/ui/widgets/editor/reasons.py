"""Why an act of the editor does nothing now; empty where it does something."""

from collections.abc import Sequence

from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.ui.widgets.editor.drafts import Draft


def why_not_written(draft: Draft | None, _: Sequence[Fault]) -> str:
    """Say that no rule is open."""
    return "Open a rule in the editor first." if draft is None else ""


def why_not_sound(draft: Draft | None, faults: Sequence[Fault]) -> str:
    """Say that what was written is no rule yet."""
    to_mend = "Mend what is wrong with the rule in the editor first." if faults else ""
    return why_not_written(draft, faults) or to_mend


def why_not_changed(draft: Draft | None, faults: Sequence[Fault]) -> str:
    """Say that there is nothing to go back from."""
    is_changed = draft is not None and draft.is_changed
    return why_not_written(draft, faults) or ("" if is_changed else "Nothing was changed in the editor.")


def why_not_saved(draft: Draft | None, faults: Sequence[Fault]) -> str:
    """Say why there is nothing that could be saved."""
    return why_not_changed(draft, faults) or why_not_sound(draft, faults)


def why_not_deleted(draft: Draft | None, faults: Sequence[Fault]) -> str:
    """Say that the rule is not among the desk's."""
    is_kept = draft is not None and draft.is_kept
    return why_not_written(draft, faults) or ("" if is_kept else "This rule was never saved.")
