"""What one start was asked for, and the folder it claims."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tradeassist_desktop.domain.errors import TradeAssistError, UsageError
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.paths import Paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """The command line, read and checked.

    Args:
        feed: ``demo``, ``schwab`` or ``replay:FILE``; ``None`` leaves it to the settings.
        speed: Times real time, 0 as fast as possible; ``None`` the feed's own default.
        symbol: Of a replayed file that has no symbol column.
        record_file: Where the session is written down; ``None`` nowhere.
        overrides: ``KEY=VALUE`` settings of this run.
        environment: The process's environment.
        mask: Hides secrets in logs.
    """

    places: Paths
    feed: str | None
    speed: float | None
    symbol: str | None
    bar_label: Literal["start", "end"]
    rules_file: Path | None
    record_file: Path | None
    overrides: tuple[str, ...]
    environment: Mapping[str, str]
    is_dev: bool
    is_headless: bool
    mask: SecretMask

    def __post_init__(self) -> None:
        if self.record_file is not None and self.replay_file is not None:
            raise UsageError("--record: a replay is a recording already")
        if self.feed is None or self.feed in ("demo", "schwab"):
            return
        if self.replay_file is None:
            raise UsageError(f"--feed {self.feed}: expected demo, schwab or replay:FILE")
        if not self.replay_file.is_file():
            raise UsageError(f"--feed {self.feed}: there is no file {self.replay_file}")

    @property
    def replay_file(self) -> Path | None:
        """The file to replay, or ``None``."""
        if self.feed is None or not self.feed.startswith("replay:"):
            return None
        return Path(self.feed.removeprefix("replay:"))


def claim(launch: Launch) -> None:
    """Make the folders of this run.

    Raises:
        TradeAssistError: nothing can be written there.
    """
    places = launch.places
    try:
        for place in (places.data, places.config, places.logs):
            place.mkdir(parents=True, exist_ok=True)
        probe = places.data / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise TradeAssistError(
            f"nothing can be kept in {places.data} ({error.strerror}); choose another folder with --data-dir"
        ) from None
