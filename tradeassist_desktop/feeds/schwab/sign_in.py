"""One visit to Schwab's sign-in page: the address to open, and the check of what comes back."""

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock

LIFE_S: Final = 600
"""How long the trader may take at Schwab's page."""
_STATE_BYTES: Final = 32
_MOST_FIELDS: Final = 20
_HIGHEST_PORT: Final = 65535
_HTTPS_PORT: Final = 443
_CALLBACK: Final = re.compile(r"https://127\.0\.0\.1(?::([0-9]{1,5}))?(/[\w.~/\-]*)?", re.ASCII)
_START_ANEW: Final = "Press the button and sign in once more."


class WrongAnswer(TradeAssistError):
    """What came back is not the answer to this visit; the text says why. The visit goes on."""


class SignInDenied(TradeAssistError):
    """Schwab's own answer to this visit is no; the visit is over."""


@dataclass(frozen=True, slots=True)
class CallbackAddress:
    """Where Schwab sends the browser back to: to the byte what the developer app has registered."""

    text: str

    def __post_init__(self) -> None:
        match = _CALLBACK.fullmatch(self.text)
        if match is None or not 0 < self.port <= _HIGHEST_PORT:
            raise ValueError(f"a callback must be such as https://127.0.0.1:8182, was {self.text!r}")

    @property
    def port(self) -> int:
        """The port of this machine; 443 where none is named."""
        match = _CALLBACK.fullmatch(self.text)
        return int(match.group(1)) if match is not None and match.group(1) else _HTTPS_PORT

    @property
    def path(self) -> str:
        """The path a browser asks for: ``/`` where none is named."""
        return urlsplit(self.text).path or "/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What the ``Host`` header of a browser sent here says."""
        with_port = f"127.0.0.1:{self.port}"
        return (with_port, "127.0.0.1") if self.port == _HTTPS_PORT else (with_port,)


class SignInVisit:
    """A visit has a secret of its own, ``state``, that only its answer can name. It is good once.

    Args:
        base_url: Schwab's, without a slash at its end.
        app_key: Of the developer app.
        clock: Ends the visit after ten minutes.
    """

    def __init__(self, *, base_url: str, app_key: str, callback: CallbackAddress, clock: Clock) -> None:
        self._callback = callback
        self._clock = clock
        self._until_ns = clock.monotonic_ns() + LIFE_S * NS_PER_SECOND
        self._state = secrets.token_urlsafe(_STATE_BYTES)
        self._is_used = False
        query = urlencode(
            {
                "client_id": app_key,
                "redirect_uri": callback.text,
                "response_type": "code",
                "state": self._state,
            }
        )
        self.address = f"{base_url}/v1/oauth/authorize?{query}"

    def code_in(self, query: str) -> str:
        """Return the code of the browser's answer; no other is taken after it.

        Args:
            query: What stands after the question mark.

        Raises:
            WrongAnswer: it belongs to no visit, to another one, or to one that is over.
            SignInDenied: it is the answer, and there is no code in it.
        """
        fields = _fields(query)
        states = fields.get("state", [])
        # Compared even where there is none: how long it takes must tell nothing.
        is_ours = hmac.compare_digest("".join(states).encode(), self._state.encode())
        if not states:
            raise WrongAnswer(f"That address has no “state” in it: it is not complete. {_START_ANEW}")
        if len(states) != 1 or not is_ours:
            raise WrongAnswer(f"That address belongs to another sign-in. {_START_ANEW}")
        if self._is_used:
            raise WrongAnswer("That address was used before, and is good only once.")
        if self._clock.monotonic_ns() >= self._until_ns:
            raise WrongAnswer(f"That sign-in took longer than ten minutes and is over. {_START_ANEW}")
        codes = fields.get("code", [])
        if len(codes) > 1:
            raise WrongAnswer("That address has two codes in it, and may have just one.")
        self._is_used = True
        if not codes or not codes[0]:
            raise SignInDenied("Schwab sent the browser back without a code: the sign-in was not allowed.")
        return codes[0]

    def code_in_address(self, pasted: str) -> str:
        """Return the code of an address that the trader copied out of the browser.

        Raises:
            WrongAnswer: as ``code_in``, or it is no such address; the text says what is wrong with it.
            SignInDenied: as ``code_in``.
        """
        # Mail programs and terminals break long lines.
        address = "".join(pasted.split()).strip("<>\"'")
        begins = f"{self._callback.text}?code=…"
        if not address:
            raise WrongAnswer(f"Paste the address the browser shows after the sign-in: {begins}")
        try:
            parts = urlsplit(address)
        except ValueError:
            raise WrongAnswer(f"That is not an address. It begins with {begins}") from None
        if parts.scheme != "https" or parts.netloc not in self._callback.hosts:
            if parts.path.endswith("/oauth/authorize"):
                raise WrongAnswer(
                    f"That is the address of Schwab's sign-in page. Sign in there first; "
                    f"the browser then shows one that begins with {begins}"
                )
            raise WrongAnswer(f"That address leads elsewhere. It begins with {begins}")
        if (parts.path or "/") != self._callback.path:
            raise WrongAnswer(f"That address has another path. It begins with {begins}")
        return self.code_in(parts.query)


def _fields(query: str) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise WrongAnswer("That address cannot be read.") from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields
