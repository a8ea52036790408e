"""Where market data comes from. A further feed is one file and one line in ``FEEDS``."""

from collections.abc import Mapping
from typing import Final

FEEDS: Final[Mapping[str, str]] = {
    "demo": "A made-up market on a Schwab simulator inside the program; no account needed.",
    "schwab": "Schwab's Trader API, with your own developer app and brokerage login.",
    "coinbase": "Coinbase Exchange: every trade of its coins (BTC-USD); no account needed.",
    "replay": "A recorded file: replay:FILE plays it at its own times.",
}
"""Every feed by the word the command line takes, with a sentence for help texts."""
