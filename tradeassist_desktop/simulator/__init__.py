"""A local Schwab: token endpoint, REST answers and streamer, on a loopback port."""

from tradeassist_desktop.simulator.connection import StreamerRules
from tradeassist_desktop.simulator.market import DemoMarket
from tradeassist_desktop.simulator.playback import Playback, recorded_symbols
from tradeassist_desktop.simulator.server import Simulator
from tradeassist_desktop.simulator.source import Source

__all__ = ["DemoMarket", "Playback", "Simulator", "Source", "StreamerRules", "recorded_symbols"]
