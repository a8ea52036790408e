"""``tradeassist simulator``: a local Schwab for the demo, for tests and for other clients."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, Final, Protocol

from tradeassist_desktop.domain.errors import TradeAssistError, UsageError
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Playback, Simulator, Source, recorded_symbols
from tradeassist_desktop.simulator.coinbase import CoinbaseSimulator
from tradeassist_desktop.simulator.coinbase_market import CoinMarket
from tradeassist_desktop.simulator.server import DEFAULT_CALLBACK

_HIGHEST_PORT: Final = 65535
_SHORTEST_PAIR: Final = 32


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "simulator",
        help="a local Schwab: sign-in, quotes and streamer on a loopback port",
        description="Print one line of JSON that says how to connect, then serve until SIGTERM.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--venue",
        choices=("schwab", "coinbase"),
        default="schwab",
        help="whom to stand in for (default: %(default)s); coinbase has made-up coins and no sign-in",
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="port on 127.0.0.1; any free one by default"
    )
    parser.add_argument("--app-key", metavar="K", help="app key clients must have; made up by default")
    parser.add_argument("--app-secret", metavar="S", help="app secret clients must have; made up by default")
    parser.add_argument(
        "--callback",
        default=DEFAULT_CALLBACK,
        metavar="URL",
        help="registered callback (default: %(default)s)",
    )
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="play this recording (CSV, CSV.gz or Parquet; may be given more than once)",
    )
    parser.add_argument("--symbol", metavar="S", help="symbol of recordings that name none")
    parser.add_argument(
        "--bar-label", choices=("start", "end"), default="start", help="what a bar's time means"
    )
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="times as fast; 0 or max plays a recording as fast as the client reads",
    )
    parser.add_argument(
        "--loop", action="store_true", help="begin the recording anew at its end, time going on"
    )
    parser.add_argument(
        "--seed", type=int, default=7, metavar="N", help="which demo market (default: %(default)s)"
    )
    parser.add_argument(
        "--rate", type=float, metavar="N", help="updates per second of the demo market, in all"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; return 0.

    Raises:
        UsageError: the options do not go together.
        BadInput: a recording cannot be read.
        TradeAssistError: the port cannot be had.
    """
    _check(arguments)
    if arguments.venue == "coinbase":
        asyncio.run(_serve(_coinbase(arguments)))
        return 0
    source = _source(arguments)
    simulator = Simulator(
        source=source,
        clock=SystemClock(),
        port=arguments.port,
        app_key=arguments.app_key,
        app_secret=arguments.app_secret,
        callback=arguments.callback,
    )
    asyncio.run(_serve(simulator))
    return 0


class _Served(Protocol):
    """A local venue."""

    @property
    def http_url(self) -> str: ...

    def ready_line(self) -> dict[str, str]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


async def _serve(simulator: _Served) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows' loop has no signal handlers; there Ctrl-C raises, and stopping follows all the same.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    try:
        await simulator.start()
    except OSError as error:
        raise TradeAssistError(
            f"The simulator cannot listen on {simulator.http_url}: {error.strerror}."
        ) from None
    try:
        _print_ready(simulator)
        await stop.wait()
    finally:
        await simulator.stop()


def _coinbase(arguments: argparse.Namespace) -> CoinbaseSimulator:
    clock = SystemClock()
    market = CoinMarket(clock=clock, seed=arguments.seed, speed=arguments.speed, rate=arguments.rate)
    source = _source(arguments) if arguments.data else market
    return CoinbaseSimulator(source=source, clock=clock, port=arguments.port, seed=arguments.seed)


def _print_ready(simulator: _Served) -> None:
    try:
        print(json.dumps(simulator.ready_line()), flush=True)
    except BrokenPipeError:
        # Whoever started us reads no more; clients that know the port are served all the same.
        # The pipe is replaced, or the interpreter would complain of it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _source(arguments: argparse.Namespace) -> Source:
    if not arguments.data:
        return DemoMarket(
            clock=SystemClock(), seed=arguments.seed, speed=arguments.speed, rate=arguments.rate
        )
    return Playback(
        paths=arguments.data,
        symbols=recorded_symbols(arguments.data, symbol=arguments.symbol, bar_label=arguments.bar_label),
        clock=SystemClock(),
        symbol=arguments.symbol,
        bar_label=arguments.bar_label,
        speed=arguments.speed,
        is_looping=arguments.loop,
    )


def _check(arguments: argparse.Namespace) -> None:
    if not 0 <= arguments.port <= _HIGHEST_PORT:
        raise UsageError(f"--port must be 0 to {_HIGHEST_PORT}, was {arguments.port}")
    if not arguments.data and arguments.speed == 0:
        raise UsageError("--speed 0 needs a recording (--data); the demo market must have a pace")
    if not arguments.data and arguments.loop:
        raise UsageError("--loop needs a recording (--data); the demo market never ends")
    if arguments.rate is not None and (arguments.data or not 0 < arguments.rate <= 1_000_000):
        raise UsageError("--rate is for the demo market, above 0 and at most 1000000")
    if arguments.venue == "coinbase" and arguments.app_key is not None:
        raise UsageError("--app-key is Schwab's; Coinbase's market data needs no app")
    if (arguments.app_key is None) != (arguments.app_secret is None):
        raise UsageError("--app-key and --app-secret belong together: give both or neither")
    if arguments.app_key is not None:
        key, secret = arguments.app_key, arguments.app_secret
        if len(key) % 2 or len(secret) % 2 or len(key) + len(secret) < _SHORTEST_PAIR:
            raise UsageError(
                "--app-key and --app-secret must be of even length, together at least 32 characters"
            )


def _speed(text: str) -> float:
    if text == "max":
        return 0.0
    speed = float(text)
    if not 0 <= speed <= 1_000_000:
        raise argparse.ArgumentTypeError(f"must be 0 to 1000000, or max, was {text}")
    return speed
