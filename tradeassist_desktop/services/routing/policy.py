"""The settings of routing, read once and made ready for the tick path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.durations import parse_duration
from tradeassist_desktop.domain.escalation import OFF, EscalationStep, parse_escalation
from tradeassist_desktop.domain.events import SettingChanged
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.engine.calendars.day_ranges import parse_day_range
from tradeassist_desktop.engine.calendars.stretches import Calendar
from tradeassist_desktop.runtime.bus import Bus

_PREFIXES: Final = ("notify.", "quiet.", "repeat.", "escalate.")


class QuietHours:
    """Hours of every day in which a channel is muted, by the clock on the wall of a time zone.

    Args:
        text: ``HH:MM-HH:MM zone``; over midnight if it ends before it begins.
    """

    def __init__(self, text: str) -> None:
        hours = parse_day_range(text)
        self._calendar = Calendar(hours=hours)
        self._zone = ZoneInfo(hours.zone)

    def end_ns(self, now_ns: int) -> int | None:
        """Return when they end; ``None`` if it is not quiet."""
        stretch = self._calendar.at(now_ns)
        return stretch.end_ns if stretch.is_open else None

    def time_text(self, at_ns: int) -> str:
        """Return what the clock on the wall shows: ``07:00``."""
        return f"{datetime.fromtimestamp(at_ns // NS_PER_SECOND, self._zone):%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the trader has set.

    Args:
        channels: Of alerts whose rule names none, by priority.
        quiet: By channel; only those that have quiet hours.
        escalation: By priority; likewise ``repeat_ns``, which holds only what is repeated.
        duplicate_ns: Within which the same is sent once; 0 is never.
        sends_replayed: Whether a replay's alerts may leave this machine.
    """

    channels: Mapping[Priority, tuple[str, ...]] = field(default_factory=dict)
    quiet: Mapping[str, QuietHours] = field(default_factory=dict)
    urgent_breaks_through: bool = True
    escalation: Mapping[Priority, tuple[EscalationStep, ...]] = field(default_factory=dict)
    repeat_ns: Mapping[Priority, int] = field(default_factory=dict)
    duplicate_ns: int = 0
    sends_replayed: bool = False

    def channels_of(self, priority: Priority, named: tuple[str, ...] | None) -> tuple[str, ...]:
        """Return where an alert goes, each channel once; ``named`` are those its rule names, if any."""
        return tuple(dict.fromkeys(self.channels.get(priority, ()) if named is None else named))


class SettingReader(Protocol):
    """The settings in force."""

    def flag(self, key: str) -> bool:
        """Return a yes/no setting."""
        ...

    def number(self, key: str) -> float:
        """Return a numeric setting."""
        ...

    def text(self, key: str) -> str:
        """Return a text setting."""
        ...

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list setting."""
        ...


def policy_of(settings: SettingReader) -> Policy:
    """Return what the settings come to."""
    quiet = {name: settings.text(f"quiet.{name}") for name in CHANNEL_NAMES}
    repeat = {priority: settings.text(f"repeat.{priority}") for priority in Priority}
    return Policy(
        channels={priority: settings.names(f"notify.{priority}") for priority in Priority},
        quiet={name: QuietHours(text) for name, text in quiet.items() if text != OFF},
        urgent_breaks_through=settings.flag("quiet.urgent_breaks_through"),
        escalation={
            priority: parse_escalation(settings.text(f"escalate.{priority}"), CHANNEL_NAMES)
            for priority in Priority
        },
        repeat_ns={priority: parse_duration(text) for priority, text in repeat.items() if text != OFF},
        duplicate_ns=round(settings.number("notify.duplicate_seconds") * NS_PER_SECOND),
        sends_replayed=settings.flag("notify.replayed"),
    )


class CurrentPolicy:
    """The policy in force: read anew after a setting it is made of has changed."""

    def __init__(self, *, settings: SettingReader) -> None:
        self._settings = settings
        self._policy: Policy | None = None

    def __call__(self) -> Policy:
        """Return it."""
        if self._policy is None:
            self._policy = policy_of(self._settings)
        return self._policy

    def follow(self, bus: Bus, on_changed: Callable[[], None]) -> Callable[[], None]:
        """Take notice of changes, and tell of them, until the result is called."""

        def on_setting(event: SettingChanged) -> None:
            if event.key.startswith(_PREFIXES):
                self._policy = None
                on_changed()

        return bus.subscribe(SettingChanged, on_setting)
