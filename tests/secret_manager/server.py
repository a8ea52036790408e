"""A Google Cloud Secret Manager on this machine: gRPC over TLS, for the official client as it is."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import grpc
from google.cloud.secretmanager_v1.types import resources, service
from google.protobuf import empty_pb2

from tests.channels.authority import Authority
from tests.secret_manager.accounts import Accounts
from tests.secret_manager.faults import Fault
from tests.secret_manager.refusals import UNAUTHENTICATED, Refusal, permission_denied
from tests.secret_manager.vault import Vault

_THREADS = 64


@dataclass(frozen=True)
class Method:
    """A method of the service: what it takes and gives, and the permission it needs."""

    request: Any
    answer: Any
    permission: str


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "CreateSecret": Method(service.CreateSecretRequest, resources.Secret, "secrets.create"),
        "GetSecret": Method(service.GetSecretRequest, resources.Secret, "secrets.get"),
        "ListSecrets": Method(service.ListSecretsRequest, service.ListSecretsResponse, "secrets.list"),
        "UpdateSecret": Method(service.UpdateSecretRequest, resources.Secret, "secrets.update"),
        "DeleteSecret": Method(service.DeleteSecretRequest, None, "secrets.delete"),
        "AddSecretVersion": Method(service.AddSecretVersionRequest, resources.SecretVersion, "versions.add"),
        "GetSecretVersion": Method(service.GetSecretVersionRequest, resources.SecretVersion, "versions.get"),
        "AccessSecretVersion": Method(
            service.AccessSecretVersionRequest, service.AccessSecretVersionResponse, "versions.access"
        ),
        "ListSecretVersions": Method(
            service.ListSecretVersionsRequest, service.ListSecretVersionsResponse, "versions.list"
        ),
        "EnableSecretVersion": Method(
            service.EnableSecretVersionRequest, resources.SecretVersion, "versions.enable"
        ),
        "DisableSecretVersion": Method(
            service.DisableSecretVersionRequest, resources.SecretVersion, "versions.disable"
        ),
        "DestroySecretVersion": Method(
            service.DestroySecretVersionRequest, resources.SecretVersion, "versions.destroy"
        ),
    }
)


class SecretManagerServer:
    """Answers by ``vault``'s rules, but for the faults it was told of.

    ``calls`` has every request that came in, as method and resource, those that failed included.
    """

    def __init__(self, *, vault: Vault, accounts: Accounts, authority: Authority) -> None:
        self.vault = vault
        self.accounts = accounts
        self.calls: list[tuple[str, str]] = []
        self.port = 0
        self._authority = authority
        self._faults: list[tuple[str, Fault, int | None]] = []
        self._lock = threading.RLock()
        self._server: grpc.Server | None = None
        self._threads: ThreadPoolExecutor | None = None

    @property
    def endpoint(self) -> str:
        return f"localhost:{self.port}"

    def fail(self, fault: Fault, *, method: str = "", times: int | None = None) -> None:
        """Fail calls of a method, or of all of them; so many, or until ``recover``."""
        with self._lock:
            self._faults.append((method, fault, times))

    def recover(self) -> None:
        with self._lock:
            self._faults.clear()

    def called(self, method: str) -> int:
        """How many calls of that method came in."""
        return sum(name == method for name, _ in self.calls)

    # --- running

    def start(self) -> None:
        """Listen; after a ``stop``, where it was before."""
        methods = {
            name: grpc.unary_unary_rpc_method_handler(
                partial(self._answer, name),
                request_deserializer=method.request.deserialize,
                response_serializer=method.answer.serialize
                if method.answer
                else empty_pb2.Empty.SerializeToString,
            )
            for name, method in METHODS.items()
        }
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="secret manager")
        self._server = grpc.server(self._threads, options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(
                    "google.cloud.secretmanager.v1.SecretManagerService", methods
                ),
            )
        )
        identity = grpc.ssl_server_credentials([self._authority.signed("localhost", "127.0.0.1")])
        self.port = self._server.add_secure_port(f"127.0.0.1:{self.port}", identity)
        self._server.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None and self._threads is not None:
            self._server.stop(None).wait()
            self._threads.shutdown()
            self._server = self._threads = None

    # --- answering, in a thread of the server's

    def _answer(self, name: str, request: Any, context: grpc.ServicerContext) -> Any:
        resource = str(getattr(request, "name", "") or getattr(request, "parent", ""))
        with self._lock:
            self.calls.append((name, resource))
            fault = self._next_fault(name)
        ended = threading.Event()
        context.add_callback(ended.set)
        if fault is not None and (fault.hangs or fault.slow_s):
            ended.wait(None if fault.hangs else fault.slow_s)
        try:
            return self._do(name, request, resource, context, fault)
        except Refusal as refusal:
            return refusal.end(context)

    def _do(
        self, name: str, request: Any, resource: str, context: grpc.ServicerContext, fault: Fault | None
    ) -> Any:
        if fault is not None and fault.refusal is not None and not fault.is_lost:
            raise fault.refusal
        if not self.accounts.accepts(str(dict(context.invocation_metadata()).get("authorization", ""))):
            raise UNAUTHENTICATED
        if fault is not None and fault.is_denied:
            raise permission_denied(f"secretmanager.{METHODS[name].permission}", resource)
        if not context.is_active():
            raise Refusal(grpc.StatusCode.CANCELLED, "The client has gone.")
        with self._lock:
            self.vault.publish_what_is_due()
            answer = getattr(self.vault, _snake(name))(request)
            answer = empty_pb2.Empty() if answer is None else type(answer)(answer)
        if fault is not None and fault.refusal is not None:
            raise fault.refusal
        if fault is not None and fault.spoils:
            _spoil(answer, fault.spoils)
        return answer

    def _next_fault(self, name: str) -> Fault | None:
        for place, (method, fault, times) in enumerate(self._faults):
            if method in ("", name):
                if times == 1:
                    del self._faults[place]
                elif times is not None:
                    self._faults[place] = (method, fault, times - 1)
                return fault
        return None


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _spoil(answer: Any, what: str) -> None:
    payload = getattr(answer, "payload", None)
    if payload is None:
        return
    if what == "data":
        payload.data = bytes([payload.data[0] ^ 1]) + payload.data[1:]
    elif what == "crc":
        payload.data_crc32c = (payload.data_crc32c + 1) % 2**32
    else:
        del payload.data_crc32c


@contextmanager
def secret_manager(
    authority: Authority, *, location: str = "", most_per_page: int = 25_000
) -> Iterator[SecretManagerServer]:
    """Run one on a free port of 127.0.0.1; its certificate, by ``authority``, is for ``localhost``."""
    vault = Vault(location=location, most_per_page=most_per_page)
    server = SecretManagerServer(vault=vault, accounts=Accounts(), authority=authority)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def key_file(server: SecretManagerServer, folder: Path) -> Path:
    """Write a key of a service account that the server knows; return where."""
    file = folder / "service-account.json"
    server.accounts.write_key_file(file)
    return file
