"""How patient we are with each service, by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.waits import Exponential
from tradeassist_desktop.runtime.breakers.windows import LastSeconds

PRESETS: Final[Mapping[str, BreakerConfig]] = MappingProxyType(
    {
        # A data service: bars and quotes can wait, and a venue that is down gets few questions.
        "schwab": BreakerConfig(failures=5, wait_s=Exponential(base_s=5.0), cap_s=120.0),
        "coinbase": BreakerConfig(failures=5, wait_s=Exponential(base_s=5.0), cap_s=120.0),
        # Alerts wait while one of these is open, so its waits stay short.
        "slack": BreakerConfig(
            failures=5,
            failure_rate=0.5,
            window=LastSeconds(120.0),
            wait_s=Exponential(base_s=30.0),
            cap_s=300.0,
        ),
        "smtp": BreakerConfig(failures=3, wait_s=Exponential(base_s=30.0), cap_s=600.0),
        "webhook": BreakerConfig(
            failures=5,
            failure_rate=0.5,
            window=LastSeconds(120.0),
            wait_s=Exponential(base_s=15.0),
            cap_s=300.0,
        ),
        # A cached secret serves meanwhile.
        "secret manager": BreakerConfig(failures=3, wait_s=Exponential(base_s=30.0), cap_s=600.0),
    }
)
"""``replace`` one's ``judge``, ``asked_s`` and ``failure_in`` by what its client's errors mean."""
