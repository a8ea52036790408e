"""A Slack on this machine: posts, uploads and webhooks as Slack answers them, and faults as told.

What it refuses of a message, and with which words, are Slack's own rules.
"""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from aiohttp import web

TOKEN = "xoxb-101-202-thewordsofthebot"
CHANNEL_ID = "C0ALERTS1"
CHANNEL = "#alerts"
HOOK_PATH = "/services/T0001/B0001/thesecretofthehook"

_NONE: Mapping[str, str] = MappingProxyType({})


class Fault(Enum):
    """What happens to a message that Slack took: it is kept, and the answer is lost."""

    RESET = "RST once it is taken"
    CLOSE = "FIN once it is taken"
    HANG = "no answer, for ever"
    HALF = "half an answer, then FIN"


@dataclass(frozen=True)
class Answer:
    """An answer in place of Slack's own; nothing is kept."""

    body: Any = ""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def refused(error: str) -> Answer:
    return Answer({"ok": False, "error": error})


@dataclass
class App:
    """An app that rotates its tokens: a refresh token is of use once."""

    secret: str
    refresh_tokens: set[str]
    rotates: bool = True
    made: int = 0


@dataclass
class SlackServer:
    """Answers posts with ``answers`` in turn, then as Slack does; those to ``upload_answers`` likewise."""

    answers: list[Answer | Fault | None] = field(default_factory=list)
    upload_answers: list[Answer | Fault | None] = field(default_factory=list)
    tokens: dict[str, set[str]] = field(default_factory=lambda: {TOKEN: {"chat:write", "files:write"}})
    requests: list[str] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    hooked: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    alt_texts: list[str] = field(default_factory=list)
    shared: list[dict[str, str]] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    apps: dict[str, "App"] = field(default_factory=dict)
    refresh_answers: list[Answer | Fault | None] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    tells_scopes: bool = True
    on_post: Callable[[], object] = lambda: None
    port: int = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def hook_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{HOOK_PATH}"

    def texts(self) -> list[str]:
        """What stands in the channel, as each message's fallback text."""
        return [message["text"] for message in self.messages]

    # --- what Slack does

    async def post_message(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append("chat.postMessage")
        self.on_post()
        self.hosts.append(request.host.split(":")[0])
        self.posts.append(body)
        told = self.answers.pop(0) if self.answers else None
        if isinstance(told, Answer):
            return _told(told)
        error = self._refusal(request, "chat:write") or _fault_of(body)
        answer = {"ok": False, "error": error} if error else self._keep(body)
        return await _answered(request, answer, told, headers=self._scopes(request))

    async def upload_url(self, request: web.Request) -> web.StreamResponse:
        self.requests.append("files.getUploadURLExternal")
        form = await request.post()
        file_id = f"F{len(self.uploads)}"
        self.alt_texts.append(str(form.get("alt_txt")))
        error = self._refusal(request, "files:write")
        good = {
            "ok": True,
            "file_id": file_id,
            "upload_url": f"http://127.0.0.1:{self.port}/upload/{file_id}",
        }
        assert error or int(str(form["length"])) > 0
        return await self._upload_answer(request, {"ok": False, "error": error} if error else good)

    async def take_upload(self, request: web.Request) -> web.StreamResponse:
        self.requests.append("upload")
        content = await request.read()
        self.uploads[request.match_info["file"]] = content
        return await self._upload_answer(request, f"OK - {len(content)}")

    async def complete_upload(self, request: web.Request) -> web.StreamResponse:
        self.requests.append("files.completeUploadExternal")
        form = dict(await request.post())
        error = self._refusal(request, "files:write")
        if not error:
            self.shared.append({key: str(value) for key, value in form.items()})
        files = json.loads(str(form["files"]))
        answer = {"ok": False, "error": error} if error else {"ok": True, "files": files}
        return await self._upload_answer(request, answer)

    async def refresh(self, request: web.Request) -> web.StreamResponse:
        self.requests.append("oauth.v2.access")
        form = {key: str(value) for key, value in (await request.post()).items()}
        told = self.refresh_answers.pop(0) if self.refresh_answers else None
        if isinstance(told, Answer):
            return _told(told)
        return await _answered(request, self._refreshed(form), told)

    def _refreshed(self, form: Mapping[str, str]) -> dict[str, Any]:
        app = self.apps.get(form.get("client_id", ""))
        if app is None:
            return {"ok": False, "error": "invalid_client_id"}
        if form.get("client_secret") != app.secret:
            return {"ok": False, "error": "bad_client_secret"}
        if form.get("grant_type") != "refresh_token":
            return {"ok": False, "error": "invalid_grant_type"}
        if not app.rotates:
            return {"ok": False, "error": "token_rotation_not_enabled"}
        if form.get("refresh_token") not in app.refresh_tokens:
            return {"ok": False, "error": "invalid_refresh_token"}
        app.made += 1
        token, refresh = f"xoxe.xoxb-1-rotated{app.made}", f"xoxe-1-refresh{app.made}"
        app.refresh_tokens = {refresh}
        self.tokens[token] = {"chat:write", "files:write"}
        return {
            "ok": True,
            "app_id": "A0KRD7HC3",
            "token_type": "bot",
            "access_token": token,
            "refresh_token": refresh,
            "expires_in": 43_200,
            "scope": "chat:write,files:write",
            "bot_user_id": "U0KRQLJ9H",
            "team": {"id": "T9TK3CUKW", "name": "Desk"},
        }

    async def auth_test(self, request: web.Request) -> web.StreamResponse:
        self.requests.append("auth.test")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.tests.append(token)
        error = self._refusal(request, "")
        good = {"ok": True, "team": "Desk", "user": "alerts", "team_id": "T9TK3CUKW", "bot_id": "B0"}
        return await _answered(request, {"ok": False, "error": error} if error else good, None)

    async def hook(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append("webhook")
        self.posts.append(body)
        told = self.answers.pop(0) if self.answers else None
        if isinstance(told, Answer):
            return _told(told)
        self.hooked.append(body)
        return await _answered(request, "ok", told)

    # --- its rules

    def _refusal(self, request: web.Request, scope: str) -> str:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token:
            return "not_authed"
        if token not in self.tokens:
            return "invalid_auth"
        return "missing_scope" if scope and scope not in self.tokens[token] else ""

    def _scopes(self, request: web.Request) -> dict[str, str]:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return {"X-OAuth-Scopes": ",".join(self.tokens.get(token, ()))} if self.tells_scopes else {}

    def _keep(self, body: dict[str, Any]) -> dict[str, Any]:
        number = body.get("client_msg_id")
        twin = next((each for each in self.messages if number and each["client_msg_id"] == number), None)
        if twin is None:
            # The seventh digit of the fraction would be lost in a float.
            stamp = f"1700000000.{len(self.messages):06d}"
            twin = {"ts": stamp, **body, "client_msg_id": number}
            self.messages.append(twin)
        return {"ok": True, "channel": CHANNEL_ID, "ts": twin["ts"], "message": {"text": body["text"]}}

    async def _upload_answer(self, request: web.Request, usual: Any) -> web.StreamResponse:
        told = self.upload_answers.pop(0) if self.upload_answers else None
        return _told(told) if isinstance(told, Answer) else await _answered(request, usual, told)


def _fault_of(body: Mapping[str, Any]) -> str:
    """Return what Slack finds wrong with a message, if anything."""
    if body["channel"] not in (CHANNEL, CHANNEL_ID):
        return "channel_not_found"
    blocks = body.get("blocks", [])
    texts = [text for block in blocks for text in _texts(block)]
    if not body.get("text") and not texts:
        return "no_text"
    if len(body.get("text", "")) > 40_000:
        return "msg_too_long"
    if len(blocks) > 50 or any(not text or len(text) > 3_000 for text in texts):
        return "invalid_blocks"
    if any(len(block["text"]["text"]) > 150 for block in blocks if block["type"] == "header"):
        return "invalid_blocks"
    if any(len(field["text"]) > 2_000 for block in blocks for field in block.get("fields", ())):
        return "invalid_blocks"
    if any(len(block.get("fields", ())) > 10 or len(block.get("elements", ())) > 10 for block in blocks):
        return "invalid_blocks"
    return "msg_blocks_too_long" if sum(map(len, texts)) > 13_200 else ""


def _texts(block: Mapping[str, Any]) -> list[str]:
    parts = [block["text"]] if "text" in block else []
    return [part["text"] for part in (*parts, *block.get("fields", ()), *block.get("elements", ()))]


def _told(answer: Answer) -> web.Response:
    text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    return web.Response(
        status=answer.status, text=text, content_type=answer.content_type, headers=dict(answer.headers)
    )


async def _answered(
    request: web.Request, answer: Any, fault: Fault | None, *, headers: Mapping[str, str] = _NONE
) -> web.StreamResponse:
    transport = request.transport
    assert transport is not None
    if fault is Fault.HANG:
        await asyncio.Event().wait()
    if fault is Fault.RESET:
        # Lingering for no time at all turns a close into a reset.
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if fault in (Fault.RESET, Fault.CLOSE):
        transport.abort()
        return web.Response()
    text = answer if isinstance(answer, str) else json.dumps(answer)
    kind = "text/plain" if isinstance(answer, str) else "application/json"
    if fault is Fault.HALF:
        half = web.StreamResponse(headers={"Content-Type": kind, "Content-Length": str(len(text))})
        await half.prepare(request)
        await half.write(text[: len(text) // 2].encode())
        transport.close()
        return half
    return web.Response(text=text, content_type=kind, headers=dict(headers))


@asynccontextmanager
async def slack_server(
    *answers: Answer | Fault | None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[SlackServer]:
    """Run a Slack; ``None`` among the answers is Slack's own."""
    server = SlackServer(answers=list(answers))
    app = web.Application()
    app.add_routes(
        [
            web.post("/api/chat.postMessage", server.post_message),
            web.post("/api/files.getUploadURLExternal", server.upload_url),
            web.post("/upload/{file}", server.take_upload),
            web.post("/api/files.completeUploadExternal", server.complete_upload),
            web.post("/api/oauth.v2.access", server.refresh),
            web.post("/api/auth.test", server.auth_test),
            web.post(HOOK_PATH, server.hook),
        ]
    )
    # Cancelled when the client leaves, as an answer that never comes must be.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()
