"""A local Schwab: token endpoint, REST answers and streamer, on a loopback port."""

from tradeassist_desktop.simulator.faults.switches import Faults, RestFault
from tradeassist_desktop.simulator.market import DemoMarket
from tradeassist_desktop.simulator.oauth import SignInRules
from tradeassist_desktop.simulator.playback import Playback, recorded_symbols
from tradeassist_desktop.simulator.server import Simulator
from tradeassist_desktop.simulator.source import Source
from tradeassist_desktop.simulator.streamer_rules import StreamerRules
from tradeassist_desktop.simulator.synthetic import SyntheticMarket

__all__ = [
    "DemoMarket",
    "Faults",
    "Playback",
    "RestFault",
    "SignInRules",
    "Simulator",
    "Source",
    "StreamerRules",
    "SyntheticMarket",
    "recorded_symbols",
]
