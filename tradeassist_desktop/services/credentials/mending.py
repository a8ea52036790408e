"""Lines for a terminal that mend what a check of Secret Manager has found."""

from typing import Final

from tradeassist_desktop.domain.secret_setup import SetupStep, StepResult
from tradeassist_desktop.secrets.secret_manager.setup_check import (
    ADD,
    CREDENTIALS,
    LIST,
    PROJECT,
    READ,
    ROUND_TRIP,
    SIGN_IN,
)

_ROLES: Final = {
    READ: "roles/secretmanager.secretAccessor",
    ADD: "roles/secretmanager.admin",
    ROUND_TRIP: "roles/secretmanager.admin",
    LIST: "roles/secretmanager.viewer",
}
_SOMEBODY: Final = "ACCOUNT"
_MACHINES: Final = ".gserviceaccount.com"


def mending_line(step: SetupStep, *, project: str, account: str, uses_file: bool) -> str:
    """Return a line of ``gcloud`` that helps; empty where none does.

    Args:
        project: As the check was asked about; empty for none.
        account: Who is signed in, where that is known.
        uses_file: Whether a service account's key file was given.
    """
    if step.result not in (StepResult.FAILED, StepResult.HINT) or not project:
        return "gcloud projects list" if step.title == PROJECT and step.result is StepResult.FAILED else ""
    if step.title == CREDENTIALS and step.result is StepResult.FAILED:
        return "" if uses_file else "gcloud auth application-default login"
    if step.title == SIGN_IN and "API is not enabled" in step.words:
        return f"gcloud services enable secretmanager.googleapis.com --project={project}"
    if step.title == SIGN_IN and "billing" in step.words:
        return f"gcloud billing projects describe {project}"
    role = _ROLES.get(step.title)
    if role is None or "permission" not in step.words:
        return ""
    return f"gcloud projects add-iam-policy-binding {project} --member={_member(account)} --role={role}"


def _member(account: str) -> str:
    kind = "serviceAccount" if account.endswith(_MACHINES) or not account else "user"
    return f"{kind}:{account or _SOMEBODY}"
