"""What one start was asked for, and the folder it claims."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from tradeassist_desktop.domain.errors import TradeAssistError, UsageError
from tradeassist_desktop.domain.recordings import FileSummary
from tradeassist_desktop.domain.replay import Opening, Raised
from tradeassist_desktop.domain.secret import KeptSecret
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.paths import Paths

LIVE_FEEDS: Final = ("demo", "schwab", "coinbase")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """The command line, read and checked.

    Args:
        feed: ``demo``, ``schwab``, ``coinbase``, several of them with commas, or ``replay:FILE``;
            ``None`` leaves it to the settings.
        speed: Times real time, 0 as fast as possible; ``None`` the feed's own default.
        symbol: Of a replayed file that has no symbol column.
        start_at_ns: Up to this event time a replay raises nothing and does not wait; it is begun anew.
            ``None`` takes up a replay that was cut off, where there is one.
        is_paused: A replay waits at its start.
        takes_commands: A replay without a window is moved by lines on standard input.
        earlier_alerts: As of ``Opening``, and so is ``summary``.
        record_file: Where the session is written down; ``None`` nowhere.
        overrides: ``KEY=VALUE`` settings of this run.
        environment: The process's environment; it may hold secrets.
        mask: Hides secrets in logs.
        own_secrets: Those that no keeper could keep; each desk of this run has them from the one before.
    """

    places: Paths
    feed: str | None
    speed: float | None
    symbol: str | None
    bar_label: Literal["start", "end"]
    rules_file: Path | None
    record_file: Path | None
    overrides: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    is_dev: bool
    is_headless: bool
    mask: SecretMask
    own_secrets: dict[str, KeptSecret] = field(default_factory=dict)
    start_at_ns: int | None = None
    is_paused: bool = False
    takes_commands: bool = False
    earlier_alerts: Mapping[str, Raised] = field(default_factory=dict)
    summary: FileSummary | None = None

    def __post_init__(self) -> None:
        if self.record_file is not None and self.replay_file is not None:
            raise UsageError("--record: a replay is a recording already")
        if self.replay_file is None and (
            self.start_at_ns is not None or self.is_paused or self.takes_commands
        ):
            raise UsageError("--start-at, --paused and --commands are for a replay: --feed replay:FILE")
        if self.feed is None:
            return
        if self.replay_file is None:
            check_feeds(self.feeds, f"--feed {self.feed}")
        elif not self.replay_file.is_file():
            raise UsageError(f"--feed {self.feed}: there is no file {self.replay_file}")

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feeds the command line names, the main one first; empty where it names none."""
        if self.feed is None or self.replay_file is not None:
            return ()
        return tuple(name.strip() for name in self.feed.split(","))

    @property
    def replay_file(self) -> Path | None:
        """The file to replay, or ``None``."""
        if self.feed is None or not self.feed.startswith("replay:"):
            return None
        return Path(self.feed.removeprefix("replay:"))

    def reopened(self, opening: Opening | None) -> "Launch":
        """Return the launch of a desk on that replay, or (``None``) on the live feed."""
        if opening is None:
            return replace(
                self,
                feed=None if self.replay_file is not None else self.feed,
                speed=None if self.replay_file is not None else self.speed,
                record_file=None,
                start_at_ns=None,
                is_paused=False,
                earlier_alerts={},
                summary=None,
            )
        return replace(
            self,
            feed=f"replay:{opening.file}",
            speed=opening.speed,
            symbol=opening.symbol,
            bar_label=opening.bar_label,
            record_file=None,
            start_at_ns=opening.start_at_ns,
            is_paused=opening.is_paused,
            earlier_alerts=opening.earlier_alerts,
            summary=opening.summary,
        )


def check_feeds(names: Sequence[str], place: str) -> None:
    """Refuse what cannot run side by side.

    Raises:
        UsageError: a name is none, comes twice, or two feeds bring the same symbols.
    """
    for name in names:
        if name.startswith("replay:"):
            raise UsageError(f"{place}: a replay goes alone, its time is not the present")
        if name not in LIVE_FEEDS:
            raise UsageError(
                f"{place}: expected {', '.join(LIVE_FEEDS)} or replay:FILE, found {name or 'nothing'}"
            )
    if len(set(names)) < len(names):
        raise UsageError(f"{place}: each feed once")
    if {"demo", "schwab"} <= set(names):
        raise UsageError(f"{place}: demo and schwab bring the same symbols, choose one of them")


def claim(launch: Launch) -> None:
    """Make the folders of this run, for this user alone where they are not there yet.

    Raises:
        TradeAssistError: nothing can be written there.
    """
    places = launch.places
    try:
        for place in (places.data, places.config, places.logs):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = places.data / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise TradeAssistError(
            f"nothing can be kept in {places.data} ({error.strerror}); choose another folder with --data-dir"
        ) from None
