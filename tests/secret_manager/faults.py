"""What can go wrong with an answer, by a name that a command line can say."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import grpc

from tests.secret_manager.refusals import UNAUTHENTICATED, Refusal, api_disabled, exhausted
from tests.secret_manager.vault import PROJECT_NUMBER


@dataclass(frozen=True)
class Fault:
    """One answer that is not as it should be.

    Args:
        refusal: Answered in its place.
        is_denied: Refused for the permission that the request needs.
        hangs: Never answered; the request is not carried out.
        slow_s: Answered after so long.
        spoils: What of the payload is wrong: ``data``, ``crc`` or ``no crc``.
        is_lost: The request is carried out, and then answered with ``refusal``.
    """

    refusal: Refusal | None = None
    is_denied: bool = False
    hangs: bool = False
    slow_s: float = 0.0
    spoils: str = ""
    is_lost: bool = False


def _refused(code: grpc.StatusCode, words: str) -> Fault:
    return Fault(refusal=Refusal(code, words))


UNAVAILABLE = _refused(grpc.StatusCode.UNAVAILABLE, "The service is currently unavailable.")
HANG = Fault(hangs=True)
DENIED = Fault(is_denied=True)
REFUSED = Fault(refusal=UNAUTHENTICATED)
EXHAUSTED = Fault(refusal=exhausted(retry_s=30.0))
WRONG_DATA = Fault(spoils="data")
WRONG_CRC = Fault(spoils="crc")
NO_CRC = Fault(spoils="no crc")

FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "unavailable": UNAVAILABLE,
        "hang": HANG,
        "permission_denied": DENIED,
        "api_disabled": Fault(refusal=api_disabled(PROJECT_NUMBER)),
        "unauthenticated": REFUSED,
        "not_found": _refused(grpc.StatusCode.NOT_FOUND, "Requested entity was not found."),
        "exhausted": EXHAUSTED,
        "exhausted_without_delay": Fault(refusal=exhausted(retry_s=None)),
        "deadline": _refused(
            grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline expired before operation could complete."
        ),
        "internal": _refused(grpc.StatusCode.INTERNAL, "Internal error encountered."),
        "lost": Fault(refusal=UNAVAILABLE.refusal, is_lost=True),
        "corrupt": WRONG_DATA,
        "wrong_crc": WRONG_CRC,
        "no_crc": NO_CRC,
    }
)
