"""What Secret Manager answers in place of what was asked, in words that say what to do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from tradeassist_desktop.domain.secret import KeeperConflict, KeeperError, KeeperRefused, KeeperSilent
from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.outcomes import Outcome, every_error_fails
from tradeassist_desktop.runtime.breakers.presets import PRESETS
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

NAME: Final = "secret manager"

_DENIED: Final = re.compile(r"Permission '(?P<permission>[\w.]+)' denied for resource '(?P<resource>[^']+)'")
_ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "secretmanager.versions.access": "Secret Manager Secret Accessor",
        "secretmanager.versions.add": "Secret Manager Secret Version Adder",
        "secretmanager.versions.enable": "Secret Manager Secret Version Manager",
        "secretmanager.versions.disable": "Secret Manager Secret Version Manager",
        "secretmanager.versions.destroy": "Secret Manager Secret Version Manager",
        "secretmanager.versions.list": "Secret Manager Viewer",
        "secretmanager.versions.get": "Secret Manager Viewer",
        "secretmanager.secrets.list": "Secret Manager Viewer",
        "secretmanager.secrets.get": "Secret Manager Viewer",
    }
)
_ADMIN: Final = "Secret Manager Admin"
_UNFIT: Final = ("NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "ABORTED")
_LONGEST_WORDS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that is an error, as gRPC has it.

    Args:
        code: Such as ``PERMISSION_DENIED``.
        words: Google's own.
        reason: Google's name for why, such as ``SERVICE_DISABLED``; empty where it gives none.
        retry_after_s: How long it asks to be left alone; ``None`` where it does not.
    """

    code: str
    words: str
    reason: str = ""
    retry_after_s: float | None = None


class Unfit(KeeperConflict):
    """Things are not as the request took them to be: ``code`` says what is not there, or there already."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, keeper=NAME)
        self.code = code


class MissingPermission(KeeperRefused):
    """One permission is missing, as the message says; all else may be well."""

    def __init__(self, permission: str, resource: str, *, who: str) -> None:
        role = _ROLES.get(permission, _ADMIN)
        super().__init__(
            f"permission {permission} is missing on {resource}: give {who} the role {role}", keeper=NAME
        )


def failure(answer: Answer, *, place: SecretManagerPlace, account: str) -> KeeperError:
    """Return what an answer means for who asked.

    Args:
        account: Who was signed in: a service account's address; empty where it is not known.
    """
    who = account or "the account"
    if answer.code in _UNFIT:
        return Unfit(f"Secret Manager says: {_short(answer.words)}", code=answer.code)
    if answer.code == "PERMISSION_DENIED":
        return _denied(answer, place, who)
    if answer.code == "UNAUTHENTICATED" or _is_refused_sign_in(answer):
        return KeeperRefused(
            f"Google refused the credentials of {who}: their key may be deleted or disabled, or this "
            "computer's clock wrong. Set the clock, or choose a new key file",
            keeper=NAME,
        )
    if answer.code == "RESOURCE_EXHAUSTED":
        return KeeperSilent(
            f"Secret Manager is asked too often in project {place.project}",
            keeper=NAME,
            retry_after_s=answer.retry_after_s or 0.0,
        )
    if answer.code == "UNIMPLEMENTED":
        return KeeperRefused(f"{place.host} is no Secret Manager: check secrets.gcp.endpoint", keeper=NAME)
    if answer.code in ("INVALID_ARGUMENT", "OUT_OF_RANGE"):
        return KeeperRefused(
            "Secret Manager did not take the request; secrets.gcp.project or secrets.gcp.location may be "
            f"wrong: {_short(answer.words)}",
            keeper=NAME,
        )
    return KeeperSilent(_silence(answer, place), keeper=NAME)


def judge(error: Exception) -> Outcome:
    """Return what an error of a call says of Secret Manager.

    One that refuses, or asks for patience, is there: it is not to be left alone for that.
    """
    if isinstance(error, Unfit):
        return Outcome.SUCCESS
    if isinstance(error, KeeperSilent) and error.retry_after_s is not None:
        return Outcome.NEUTRAL
    if isinstance(error, KeeperError) and not isinstance(error, KeeperSilent):
        return Outcome.NEUTRAL
    return every_error_fails(error)


SECRET_MANAGER_BREAKER: Final[BreakerConfig] = replace(PRESETS[NAME], judge=judge)


def _denied(answer: Answer, place: SecretManagerPlace, who: str) -> KeeperRefused:
    missing = _DENIED.search(answer.words)
    if missing is not None:
        return MissingPermission(
            missing["permission"], missing["resource"].partition("/versions/")[0], who=who
        )
    if answer.reason == "SERVICE_DISABLED" or "has not been used in project" in answer.words:
        words = (
            f"the Secret Manager API is not enabled in project {place.project}: enable it in the Google "
            "Cloud console under APIs & Services, and try again some minutes later"
        )
    elif answer.reason == "BILLING_DISABLED" or "requires billing" in answer.words:
        words = f"project {place.project} has no billing account: link one in the Google Cloud console"
    elif answer.reason == "CONSUMER_INVALID" or "resource project" in answer.words:
        words = f"there is no project {place.project}, or {who} may not use it: check secrets.gcp.project"
    else:
        words = f"Google refused {who}: {_short(answer.words)}"
    return KeeperRefused(words, keeper=NAME)


def _is_refused_sign_in(answer: Answer) -> bool:
    # gRPC calls it unavailable when no token could be had, for whatever reason.
    return "metadata from plugin" in answer.words and "invalid_grant" in answer.words


def _silence(answer: Answer, place: SecretManagerPlace) -> str:
    words = answer.words.lower()
    if "metadata from plugin" in words:
        return "Google gave no access token: is the network up?"
    if "certificate_verify_failed" in words or "hostname verification" in words or "peer name" in words:
        return (
            f"the certificate of {place.host} is not to be trusted: something may stand between this "
            "computer and Google. Where that is your company's doing, name its authority's file in the "
            "environment variable GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
        )
    if "wrong_version_number" in words or "alpn" in words:
        return f"what answers at {place.host} is no Secret Manager: a proxy, or a network's sign-in page?"
    if "resolving" in words or "resolution" in words:
        return f"the name of {place.host} is not known: is the network up?"
    if "connect" in words or "socket" in words:
        return f"nobody answers at {place.host}: is the network up?"
    if answer.code == "DEADLINE_EXCEEDED":
        return f"no answer from {place.host} in time"
    return f"Secret Manager is out of order ({answer.code.lower().replace('_', ' ')})"


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}…"
