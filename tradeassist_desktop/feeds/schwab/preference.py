"""Where Schwab streams, and as whom: what ``userPreference`` says."""

from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from tradeassist_desktop.feeds.failures import ConnectionLost, FeedRefused
from tradeassist_desktop.feeds.http_answers import HttpAnswer, ask
from tradeassist_desktop.feeds.schwab.auth import SignInNeeded, TokenManager
from tradeassist_desktop.feeds.schwab.session import StreamerInfo

_DEADLINE_S: Final = 10.0


class _Streamer(msgspec.Struct):
    url: str = msgspec.field(name="streamerSocketUrl")
    customer_id: str = msgspec.field(name="schwabClientCustomerId")
    correlation_id: str = msgspec.field(name="schwabClientCorrelId")
    channel: str = msgspec.field(name="schwabClientChannel")
    function_id: str = msgspec.field(name="schwabClientFunctionId")


class _UserPreference(msgspec.Struct):
    streamers: list[_Streamer] = msgspec.field(name="streamerInfo")


class PreferenceReader:
    """Asks before each connection: the correlation id may be another every time.

    Args:
        base_url: Schwab's, without a slash at its end.
    """

    def __init__(self, *, base_url: str, tokens: TokenManager, http: httpx.AsyncClient) -> None:
        self._base_url = base_url
        self._tokens = tokens
        self._http = http

    async def read(self, token: str) -> tuple[StreamerInfo, str]:
        """Return where to stream from, and the access token that was taken: this one, or a fresher one.

        Raises:
            ConnectionLost: there is no such answer now.
            FeedRefused: the trader must sign in again, or the stream would not be encrypted.
        """
        answer = await self._ask(token)
        if answer.status == httpx.codes.UNAUTHORIZED:
            token = await self._tokens.replace(token)
            answer = await self._ask(token)
            if answer.status == httpx.codes.UNAUTHORIZED:
                raise SignInNeeded("Schwab does not let this app in: check its products, then sign in again.")
        if answer.status != httpx.codes.OK:
            raise ConnectionLost(f"Schwab answered {answer.status}", wait_s=answer.retry_after_s)
        info = _streamer_info(answer.body)
        if self._base_url.startswith("https:") and urlsplit(info.url).scheme != "wss":
            raise FeedRefused("Schwab named a stream without encryption; nothing was sent to it.")
        return info, token

    async def _ask(self, token: str) -> HttpAnswer:
        request = self._http.build_request(
            "GET",
            f"{self._base_url}/trader/v1/userPreference",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )
        return await ask(self._http, request, deadline_s=_DEADLINE_S)


def _streamer_info(body: bytes) -> StreamerInfo:
    try:
        streamer = msgspec.json.decode(body, type=_UserPreference).streamers[0]
    except (ValueError, IndexError, RecursionError):
        raise ConnectionLost("Schwab's answer does not say where to stream from") from None
    return StreamerInfo(
        url=streamer.url,
        customer_id=streamer.customer_id,
        correlation_id=streamer.correlation_id,
        channel=streamer.channel,
        function_id=streamer.function_id,
    )
