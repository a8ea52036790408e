"""What the channels of these tests are made of: real settings, given secrets, a real clock."""

import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tradeassist_desktop.channels.kind import ChannelContext
from tradeassist_desktop.channels.tls import usual_tls
from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.clock import Clock, SystemClock
from tradeassist_desktop.services.settings import Settings

EVENT_NS = 1_767_225_600_123_000_000  # 2026-01-01 00:00:00.123 UTC


@dataclass
class ChannelDesk:
    """``context`` builds channels; ``secrets`` and ``settings`` may change at any time."""

    folder: Path
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    tls: Callable[[], ssl.SSLContext] = usual_tls
    clock: Clock = field(default_factory=SystemClock)
    is_dev: bool = False

    def __post_init__(self) -> None:
        self.masked: set[str] = set()
        self.settings = Settings(
            file=self.folder / "settings.json",
            overrides=tuple(f"{key}={value}" for key, value in self.given.items()),
            is_dev=self.is_dev,
        )

    @property
    def context(self) -> ChannelContext:
        async def read_secret(name: str) -> Mapping[str, str] | None:
            return self.secrets.get(name)

        def mask(texts: Iterable[str]) -> None:
            self.masked.update(texts)

        return ChannelContext(
            settings=self.settings,
            read_secret=read_secret,
            clock=self.clock,
            mask=mask,
            is_dev=self.is_dev,
            tls=self.tls,
        )


def lines_to(port: int) -> int:
    """How many connections to a port of this machine this process has open."""
    return sum(
        connection.raddr != () and connection.raddr.port == port and connection.status == "ESTABLISHED"
        for connection in psutil.Process().net_connections("tcp")
    )


def message(**changes: Any) -> Message:
    values: dict[str, Any] = {
        "alert_id": "alert-1",
        "rule_uid": "rule-0",
        "rule_name": "Opening drive",
        "title": "/ES: Opening drive",
        "body": "/ES last 5530.25 crosses above 5530",
        "symbol": "/ES",
        "priority": Priority.NORMAL,
        "status": AlertStatus.FIRED,
        "event_ns": EVENT_NS,
        "value": 5530.25,
        "condition": "last crosses above 5530",
        "tags": ("opening",),
        "idempotency_key": "alert-1-email-0",
    }
    return Message(**{**values, **changes})
