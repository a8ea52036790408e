"""The simulator itself: one HTTP server on a loopback port with a market behind it."""

import asyncio
import contextlib
import logging
import secrets
from typing import Self

import msgspec
from aiohttp import web

from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.board import Board
from tradeassist_desktop.simulator.exchange import Exchange
from tradeassist_desktop.simulator.faults.acts import Desk
from tradeassist_desktop.simulator.faults.control import Control
from tradeassist_desktop.simulator.faults.cut import cut_off
from tradeassist_desktop.simulator.faults.kinds import FAULT_KINDS
from tradeassist_desktop.simulator.faults.mischief import Mischief
from tradeassist_desktop.simulator.faults.scenario import Scenario, play
from tradeassist_desktop.simulator.faults.switches import Faults
from tradeassist_desktop.simulator.listening import listen
from tradeassist_desktop.simulator.oauth import AppKeys, SignIn, SignInRules
from tradeassist_desktop.simulator.past.history import History
from tradeassist_desktop.simulator.rest import RestAnswers
from tradeassist_desktop.simulator.source import Source
from tradeassist_desktop.simulator.streamer import Streamer
from tradeassist_desktop.simulator.streamer_rules import StreamerRules

log = logging.getLogger(__name__)

DEFAULT_CALLBACK = "https://127.0.0.1:8182"


def new_app_key() -> str:
    """Return a random app key of Schwab's shape: an even number of characters."""
    return secrets.token_hex(16)


class Simulator:
    """A local Schwab. ``async with`` it, or ``start`` and ``stop``.

    ``mischief`` begins faults by name; ``faults``, ``exchange``, ``sign_in`` and ``streamer`` are
    the switches and acts behind the names.

    Args:
        port: 0 takes any free one; ``http_url`` says which.
        app_key: With ``app_secret`` and ``callback`` the one registered app.
        source: The market it plays.
        rules: Heartbeat, limits and time-outs of the streamer.
        sign_in_rules: How long codes and tokens are good.
        requests_per_minute: More REST requests are refused with 429; ``None`` is no limit.
        seed: The same seed, the same made-up past of price history.
        scenario: Faults by the clock, from ``start`` on.
    """

    def __init__(
        self,
        *,
        source: Source,
        clock: Clock,
        port: int = 0,
        app_key: str | None = None,
        app_secret: str | None = None,
        callback: str = DEFAULT_CALLBACK,
        rules: StreamerRules | None = None,
        sign_in_rules: SignInRules | None = None,
        requests_per_minute: int | None = None,
        seed: int = 7,
        scenario: Scenario | None = None,
    ) -> None:
        self._source = source
        self._port = port
        self._runner: web.AppRunner | None = None
        self._clock = clock
        self._scenario = scenario
        self._tasks: list[asyncio.Task[None]] = []
        board = Board(listings=source.listings)
        self.faults = Faults()
        keys = AppKeys(key=app_key or new_app_key(), secret=app_secret or new_app_key(), callback=callback)
        self.sign_in = SignIn(keys=keys, clock=clock, rules=sign_in_rules, faults=self.faults)
        self.streamer = Streamer(
            board=board,
            sign_in=self.sign_in,
            clock=clock,
            rules=rules or StreamerRules(),
            faults=self.faults,
        )
        history = History(board=board, seed=seed)
        self.exchange = Exchange(board=board, history=history, streamer=self.streamer)
        desk = Desk(faults=self.faults, streamer=self.streamer, exchange=self.exchange, sign_in=self.sign_in)
        self.mischief = Mischief(kinds=FAULT_KINDS, desk=desk, clock=clock)
        self.rest = RestAnswers(
            sign_in=self.sign_in,
            board=board,
            history=history,
            faults=self.faults,
            clock=clock,
            websocket_url=lambda: self.websocket_url,
            requests_per_minute=requests_per_minute,
        )

        self._control = Control(
            mischief=self.mischief, counts=self._counts, questions={"/control/sends": self._take_sends}
        )

    @property
    def http_url(self) -> str:
        """The base URL, without a slash at its end; known once started."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def websocket_url(self) -> str:
        """The streamer's URL; known once started."""
        return f"ws://127.0.0.1:{self._port}/ws"

    def ready_line(self) -> dict[str, str]:
        """Return what a client needs to know, as ``tradeassist simulator`` prints it."""
        keys = self.sign_in.keys
        return {
            "http": self.http_url,
            "ws": self.websocket_url,
            "app_key": keys.key,
            "app_secret": keys.secret,
            "callback": keys.callback,
            "authorization_code": self.sign_in.authorization_code,
            "refresh_token": self.sign_in.refresh_token,
            "control": f"{self.http_url}/control/faults",
            "control_token": self._control.token,
        }

    async def start(self) -> None:
        """Listen on 127.0.0.1 and open the market.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application(middlewares=[cut_off(lambda: self.faults.is_unreachable)])
        for part in (self.sign_in, self.rest, self.streamer, self._control):
            app.add_routes(part.routes())
        app.on_shutdown.append(self._on_shutdown)
        self._runner, self._port = await listen(app, self._port)
        self._tasks.append(asyncio.create_task(self._trade(), name="simulator market"))
        if self._scenario is not None:
            self._tasks.append(asyncio.create_task(self._play(self._scenario), name="simulator scenario"))

    async def stop(self) -> None:
        """Close every connection and end the market; nothing is left running."""
        while self._tasks:
            task = self._tasks.pop()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.mischief.end_all()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _trade(self) -> None:
        try:
            await self._source.run(self.exchange)
        except Exception:
            # The server goes on: what was subscribed stays, as at a halt.
            log.exception("simulated market stopped")

    def _counts(self) -> dict[str, int]:
        return {
            "connections": len(self.streamer.connections),
            "logins": self.streamer.logins,
            "rest_requests": self.rest.requests,
        }

    async def _take_sends(self, _: web.Request) -> web.StreamResponse:
        """Answer with the sending times kept since the last question: symbol, volume, monotonic ns."""
        sends = list(self.streamer.sends)
        self.streamer.sends.clear()
        return web.Response(body=msgspec.json.encode(sends), content_type="application/json")

    async def _play(self, scenario: Scenario) -> None:
        await play(
            scenario,
            mischief=self.mischief,
            clock=self._clock,
            first_subscription=lambda: self.streamer.wait_for_subscriber(frozenset(self._source.listings)),
            on_refused=lambda error: log.warning("scenario step refused: %s", error),
        )

    async def _on_shutdown(self, _: web.Application) -> None:
        # A half-open connection answers no closing word; it is cut.
        self.streamer.drop_frozen()
        await self.streamer.close_all()
