"""A replay moved by lines on standard input, where there is no window to do it."""

import logging
from collections.abc import Callable
from typing import Final

from tradeassist_desktop.feeds.replay_control import ReplayControl
from tradeassist_desktop.recordings.alert_lines import utc_text
from tradeassist_desktop.recordings.times import TimeReader
from tradeassist_desktop.services.recordings.replaying import Replaying

log = logging.getLogger(__name__)

WORDS: Final = "pause, play, step, bar, speed N, seek TIME or where"
FASTEST: Final = 10_000.0

_PLAIN: Final[dict[str, Callable[[ReplayControl], None]]] = {
    "pause": ReplayControl.pause,
    "play": ReplayControl.resume,
    "step": ReplayControl.step,
    "bar": ReplayControl.step_bar,
    "where": lambda control: None,
}


class ReplayCommands:
    """Has lines obeyed by the present replay; what comes between two of them waits for the next."""

    def __init__(self) -> None:
        self._replay: Replaying | None = None
        self._waiting: list[str] = []

    def serve(self, replay: Replaying | None) -> None:
        """Move this replay from now on."""
        self._replay = replay
        waiting, self._waiting = self._waiting, []
        for line in waiting:
            self.take(line)

    def take(self, line: str) -> None:
        """Do what a line asks for."""
        if self._replay is None or self._replay.is_leaving:
            self._waiting.append(line)
        else:
            obey(line, self._replay)


def obey(line: str, replay: Replaying) -> None:
    """Do what a line asks for and log where the replay is; a line that asks for nothing known is logged."""
    word, _, rest = line.strip().partition(" ")
    if not word:
        return
    try:
        if word == "speed":
            replay.control.set_speed(_speed(rest))
        elif word == "seek":
            replay.seek(_time(rest))
        elif rest or word not in _PLAIN:
            raise ValueError(f"expected {WORDS}")
        else:
            _PLAIN[word](replay.control)
    except ValueError as error:
        log.warning("replay command refused", extra={"line": line.strip()[:80], "reason": str(error)})
        return
    state = replay.state
    log.info(
        "replay moved",
        extra={"at": utc_text(state.at_ns), "speed": state.speed, "is_paused": state.is_paused},
    )


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 <= speed <= FASTEST:
        raise ValueError(f"a speed is 0 to {FASTEST:g}, was {text}")
    return speed


def _time(text: str) -> int:
    event_ns = TimeReader().read(text.strip())
    if event_ns is None:
        raise ValueError(f"expected a time such as 2024-07-01T13:30:00Z, found {text[:40]!r}")
    return event_ns
