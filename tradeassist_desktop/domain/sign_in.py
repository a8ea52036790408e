"""How the sign-in at a venue stands."""

from dataclasses import dataclass
from enum import StrEnum


class SignInState(StrEnum):
    """Where the trader stands with the venue; renewing goes through the middle ones again."""

    SIGNED_OUT = "signed_out"
    WAITING = "waiting"
    EXCHANGING = "exchanging"
    SIGNED_IN = "signed_in"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SignInStatus:
    """The sign-in now.

    Args:
        detail: Sentences for the trader: what is the matter, or what to do next.
        address: The page to sign in at, while one waits for it.
        callback: With what the address begins that the browser shows afterwards.
        has_app: Whether the key and secret of a developer app are known.
        expires_ns: When the trader must have signed in again, UTC nanoseconds; ``None`` where it is
            not known, or nobody is signed in.
    """

    state: SignInState = SignInState.SIGNED_OUT
    detail: str = ""
    address: str = ""
    callback: str = ""
    has_app: bool = False
    expires_ns: int | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether the trader is at the venue's page, or has just come back from it."""
        return self.state in (SignInState.WAITING, SignInState.EXCHANGING)
