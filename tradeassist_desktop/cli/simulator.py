"""``tradeassist simulator``: a local Schwab or Coinbase for the demo, for tests and for other clients."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from typing import Any, Protocol

from tradeassist_desktop.cli.rule_files import read_in_file
from tradeassist_desktop.cli.simulator_options import add_options, check_options
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import (
    DemoMarket,
    Playback,
    SignInRules,
    Simulator,
    Source,
    StreamerRules,
    SyntheticMarket,
    recorded_symbols,
)
from tradeassist_desktop.simulator.coinbase.kinds import COINBASE_FAULTS
from tradeassist_desktop.simulator.coinbase.market import CoinMarket
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator
from tradeassist_desktop.simulator.faults.kind import Kinds
from tradeassist_desktop.simulator.faults.kinds import FAULT_KINDS
from tradeassist_desktop.simulator.faults.scenario import Scenario, parse_scenario


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "simulator",
        help="a local Schwab or Coinbase on a loopback port",
        description="Print one line of JSON that says how to connect, then serve until SIGTERM.",
        allow_abbrev=False,
    )
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; return 0.

    Raises:
        UsageError: the options do not go together.
        BadInput: a recording or the scenario cannot be read.
        TradeAssistError: the port cannot be had.
    """
    check_options(arguments)
    if arguments.venue == "coinbase":
        asyncio.run(_serve(_coinbase(arguments)))
        return 0
    simulator = Simulator(
        source=_source(arguments),
        clock=SystemClock(),
        port=arguments.port,
        app_key=arguments.app_key,
        app_secret=arguments.app_secret,
        callback=arguments.callback,
        rules=StreamerRules(
            heartbeat_s=arguments.heartbeat,
            chart_delay_s=arguments.chart_delay,
            symbol_limit=arguments.symbol_limit,
            sends_kept=arguments.keep_sends,
        ),
        sign_in_rules=SignInRules(access_life_s=arguments.access_life, refresh_life_s=arguments.refresh_life),
        requests_per_minute=arguments.requests_per_minute,
        seed=arguments.seed,
        scenario=_scenario(arguments, FAULT_KINDS),
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
    return CoinbaseSimulator(
        source=source,
        clock=clock,
        port=arguments.port,
        seed=arguments.seed,
        scenario=_scenario(arguments, COINBASE_FAULTS),
    )


def _scenario(arguments: argparse.Namespace, kinds: Kinds) -> Scenario | None:
    if arguments.scenario is None:
        return None
    return read_in_file(arguments.scenario, lambda content: parse_scenario(content, kinds))


def _print_ready(simulator: _Served) -> None:
    try:
        print(json.dumps(simulator.ready_line()), flush=True)
    except BrokenPipeError:
        # Whoever started us reads no more; clients that know the port are served all the same.
        # The pipe is replaced, or the interpreter would complain of it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _source(arguments: argparse.Namespace) -> Source:
    if arguments.symbols is not None:
        rate = 100.0 * arguments.symbols if arguments.rate is None else arguments.rate
        return SyntheticMarket(clock=SystemClock(), symbols=arguments.symbols, rate=rate, seed=arguments.seed)
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
