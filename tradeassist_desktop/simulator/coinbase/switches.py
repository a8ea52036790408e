"""What the local Coinbase does wrong, for tests of clients."""

from dataclasses import dataclass, field

from tradeassist_desktop.simulator.faults.switches import RestFault


@dataclass(slots=True)
class CoinbaseFaults:
    """Switches read by the websocket and the REST answers; all off at first.

    Args:
        dropped_tickers: How many of the next tickers are swallowed; -1 is all. Heartbeats reveal it.
        dropped_product: Only of this product; of any if empty.
        is_closed: New connections are answered 503; those that are open stay.
        is_unreachable: Every request of any sort is cut off (RST), but for the control endpoint's.
        is_silent: Nothing is sent any more, heartbeats included, on open connections.
        is_without_data: Heartbeats and answers go on, tickers do not, not even snapshots.
        unacknowledged: Products left out of acknowledgements, and not streamed.
        unlisted: Products that are not valid for commands, though REST lists them.
        refusal: What the next command is answered with, as an error's reason.
        mute_commands: How many of the next commands are never answered.
        stamp_shift_ms: Added to the times of tickers; above 0 is the future.
        is_duplicating: Every ticker comes twice.
        is_swapping: Of every two tickers the second comes first.
        rest: What goes wrong with the next REST requests; the first that fits is taken.
    """

    dropped_tickers: int = 0
    dropped_product: str = ""
    is_closed: bool = False
    is_unreachable: bool = False
    is_silent: bool = False
    is_without_data: bool = False
    unacknowledged: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    refusal: str | None = None
    mute_commands: int = 0
    stamp_shift_ms: int = 0
    is_duplicating: bool = False
    is_swapping: bool = False
    rest: list[RestFault] = field(default_factory=list)

    def drops(self, product: str) -> bool:
        """Return whether the next ticker of a product is swallowed, and count it."""
        if not self.dropped_tickers or self.dropped_product not in ("", product):
            return False
        self.dropped_tickers -= 1 if self.dropped_tickers > 0 else 0
        return True
