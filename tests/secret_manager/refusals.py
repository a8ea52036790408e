"""What Secret Manager says when it does not do what it was asked, in its own words."""

from typing import Any, NoReturn

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

SERVICE = "secretmanager.googleapis.com"


class Refusal(Exception):
    """An answer that is an error: its code, its words, and the messages that come with them."""

    def __init__(self, code: grpc.StatusCode, words: str, details: tuple[Any, ...] = ()) -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words
        self.details = details

    def end(self, context: grpc.ServicerContext) -> NoReturn:
        packed = []
        for detail in self.details:
            message = AnyMessage()
            message.Pack(detail)
            packed.append(message)
        number = code_pb2.Code.Value(self.code.name)
        status = status_pb2.Status(code=number, message=self.words, details=packed)
        context.abort_with_status(rpc_status.to_status(status))
        raise AssertionError("abort raises")


def permission_denied(permission: str, resource: str) -> Refusal:
    return Refusal(
        grpc.StatusCode.PERMISSION_DENIED,
        f"Permission '{permission}' denied for resource '{resource}' (or it may not exist).",
        (
            error_details_pb2.ErrorInfo(
                reason="IAM_PERMISSION_DENIED",
                domain="iam.googleapis.com",
                metadata={"permission": permission, "resource": resource},
            ),
        ),
    )


def api_disabled(project: str) -> Refusal:
    return Refusal(
        grpc.StatusCode.PERMISSION_DENIED,
        f"Secret Manager API has not been used in project {project} before or it is disabled. Enable it by "
        f"visiting https://console.developers.google.com/apis/api/{SERVICE}/overview?project={project} then "
        "retry. If you enabled this API recently, wait a few minutes for the action to propagate to our "
        "systems and retry.",
        (
            error_details_pb2.ErrorInfo(
                reason="SERVICE_DISABLED",
                domain="googleapis.com",
                metadata={"service": SERVICE, "consumer": f"projects/{project}"},
            ),
        ),
    )


def exhausted(retry_s: float | None) -> Refusal:
    details = [
        error_details_pb2.ErrorInfo(
            reason="RATE_LIMIT_EXCEEDED", domain="googleapis.com", metadata={"service": SERVICE}
        )
    ]
    if retry_s is not None:
        info = error_details_pb2.RetryInfo()
        info.retry_delay.FromNanoseconds(round(retry_s * 1e9))
        details.append(info)
    return Refusal(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "Quota exceeded for quota metric 'Access requests' and limit 'Access requests per minute' of service "
        f"'{SERVICE}' for consumer 'project_number:482913337105'.",
        tuple(details),
    )


UNAUTHENTICATED = Refusal(
    grpc.StatusCode.UNAUTHENTICATED,
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    (
        error_details_pb2.ErrorInfo(
            reason="ACCESS_TOKEN_TYPE_UNSUPPORTED", domain="googleapis.com", metadata={"service": SERVICE}
        ),
    ),
)


def not_found(resource: str, *, versions: bool = False) -> Refusal:
    tail = "not found or has no versions." if versions else "not found."
    kind = "Secret Version" if "/versions/" in resource else "Secret"
    return Refusal(grpc.StatusCode.NOT_FOUND, f"{kind} [{resource}] {tail}")


def invalid(words: str) -> Refusal:
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, words)


def unmet(words: str) -> Refusal:
    return Refusal(grpc.StatusCode.FAILED_PRECONDITION, words)
