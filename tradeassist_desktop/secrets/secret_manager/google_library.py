"""Google's client library: brought in when first needed, kept quiet, and its errors read."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from tradeassist_desktop.secrets.secret_manager.credentials import GoogleAccount, load_account
from tradeassist_desktop.secrets.secret_manager.failures import Answer
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

_CLIENT: Final = "google.cloud.secretmanager_v1.services.secret_manager_service"
_ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        # gRPC writes of broken connections to standard error, past every log; we tell of them ourselves.
        "GRPC_VERBOSITY": "NONE",
        # Where there are no credentials, a machine of Google's answers at once, and nobody else ever does.
        "GCE_METADATA_TIMEOUT": "1",
        "GCE_METADATA_DETECT_RETRIES": "1",
    }
)
_TALKATIVE: Final = (
    f"{_CLIENT}.transports.grpc_asyncio",
    f"{_CLIENT}.transports.grpc",
    f"{_CLIENT}.transports.rest",
    f"{_CLIENT}.transports.rest_base",
    f"{_CLIENT}.async_client",
    f"{_CLIENT}.client",
    "google.auth.aio.transport",
    "google.auth.transport.requests",
    "google.auth.transport._http_client",
    "google.oauth2._client",
)
"""Loggers that write whole requests and answers at DEBUG, payloads and access tokens included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a client is made of, read beside the loop."""

    place: SecretManagerPlace
    account: GoogleAccount

    def client(self) -> Any:
        """Return a client on the running loop. It connects with its first call."""
        from google.api_core.client_options import ClientOptions
        from google.cloud.secretmanager_v1 import SecretManagerServiceAsyncClient

        options = ClientOptions(api_endpoint=self.place.host)
        return SecretManagerServiceAsyncClient(credentials=self.account.credentials, client_options=options)


def load_login(place: SecretManagerPlace) -> Login:
    """Bring the library in and read the credentials. Blocks for half a second or more.

    Raises:
        KeeperRefused: there are no credentials that can be used.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # Before it is brought in: else it takes its own way past our log.
    logging.getLogger("google").setLevel(logging.ERROR)
    logging.getLogger("grpc").setLevel(logging.ERROR)
    import google.cloud.secretmanager_v1  # noqa: F401
    import google_crc32c  # noqa: F401  # compiled code, wanted with the first payload

    for name in _TALKATIVE:
        # Not by level: GOOGLE_SDK_PYTHON_LOGGING_SCOPE in the environment sets that of any of them.
        logging.getLogger(name).disabled = True
    return Login(place=place, account=load_account(place.credentials))


def read_error(error: Any) -> Answer:
    """Return what a ``GoogleAPICallError`` says."""
    code = error.grpc_status_code
    retry_after_s = None
    for detail in error.details or ():
        delay = getattr(detail, "retry_delay", None)
        if delay is not None:
            retry_after_s = delay.seconds + delay.nanos / 1e9
    return Answer(
        code=code.name if code is not None else "UNKNOWN",
        words=str(error.message or ""),
        reason=str(error.reason or ""),
        retry_after_s=retry_after_s,
    )


def arguments(limit_s: float) -> Mapping[str, Any]:
    """Return how each call is made: once, as the library's own retry hides failures from the breaker."""
    return {"retry": None, "timeout": limit_s}
