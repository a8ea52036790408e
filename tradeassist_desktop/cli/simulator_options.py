"""The options of ``tradeassist simulator``: what each is, and which go together."""

import argparse
from pathlib import Path
from typing import Any, Final

from tradeassist_desktop.domain.errors import UsageError
from tradeassist_desktop.simulator.coinbase.kinds import COINBASE_FAULTS
from tradeassist_desktop.simulator.faults.help import fault_help
from tradeassist_desktop.simulator.faults.kinds import FAULT_KINDS
from tradeassist_desktop.simulator.server import DEFAULT_CALLBACK
from tradeassist_desktop.simulator.synthetic import MOST_SYMBOLS

_HIGHEST_PORT: Final = 65535
_SHORTEST_PAIR: Final = 32
_FASTEST: Final = 1_000_000

_EPILOG: Final = """\
Faults. A scenario file says which go wrong when (at_s: seconds from the start, or from the first
subscription with "from": "subscription"):

  {{"format": "tradeassist-scenario", "version": 1, "steps": [
    {{"at_s": 10, "fault": "silence", "heartbeats": true, "for_s": 20}},
    {{"at_s": 60, "fault": "gap", "symbol": "AAPL", "percent": 3}}]}}

The same objects, without at_s, can be sent while it runs, with the two values of the ready line:

  curl -H "Authorization: Bearer $control_token" -d '{{"fault": "drop"}}' $control

GET shows which faults are on, POST begins one, DELETE ends all. A fault with (for_s) lasts so many
seconds, or until it is ended; of one kind only one is on at a time. The others are over at once.

With --venue schwab:

{schwab}

With --venue coinbase:

{coinbase}
"""


def add_options(parser: Any) -> None:
    """Add every option."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG.format(schwab=fault_help(FAULT_KINDS), coinbase=fault_help(COINBASE_FAULTS))
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
    _add_market(parser)
    _add_behaviour(parser)


def check_options(arguments: argparse.Namespace) -> None:
    """Raise ``UsageError`` where options do not go together or are out of range."""
    if not 0 <= arguments.port <= _HIGHEST_PORT:
        raise UsageError(f"--port must be 0 to {_HIGHEST_PORT}, was {arguments.port}")
    if not arguments.data and arguments.speed == 0:
        raise UsageError("--speed 0 needs a recording (--data); the demo market must have a pace")
    if not arguments.data and arguments.loop:
        raise UsageError("--loop needs a recording (--data); the demo market never ends")
    if arguments.rate is not None and (arguments.data or not 0 < arguments.rate <= _FASTEST):
        raise UsageError(f"--rate is for a made-up market, above 0 and at most {_FASTEST}")
    if arguments.symbols is not None and (arguments.data or not 1 <= arguments.symbols <= MOST_SYMBOLS):
        raise UsageError(f"--symbols is for a made-up market, 1 to {MOST_SYMBOLS}")
    if arguments.venue == "coinbase" and arguments.app_key is not None:
        raise UsageError("--app-key is Schwab's; Coinbase's market data needs no app")
    if arguments.venue == "coinbase" and arguments.symbols is not None:
        raise UsageError("--symbols is for --venue schwab")
    if (arguments.app_key is None) != (arguments.app_secret is None):
        raise UsageError("--app-key and --app-secret belong together: give both or neither")
    if arguments.app_key is not None:
        key, secret = arguments.app_key, arguments.app_secret
        if len(key) % 2 or len(secret) % 2 or len(key) + len(secret) < _SHORTEST_PAIR:
            raise UsageError(
                "--app-key and --app-secret must be of even length, together at least 32 characters"
            )


def _add_market(parser: Any) -> None:
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
        "--seed",
        type=int,
        default=7,
        metavar="N",
        help="which made-up market and past (default: %(default)s)",
    )
    parser.add_argument(
        "--rate", type=float, metavar="N", help="updates per second of the made-up market, in all"
    )
    parser.add_argument(
        "--symbols",
        type=int,
        metavar="N",
        help="instead of the demo, N plain instruments: S000, S001, S002, the future /S003, ...",
    )


def _add_behaviour(parser: Any) -> None:
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="faults by the clock; see below")
    for option, usual, words in (
        ("--access-life", 1800.0, "life of an access token"),
        ("--refresh-life", 604800.0, "life of a refresh token from the sign-in on"),
        ("--heartbeat", 10.0, "seconds between heartbeats"),
        ("--chart-delay", 5.0, "seconds after a minute until its bar is sent"),
    ):
        parser.add_argument(
            option, type=_seconds, default=usual, metavar="S", help=f"{words} (default: %(default)g)"
        )
    parser.add_argument(
        "--symbol-limit",
        type=_count,
        default=500,
        metavar="N",
        help="keys of one service (default: %(default)s)",
    )
    parser.add_argument(
        "--keep-sends",
        type=_count,
        default=0,
        metavar="N",
        help="keep when the newest N updates were sent, for GET /control/sends; none by default",
    )
    parser.add_argument(
        "--requests-per-minute",
        type=_count,
        metavar="N",
        help="more are refused with 429; no limit by default",
    )


def _speed(text: str) -> float:
    if text == "max":
        return 0.0
    speed = float(text)
    if not 0 <= speed <= _FASTEST:
        raise argparse.ArgumentTypeError(f"must be 0 to {_FASTEST}, or max, was {text}")
    return speed


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 1e9:  # thirty years
        raise argparse.ArgumentTypeError(f"must be seconds, above 0, was {text}")
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= _FASTEST:
        raise argparse.ArgumentTypeError(f"must be 1 to {_FASTEST}, was {text}")
    return count
