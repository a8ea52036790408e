"""What Schwab does not publish of its streamer, as settings."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import WSMsgType

FrameKind = Literal[WSMsgType.TEXT, WSMsgType.BINARY]
"""What a frame says of itself, whatever is in it."""


@dataclass(frozen=True, slots=True)
class StreamerRules:
    """What Schwab does not publish, as settings.

    Args:
        heartbeat_s: Seconds between heartbeats.
        idle_s: Seconds without a subscription after which a connection is dropped (code 30).
        symbol_limit: Keys of one service; more are discarded (code 19).
        slow_reader_s: Seconds a client may leave its socket full before it is dropped.
        answer_s: Seconds until a command is answered; one that comes meanwhile fails (codes 22 to 25).
        sends_kept: How many of the newest updates' sending times are kept, for benchmarks; 0 is none.
        chart_delay_s: Seconds of market time after a minute's end until its bar is sent.
    """

    heartbeat_s: float = 10.0
    idle_s: float = 30.0
    symbol_limit: int = 500
    slow_reader_s: float = 30.0
    answer_s: float = 0.002
    chart_delay_s: float = 5.0
    sends_kept: int = 0
