"""New tokens of a Slack app that rotates them: each lives for twelve hours, and so does what renews it.

Slack ends a refresh token when it is used: what came back must be kept before it is used, or the app has
to be installed anew.
"""

import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final

from tradeassist_desktop.channels.kind import ChannelSettings
from tradeassist_desktop.channels.slack_door import Bot, token_fault
from tradeassist_desktop.channels.slack_errors import meaning
from tradeassist_desktop.channels.slack_line import Answer, NoAnswer, NotSent, SlackLine, warm_up
from tradeassist_desktop.channels.tls import usual_tls
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rotation import EXPIRES_FIELD, RotationFailed
from tradeassist_desktop.domain.secret import Secret
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.runtime.clock import Clock

TIMEOUT_S: Final = 20.0

_INSTALL: Final = "install the Slack app anew, and give its token and its refresh token"
_REFUSALS: Final = {
    "invalid_refresh_token": f"Slack no longer takes the refresh token, it was used before: {_INSTALL}",
    "invalid_client_id": "Slack knows no app with this client ID: give the one under Basic Information",
    "bad_client_secret": "Slack does not take the client secret: give the one under Basic Information",
    "token_rotation_not_enabled": f"the Slack app does not rotate its tokens any more: {_INSTALL}",
}


class SlackTokens:
    """Makes a new token with the refresh token of the old, and tries it.

    Args:
        tls: Makes what certificates are checked against; slow, called in a thread.
    """

    ends: Final = True
    """Secrets of this kind run out."""

    def __init__(
        self,
        *,
        settings: ChannelSettings,
        clock: Clock,
        tls: Callable[[], ssl.SSLContext] = usual_tls,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._tls = tls
        self._timeout_s = timeout_s

    def lacks(self, secret: Mapping[str, str]) -> str:
        """Return in words why this secret cannot be replaced here; empty where it can."""
        if not secret.get("refresh_token"):
            return "the Slack app does not rotate its tokens: no refresh token was given"
        if not secret.get("client_id") or not secret.get("client_secret"):
            return "give the client ID and the client secret of the Slack app too (Basic Information)"
        return ""

    async def make(self, secret: Secret) -> Secret:
        """Return what Slack gives for the refresh token; the old token goes on for the rest of its time.

        Raises:
            RotationFailed: it gave nothing; or no answer came, and whether the refresh token is spent
                is not known.
        """
        if lacking := self.lacks(secret):
            raise RotationFailed(lacking, retry=False)
        asked_ns = self._clock.now_ns()
        answer = await self._ask(
            "oauth.v2.access",
            token="",
            arguments={
                "grant_type": "refresh_token",
                "refresh_token": secret["refresh_token"],
                "client_id": secret["client_id"],
                "client_secret": secret["client_secret"],
            },
        )
        body = _body(answer)
        token, refresh, lives_s = (body.get(key) for key in ("access_token", "refresh_token", "expires_in"))
        if not isinstance(token, str) or token_fault(token) or not isinstance(refresh, str) or not refresh:
            raise RotationFailed("Slack's answer has no new token in it", retry=True)
        fields = {**secret, "token": token, "refresh_token": refresh}
        fields.pop(EXPIRES_FIELD, None)
        if isinstance(lives_s, int) and lives_s > 0:
            fields[EXPIRES_FIELD] = str(asked_ns + lives_s * NS_PER_SECOND)
        return Secret(fields)

    async def verify(self, secret: Secret) -> None:
        """Ask Slack whom the token belongs to.

        Raises:
            RotationFailed: it does not say; to be asked again, as there is no way back to the old
                refresh token.
        """
        _body(await self._ask("auth.test", token=secret["token"], arguments={}))

    async def retire(self, secret: Secret) -> None:
        """Do nothing: a token ends by itself, and another desk may still use it until then."""

    async def _ask(self, method: str, *, token: str, arguments: Mapping[str, Any]) -> Answer:
        base_url = self._settings.text("slack.base_url")
        await aside(warm_up, name="Slack")
        tls = await aside(self._tls, name="certificates") if base_url.startswith("https:") else None
        line = SlackLine(timeout_s=self._timeout_s, tls=tls)
        try:
            return await line.call(
                Bot(base_url=base_url, token=token, channel=""), method, arguments, as_form=True
            )
        except NotSent as error:
            raise RotationFailed(str(error), retry=True) from None
        except NoAnswer:
            raise RotationFailed(
                "Slack did not answer to the end: whether it has made a new token is not known", retry=True
            ) from None


def _body(answer: Answer) -> Mapping[str, Any]:
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status == 200 and body.get("ok") is True:
        return body
    code = answer.error if body.get("ok") is False else ""
    if code in _REFUSALS:
        raise RotationFailed(_REFUSALS[code], retry=False)
    if answer.status == 429:
        raise RotationFailed("Slack asks to slow down", retry=True)
    known = meaning(code)
    if known is not None:
        raise RotationFailed(known.words.replace("{channel}", "there"), retry=True)
    if code:
        raise RotationFailed(f"Slack refused: {code}", retry=True)
    if answer.is_page or answer.status < 500:
        raise RotationFailed("the answer is not Slack's: does the network want you to sign in?", retry=True)
    raise RotationFailed(f"Slack had an error ({answer.status})", retry=True)
