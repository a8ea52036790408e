"""A plain client of the simulator: no code of the feed, so that the two cannot agree on a mistake."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from tradeassist_desktop.simulator import Simulator

Frame = dict[str, Any]


@dataclass
class PlainClient:
    """Speaks the protocol by hand."""

    simulator: Simulator
    http: aiohttp.ClientSession
    access_token: str = ""
    frames: list[Frame] = field(default_factory=list)
    socket: Any = None
    request_id: int = 0

    async def post_token(self, *, keys: tuple[str, str] | None = None, **form: str) -> tuple[int, Frame]:
        ready = self.simulator.ready_line()
        pair = ":".join(keys or (ready["app_key"], ready["app_secret"]))
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        async with self.http.post(f"{ready['http']}/v1/oauth/token", data=form, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str, *, token: str | None = None, **query: str) -> tuple[int, Frame]:
        headers = {"Authorization": f"Bearer {self.access_token if token is None else token}"}
        url = self.simulator.http_url + path
        async with self.http.get(url, params=query, headers=headers) as answer:
            return answer.status, await answer.json()

    async def sign_in(self) -> None:
        _, tokens = await self.post_token(
            grant_type="refresh_token", refresh_token=self.simulator.ready_line()["refresh_token"]
        )
        self.access_token = tokens["access_token"]

    async def open(self) -> None:
        """Sign in and open the websocket, without logging in to it."""
        await self.sign_in()
        _, preference = await self.get("/trader/v1/userPreference")
        url = preference["streamerInfo"][0]["streamerSocketUrl"]
        self.socket = await self.http.ws_connect(url)

    async def log_in(self) -> Frame:
        await self.open()
        return await self.command("ADMIN", "LOGIN", Authorization=self.access_token)

    async def command(self, service: str, command: str, **parameters: str) -> Frame:
        """Send a command; return its answer's content. Other frames are kept."""
        self.request_id += 1
        request = {
            "requestid": str(self.request_id),
            "service": service,
            "command": command,
            "parameters": parameters,
        }
        await self.socket.send_str(json.dumps({"requests": [request]}))
        while True:
            frame = await self.next_frame()
            for answer in frame.get("response", []):
                if answer["requestid"] == str(self.request_id):
                    content: Frame = answer["content"]
                    return content

    async def next_frame(self) -> Frame:
        message = await self.socket.receive(timeout=5)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise EOFError(f"{message.type.name} {self.socket.close_code}")
        frame: Frame = json.loads(message.data)
        self.frames.append(frame)
        return frame

    async def until_end(self) -> str:
        """Read to the end of the connection; return how it ended."""
        try:
            while True:
                await self.next_frame()
        except EOFError as end:
            return str(end)

    async def items(self, count: int) -> list[Frame]:
        """Read until there are ``count`` content items in all; return them in order."""
        while len(found := self.items_so_far()) < count:
            await self.next_frame()
        return found

    def items_so_far(self) -> list[Frame]:
        return [item for frame in self.frames for part in frame.get("data", []) for item in part["content"]]

    def notices(self) -> list[Frame]:
        return [notice for frame in self.frames for notice in frame.get("notify", [])]


@pytest.fixture
def client_of() -> Callable[..., Any]:
    """``async with client_of(simulator) as client``."""

    @asynccontextmanager
    async def open_(simulator: Simulator) -> AsyncIterator[PlainClient]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
            client = PlainClient(simulator=simulator, http=http)
            yield client
            if client.socket is not None:
                await client.socket.close()

    return open_
