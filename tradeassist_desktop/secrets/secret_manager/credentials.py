"""Who the program is to Google Cloud: a service account's key file, or what this computer is signed in as."""

import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from tradeassist_desktop.domain.secret import KeeperRefused
from tradeassist_desktop.secrets.secret_manager.failures import NAME

_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "service_account": ("client_email", "private_key", "private_key_id", "token_uri"),
    "authorized_user": ("client_id", "client_secret", "refresh_token"),
}
_MOST_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleAccount:
    """Credentials, and what a person may be told of them.

    Args:
        address: Of the service account; empty where it is not known.
        project: The project it belongs to; empty where it is not known.
        source: Where they come from: the key file's path, or ``application default``.
        is_exposed: Whether others on this computer can read the key file.
    """

    credentials: Any = field(repr=False)
    address: str = ""
    project: str = ""
    source: str = ""
    is_exposed: bool = False


def load_account(file: str) -> GoogleAccount:
    """Return the account of a key file, or the application default. Blocks: reads files, may ask the network.

    Raises:
        KeeperRefused: there is none that can be used; the message says what to do.
    """
    if not file:
        return _application_default()
    path = Path(file).expanduser()
    fault, mode = "", 0
    document: Mapping[str, Any] = {}
    try:
        mode = path.stat().st_mode
        document = _document(path)
    except FileNotFoundError:
        fault = f"the key file {path} is not there"
    except OSError as error:
        fault = f"the key file {path} cannot be read: {error.strerror}"
    except ValueError:
        # Its message, and what it carries, would show the file: nothing of it goes any further.
        fault = f"the key file {path} is no JSON: download the key anew"
    if fault:
        raise KeeperRefused(fault, keeper=NAME)
    kind = str(document.get("type", ""))
    load = _KINDS.get(kind)
    if load is None:
        raise KeeperRefused(
            f"{path} is no service account's key file, but {_described(kind)}: make a key for a service "
            "account in the Google Cloud console under IAM & Admin, Service Accounts",
            keeper=NAME,
        )
    missing = [
        name for name in _FIELDS[kind] if not isinstance(document.get(name), str) or not document[name]
    ]
    account = None if missing else load(document)
    if account is None:
        fault = f"lacks {missing[0]}" if missing else "has a private key that cannot be read"
        raise KeeperRefused(f"the key file {path} {fault}: download the key anew", keeper=NAME)
    return replace(account, source=str(path), is_exposed=bool(mode & (stat.S_IRGRP | stat.S_IROTH)))


def _document(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        document = json.loads(file.read(_MOST_BYTES))
    return document if isinstance(document, dict) else {}


def _described(kind: str) -> str:
    return f"of type {kind[:40]!r}" if kind else "JSON without a type"


def _service_account(document: Mapping[str, Any]) -> GoogleAccount | None:
    signer = _signer(document)
    if signer is None:
        return None
    from google.oauth2 import service_account

    credentials = service_account.Credentials(  # type: ignore[no-untyped-call]
        signer,
        service_account_email=document["client_email"],
        token_uri=document["token_uri"],
        project_id=document.get("project_id"),
        # Signs each hour's token itself: no other server is asked for one.
        always_use_jwt_access=True,
    )
    return GoogleAccount(
        credentials=credentials,
        address=document["client_email"],
        project=str(document.get("project_id") or ""),
    )


def _person(document: Mapping[str, Any]) -> GoogleAccount:
    from google.oauth2.credentials import Credentials

    credentials = Credentials.from_authorized_user_info(document, scopes=[_SCOPE])  # type: ignore[no-untyped-call]
    return GoogleAccount(credentials=credentials, project=str(document.get("quota_project_id") or ""))


def _signer(document: Mapping[str, Any]) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from google.auth.crypt import RSASigner

    try:
        # To look for mistakes in its primes holds up the interpreter, and so the window, for 45 ms and
        # more. With a damaged key Google refuses what is signed with it.
        key = load_pem_private_key(
            document["private_key"].encode(), password=None, unsafe_skip_rsa_key_validation=True
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, RSAPrivateKey):
        return None
    return RSASigner(key, key_id=document["private_key_id"])  # type: ignore[no-untyped-call]


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], GoogleAccount | None]]] = {
    "service_account": _service_account,
    "authorized_user": _person,
}


def _application_default() -> GoogleAccount:
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    try:
        credentials, project = google.auth.default(scopes=[_SCOPE])
    except (GoogleAuthError, OSError, ValueError):
        credentials, project = None, None
    if credentials is None:
        raise KeeperRefused(
            "there are no Google credentials: choose a service account's key file (secrets.gcp.credentials), "
            "or sign in with `gcloud auth application-default login`",
            keeper=NAME,
        )
    address = getattr(credentials, "service_account_email", "") or getattr(credentials, "account", "")
    return GoogleAccount(
        credentials=credentials,
        address="" if address in ("", "default") else str(address),
        project=project or "",
        source="application default",
    )
