"""The local Coinbase's faults, by the names tests, scenario files and the control endpoint use."""

from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.simulator.coinbase import acts
from tradeassist_desktop.simulator.coinbase.acts import CoinbaseDesk
from tradeassist_desktop.simulator.coinbase.answers import REST_ERRORS
from tradeassist_desktop.simulator.coinbase.garbage import COINBASE_GARBAGE
from tradeassist_desktop.simulator.faults.garbage import WIRE_GARBAGE
from tradeassist_desktop.simulator.faults.kind import (
    CLOSE_CODE,
    HEARTBEATS,
    PERCENT,
    RESET,
    SHIFT_S,
    FaultKind,
    count,
    count_or_all,
    rest_error,
    symbol,
)
from tradeassist_desktop.simulator.faults.values import Parameter

COINBASE_FAULTS: Final[Mapping[str, FaultKind[CoinbaseDesk]]] = {
    "lost_tickers": FaultKind(
        "trades happen, their tickers do not come; heartbeats name them",
        acts.lost_tickers,
        acts.end_lost_tickers,
        (Parameter("symbol", str, "only of this product", ""), count_or_all()),
    ),
    "silence": FaultKind(
        "no tickers, not even at a subscription; heartbeats and answers only if asked",
        acts.silence,
        acts.end_silence,
        (HEARTBEATS,),
    ),
    "half_open": FaultKind(
        "open connections neither read nor write, and do not end; cut when the fault ends",
        acts.half_open,
        acts.end_half_open,
    ),
    "outage": FaultKind(
        "connections are cut, and every request of any sort too", acts.outage, acts.end_outage
    ),
    "maintenance": FaultKind("new connections are answered 503; open ones stay", *acts.switch("is_closed")),
    "invalid_product": FaultKind(
        "commands that name a product are refused whole: it is not valid",
        *acts.refused_products("unlisted"),
        (symbol("which"),),
        sort="symbol",
    ),
    "left_out_product": FaultKind(
        "a product is left out of acknowledgements and not streamed, without an error",
        *acts.refused_products("unacknowledged"),
        (symbol("which"),),
        sort="symbol",
    ),
    "wrong_stamps": FaultKind(
        "times of tickers are wrong", acts.wrong_stamps, acts.end_wrong_stamps, (SHIFT_S,)
    ),
    "duplicate_frames": FaultKind("every ticker comes twice", *acts.switch("is_duplicating")),
    "swapped_frames": FaultKind("of every two tickers the second comes first", *acts.switch("is_swapping")),
    "rest_error": FaultKind(
        "REST requests are answered wrongly or late",
        acts.rest_error,
        acts.end_rest_error,
        rest_error(tuple(REST_ERRORS)),
        sort="error",
    ),
    "refused_command": FaultKind(
        "the next command is answered with an error and does nothing",
        acts.refused_command,
        parameters=(Parameter("reason", str, "why", "too many requests"),),
    ),
    "mute_commands": FaultKind(
        "the next commands are not answered", acts.mute_commands, parameters=(count(),)
    ),
    "error": FaultKind(
        "an error message that answers nothing",
        acts.error,
        parameters=(Parameter("message", str, "what it says", "Internal error"),),
    ),
    "close": FaultKind("connections are closed with a closing word", acts.close, parameters=(CLOSE_CODE,)),
    "drop": FaultKind("connections are cut without a word", acts.drop, parameters=(RESET,)),
    "garbage": FaultKind(
        "a frame that is wrong",
        acts.garbage,
        parameters=(
            Parameter("kind", str, "in which way", choices=(*COINBASE_GARBAGE, *WIRE_GARBAGE)),
            count(),
        ),
    ),
    "burst": FaultKind("many trades at once", acts.burst, parameters=(symbol(), count(1000))),
    "bad_print": FaultKind(
        "one trade far off, then one back", acts.bad_print, parameters=(symbol(), PERCENT)
    ),
    "gap": FaultKind(
        "the price jumps and stays; the quote follows", acts.gap, parameters=(symbol(), PERCENT)
    ),
}
"""By the name they are asked for with."""
